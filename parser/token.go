package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// Kinds of token. There is one kind for words: which of them are keywords is
// decided by where they stand.
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
	tokBad      = lexer.TokenType(-10) // a lexical error, already reported: the tree is not lost
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

// token is what the scanner makes: a kind and where the text stands.
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

// has says whether the token is a bare word of the set. The set is one string
// with a blank around each word: no map, and nothing to build at start.
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
	// The words that begin a statement of a block: after > they end the block.
	blockHeads words = " ATOMIC CALL COPY COUNT CREATE DELETE ENSURE EXISTS EXPIRE FIND FOR GET IF LET PERSIST PUT RETURN UPDATE "
	// The words that begin any other statement.
	otherHeads words = " MODEL ALTER DROP SHOW VERIFY EXPLAIN PROFILE PROCEDURE IMPORT EXPORT DOWN "
	allHeads         = blockHeads + otherHeads
	// Word operators: a name before one of them is a value.
	operatorWords words = " AND OR NOT IN IS BETWEEN CONTAINS STARTS ENDS LIKE MATCHES SEARCH "
	// What may follow an expression.
	followWords = operatorWords + " THEN DO ELSE END AS ASC DESC GROUP HAVING FETCH RETURN ORDER LIMIT OFFSET AFTER SET SKIP ON TTL TIMES WHERE TO AT "
	// The words that begin a clause.
	clauseWords words = " NEAREST WHERE GROUP HAVING FETCH RETURN ORDER LIMIT OFFSET AFTER SET SKIP ON TTL TIMES "
	// The words that begin an option behind a model.
	optionWords words = " TTL STORED INDEXED KEYS WRITERS PARTITION "
	// The only words that are never names.
	reservedWords words = " NOT NULL TRUE FALSE "
	queryHeads    words = " FIND GET COUNT EXISTS "
	// The statements whose result LET can name.
	valueHeads words = " GET FIND COUNT EXISTS CREATE PUT UPDATE DELETE COPY CALL ATOMIC "
)
