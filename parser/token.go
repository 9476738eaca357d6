package parser

import (
	"strings"
	"sync"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

// Token kinds. Words have a single kind: whether one is a keyword depends on
// where it is.
const (
	tokEOF      = lexer.EOF
	tokWord     = lexer.TokenType(-2)
	tokQuoted   = lexer.TokenType(-3) // @name: never a keyword
	tokParam    = lexer.TokenType(-4)
	tokString   = lexer.TokenType(-5)
	tokInt      = lexer.TokenType(-6)
	tokFloat    = lexer.TokenType(-7)
	tokDuration = lexer.TokenType(-8)
	tokSign     = lexer.TokenType(-9)
	tokBad      = lexer.TokenType(-10) // a lexical error that has been reported; the tree is still built
	tokOpen     = lexer.TokenType(-11) // the < that begins an ATOMIC block
	tokClose    = lexer.TokenType(-12) // the > that ends it
)

func tokenNames() map[string]lexer.TokenType {
	return map[string]lexer.TokenType{
		"EOF": tokEOF, "Word": tokWord, "Quoted": tokQuoted, "Param": tokParam, "String": tokString,
		"Int": tokInt, "Float": tokFloat, "Duration": tokDuration, "Sign": tokSign, "Bad": tokBad,
		"Open": tokOpen, "Close": tokClose,
	}
}

// token is a token of the scanner: its kind and its position in the text.
type token struct {
	kind       lexer.TokenType
	start, end int
	line       int // of its first byte, from 1
	ord        int // ordinal among the literals of the text, or -1
}

func is(t *lexer.Token, word string) bool {
	return t.Type == tokWord && strings.EqualFold(t.Value, word)
}

func isSign(t *lexer.Token, sign string) bool { return t.Type == tokSign && t.Value == sign }

func isName(t *lexer.Token) bool { return t.Type == tokWord || t.Type == tokQuoted }

func endOf(t *lexer.Token) int { return t.Pos.Offset + len(t.Value) }

// words is a set of keywords, in capitals.
type words string

// has reports whether the token is an unquoted word of the set. The set is one
// string with a blank around each word, so there is no map to build at startup.
func (w words) has(t *lexer.Token) bool { return t.Type == tokWord && w.hasText(t.Value) }

func (w words) hasText(s string) bool {
	const longest = 10
	if len(s) == 0 || len(s) > longest {
		return false
	}
	var b [longest + 2]byte
	b[0] = ' '
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		b[i+1] = c
	}
	b[len(s)+1] = ' '
	return strings.Contains(string(w), string(b[:len(s)+2]))
}

func (w words) list() []string { return strings.Fields(string(w)) }

const (
	operatorWords  words = lang.OperatorWords
	optionWords    words = lang.OptionWords
	attributeWords words = lang.AttributeWords
	reservedWords  words = lang.ReservedWords
)

// keywords are the keyword sets derived from the table of statements.
type keywords struct {
	blockHeads words // begin a statement of a block: after > they end the block
	otherHeads words // begin any other statement
	allHeads   words
	queries    words // begin a query
	values     words // begin a statement whose result LET can name
	targets    words // begin a statement that needs a target
	unshaped   words // begin a statement whose literals are part of a definition
	clauses    words // begin a clause
	follow     words // may follow an expression
	order      map[string][]lang.Clause
}

// heads builds the keyword sets when the first statement is parsed.
var heads = sync.OnceValue(func() *keywords {
	k := &keywords{clauses: " ", order: map[string][]lang.Clause{}}
	rows := lang.Statements()
	of := func(has func(*lang.Statement) bool) words {
		w := " "
		for i := range rows {
			if has(&rows[i]) {
				w += rows[i].Head + " "
			}
		}
		return words(w)
	}
	inBlock := func(s *lang.Statement) bool { return s.Is(lang.InBlock) || s.Head == "ATOMIC" }
	k.blockHeads = of(inBlock)
	k.otherHeads = of(func(s *lang.Statement) bool { return !inBlock(s) })
	k.allHeads = k.blockHeads + k.otherHeads
	k.queries = of(func(s *lang.Statement) bool { return s.Class == lang.Reads })
	k.values = of(func(s *lang.Statement) bool { return s.Value })
	k.targets = of(func(s *lang.Statement) bool { return s.Target })
	k.unshaped = of(func(s *lang.Statement) bool { return s.Definition })
	for _, s := range rows {
		k.order[s.Head] = s.Clauses
		for _, c := range s.Clauses {
			if w := c.Head(); (!c.Flag || c.Follow() != "") && w != "ELSE" && !k.clauses.hasText(w) {
				k.clauses += words(w + " ")
			}
		}
	}
	k.follow = operatorWords + " THEN DO ELSE END AS ASC DESC TO " + k.clauses
	return k
})
