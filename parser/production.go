package parser

import (
	"errors"
	"strings"
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

// grammars has one field for each production, so that one participle parser
// covers them all.
type grammars struct {
	Get     *getGrammar     `parser:"  @@"`
	Find    *findGrammar    `parser:"| @@"`
	Count   *countGrammar   `parser:"| @@"`
	Exists  *existsGrammar  `parser:"| @@"`
	Create  *createGrammar  `parser:"| @@"`
	Put     *putGrammar     `parser:"| @@"`
	Restore *restoreGrammar `parser:"| @@"`
	Update  *updateGrammar  `parser:"| @@"`
	Delete  *deleteGrammar  `parser:"| @@"`
	Copy    *copyGrammar    `parser:"| @@"`
	Expire  *expireGrammar  `parser:"| @@"`
	Persist *persistGrammar `parser:"| @@"`
	Call    *callGrammar    `parser:"| @@"`
	Import  *importGrammar  `parser:"| @@"`
	Export  *exportGrammar  `parser:"| @@"`
	Include *includeGrammar `parser:"| @@"`
	Print   *printGrammar   `parser:"| @@"`
	Model   *modelGrammar   `parser:"| @@"`
	Alter   *alterGrammar   `parser:"| @@"`
	Drop    *dropGrammar    `parser:"| @@"`
	Verify  *verifyGrammar  `parser:"| @@"`
	Adopt   *adoptGrammar   `parser:"| @@"`
	Show    *showGrammar    `parser:"| @@"`
}

// production reads one statement by its grammar.
type production func(*lexer.PeekingLexer) (lang.Stmt, error)

// lowers is a grammar that converts to a statement.
type lowers[T any] interface {
	*T
	lower(lang.Span) lang.Stmt
}

// productionOf returns the production for a statement's first word, which must
// be in capitals; nil if the statement is parsed by hand.
func productionOf(word string) production { return allProductions()[word] }

// The participle parser is built once, when the first statement is parsed.
//
// Lookahead is 0: a clause is chosen by its first token, and a fault after that
// is reported where it is instead of the clause being skipped.
var allProductions = sync.OnceValue(func() map[string]production {
	root := participle.MustBuild[grammars](
		participle.Lexer(definition{}), participle.CaseInsensitive("Word"), participle.UseLookahead(0))
	return map[string]production{
		"GET": rule[getGrammar](root), "FIND": rule[findGrammar](root), "COUNT": rule[countGrammar](root),
		"EXISTS": rule[existsGrammar](root), "CREATE": rule[createGrammar](root), "PUT": rule[putGrammar](root),
		"RESTORE": rule[restoreGrammar](root),
		"UPDATE":  rule[updateGrammar](root), "DELETE": rule[deleteGrammar](root), "COPY": rule[copyGrammar](root),
		"EXPIRE": rule[expireGrammar](root), "PERSIST": rule[persistGrammar](root), "CALL": rule[callGrammar](root),
		"IMPORT": rule[importGrammar](root), "EXPORT": rule[exportGrammar](root),
		"INCLUDE": rule[includeGrammar](root), "PRINT": rule[printGrammar](root), "MODEL": rule[modelGrammar](root),
		"ALTER": rule[alterGrammar](root), "DROP": rule[dropGrammar](root), "VERIFY": rule[verifyGrammar](root),
		"SHOW": rule[showGrammar](root), "ADOPT": rule[adoptGrammar](root),
	}
})

func rule[T any, P lowers[T]](root *participle.Parser[grammars]) production {
	p, err := participle.ParserForProduction[T](root)
	if err != nil {
		panic(err) // a production is missing from grammars: no text can cause it
	}
	return func(l *lexer.PeekingLexer) (lang.Stmt, error) {
		start := l.Peek().Pos.Offset
		g, err := p.ParseFromLexer(l, participle.AllowTrailing(true))
		c := cursor{PeekingLexer: l}
		if err != nil {
			return nil, clauseError(&c, err)
		}
		if m, ok := any(g).(interface{ optionTwice() error }); ok {
			if err := m.optionTwice(); err != nil {
				return nil, err
			}
		}
		return P(g).lower(c.from(start)), nil
	}
}

// optionTwice is the error for an option given twice after a model.
func (g *modelGrammar) optionTwice() error {
	words := make([]*lexer.Token, len(g.Options))
	for i := range g.Options {
		words[i] = &g.Options[i].Tokens[0]
	}
	return wordTwice(words)
}

// optionTwice is the error for ON CONFLICT or ON ERROR given twice.
func (g *importGrammar) optionTwice() error {
	words := make([]*lexer.Token, len(g.Ons))
	for i := range g.Ons {
		words[i] = &g.Ons[i].Tokens[1]
	}
	return wordTwice(words)
}

// word returns CONFLICT or ERROR.
func (g *importOn) word() string { return strings.ToUpper(g.Tokens[1].Value) }

// wordTwice is the error for the first word that occurs a second time, or nil.
func wordTwice(words []*lexer.Token) error {
	seen := map[string]bool{}
	for _, t := range words {
		word := strings.ToUpper(t.Value)
		if seen[word] {
			return fail(t, givenTwice(t, word))
		}
		seen[word] = true
	}
	return nil
}

// clauseError converts the error of a production: errors of hand-written rules
// are returned unchanged; participle's own, which print complete productions,
// are reworded.
func clauseError(c *cursor, err error) error {
	var pe *parseError
	if errors.As(err, &pe) {
		return pe
	}
	prev := c.prev()
	want := "another word"
	if prev != nil {
		want = wantedAfter(prev, err.Error())
	}
	return unexpected(c.Peek(), prev, want)
}
