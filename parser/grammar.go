package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

// The hand-written rules of the participle grammar.
type (
	name    struct{ lang.Ident }
	expr    struct{ X lang.Expr }
	operand struct{ X lang.Expr }
	key     struct{ X lang.Expr }
	object  struct{ X *lang.Object }
	path    struct{ P lang.Path }
	fetch   struct{ F lang.Fetch }
	item    struct{ lang.Item }
	items   struct{ lang.Returns }
	order   struct{ lang.Order }
	set     struct{ lang.Set }
	args    struct{ Xs []lang.Expr }
	near    struct{ lang.Near }
	file    struct{ X lang.Expr }
	with    struct{ lang.With }
)

// Parse reads a name; the word before it says what is named.
func (g *name) Parse(l *lexer.PeekingLexer) (err error) {
	c := cursor{PeekingLexer: l}
	g.Ident, err = c.name(nameAfter(c.prev()))
	return err
}

func nameAfter(prev *lexer.Token) string {
	switch {
	case prev == nil:
		return "a name"
	case is(prev, "CALL"), is(prev, "PROCEDURE"):
		return "a procedure"
	case is(prev, "AS"), is(prev, "TO"):
		return "a name"
	case is(prev, "FIELD"), is(prev, "BY"):
		return "a field"
	}
	return "a model"
}

// Parse reads the name of a file: a string or a parameter.
func (g *file) Parse(l *lexer.PeekingLexer) (err error) {
	c := cursor{PeekingLexer: l}
	t := c.Peek()
	if t.Type != tokString && t.Type != tokParam {
		return unexpected(t, c.prev(), "a string")
	}
	if g.X = literal(t); g.X == nil {
		g.X = &lang.Param{Sp: spanOf(t), Name: t.Value[1:]}
	}
	c.Next()
	return nil
}

// Parse reads an option of WITH: its name, and a literal.
func (g *with) Parse(l *lexer.PeekingLexer) (err error) {
	c := cursor{PeekingLexer: l}
	t := c.Peek()
	if t.Type != tokWord {
		return unexpected(t, c.prev(), "an option")
	}
	g.Name = lang.Ident{Name: t.Value, Sp: spanOf(t)}
	c.Next()
	t = c.Peek()
	if g.Value = literal(t); g.Value == nil {
		return unexpected(t, c.prev(), "its value")
	}
	c.Next()
	return nil
}

// Parse reads an expression.
func (g *expr) Parse(l *lexer.PeekingLexer) (err error) {
	c := cursor{PeekingLexer: l}
	g.X, err = c.expr()
	return err
}

// Parse reads one operand, with an optional minus.
func (g *operand) Parse(l *lexer.PeekingLexer) (err error) {
	c := cursor{PeekingLexer: l}
	g.X, err = c.signed()
	return err
}

// Parse reads the key of a document.
func (g *key) Parse(l *lexer.PeekingLexer) (err error) {
	c := cursor{PeekingLexer: l}
	g.X, err = c.key()
	return err
}

// Parse reads { name: value, … }.
func (g *object) Parse(l *lexer.PeekingLexer) (err error) {
	c := cursor{PeekingLexer: l}
	g.X, err = c.object()
	return err
}

// Parse reads name.name…
func (g *path) Parse(l *lexer.PeekingLexer) (err error) {
	c := cursor{PeekingLexer: l}
	g.P, err = c.path()
	return err
}

// Parse reads a path of FETCH, and the clauses in parentheses after it.
func (g *fetch) Parse(l *lexer.PeekingLexer) (err error) {
	c := cursor{PeekingLexer: l}
	g.F, err = c.fetch()
	return err
}

// Parse reads what follows NEAREST: k, an optional field, TO and an operand.
func (g *near) Parse(l *lexer.PeekingLexer) (err error) {
	c := cursor{PeekingLexer: l, plain: true}
	start := c.prev().Pos.Offset
	if g.K, err = c.signed(); err != nil {
		return err
	}
	c.plain = false
	if !is(c.Peek(), "TO") {
		if g.Field, err = c.path(); err != nil {
			return err
		}
	}
	if !c.take("TO") {
		return unexpected(c.Peek(), c.prev(), "TO")
	}
	g.To, err = c.signed()
	g.Sp = c.from(start)
	return err
}

// value returns the clause; nil stays nil.
func (g *near) value() *lang.Near {
	if g == nil {
		return nil
	}
	return &g.Near
}

// Parse reads (a, b).
func (g *args) Parse(l *lexer.PeekingLexer) error {
	c := cursor{PeekingLexer: l}
	x, err := c.list("(", ")", true)
	if err != nil {
		return err
	}
	g.Xs = x.Items
	return nil
}

// Parse reads * or an expression with an optional AS.
func (g *item) Parse(l *lexer.PeekingLexer) (err error) {
	c := cursor{PeekingLexer: l}
	g.Item, err = c.item()
	return err
}

// Parse reads the items of RETURN.
func (g *items) Parse(l *lexer.PeekingLexer) (err error) {
	c := cursor{PeekingLexer: l}
	g.Returns, err = c.returns()
	return err
}

// Parse reads one term of ORDER BY.
func (g *order) Parse(l *lexer.PeekingLexer) (err error) {
	c := cursor{PeekingLexer: l}
	g.Order, err = c.order()
	return err
}

// Parse reads one item of SET.
func (g *set) Parse(l *lexer.PeekingLexer) (err error) {
	c := cursor{PeekingLexer: l}
	g.Set, err = c.set()
	return err
}

func (c *cursor) item() (it lang.Item, err error) {
	start := c.start()
	if c.takeSign("*") {
		it.Star = true
	} else if it.X, err = c.expr(); err != nil {
		return it, err
	} else if c.take("AS") {
		if it.As, err = c.name("a name"); err != nil {
			return it, err
		}
	}
	it.Sp = c.from(start)
	return it, nil
}

func (c *cursor) returns() (r lang.Returns, err error) {
	start := c.start()
	if r.Distinct = c.distinctAhead(); r.Distinct {
		c.Next()
	}
	for {
		it, err := c.item()
		if err != nil {
			return r, err
		}
		r.Items = append(r.Items, it)
		if !c.takeSign(",") {
			r.Sp = c.from(start)
			return r, nil
		}
	}
}

// set reads place = value, place += value … or place.operation(…) AS name.
func (c *cursor) set() (s lang.Set, err error) {
	start := c.start()
	id, err := c.name("a field")
	if err != nil {
		return s, err
	}
	if s.Place, err = c.postfix(&lang.Name{Sp: id.Sp, Name: id.Name}, start); err != nil {
		return s, err
	}
	if _, ok := s.Place.(*lang.Method); ok {
		if c.take("AS") {
			s.As, err = c.name("a name")
		}
		s.Sp = c.from(start)
		return s, err
	}
	t := c.Peek()
	switch {
	case t.Type != tokSign, !strings.Contains(" = += -= *= /= //= %= **= ", " "+t.Value+" "):
		return s, unexpected(t, c.prev(), "`=`, `+=` … or `.operation(…)`")
	}
	c.Next()
	s.Op = t.Value
	s.Value, err = c.expr()
	s.Sp = c.from(start)
	return s, err
}

// The clauses of the statements that read and write documents.
type (
	getGrammar struct {
		Model  name    `parser:"'GET' @@"`
		Key    key     `parser:"@@"`
		Skip   bool    `parser:"( @'SKIP' 'MISSING' )?"`
		Fetch  []fetch `parser:"( 'FETCH' @@ ( ',' @@ )* )?"`
		Return *items  `parser:"( 'RETURN' @@ )?"`
	}
	findGrammar struct {
		Model   name     `parser:"'FIND' @@"`
		Near    *near    `parser:"( 'NEAREST' @@ )?"`
		Stale   bool     `parser:"@'STALE'?"`
		Where   *expr    `parser:"( 'WHERE' @@ )?"`
		GroupBy []item   `parser:"( 'GROUP' 'BY' @@ ( ',' @@ )*"`
		Having  *expr    `parser:"  ( 'HAVING' @@ )? )?"`
		Fetch   []fetch  `parser:"( 'FETCH' @@ ( ',' @@ )* )?"`
		Return  *items   `parser:"( 'RETURN' @@ )?"`
		OrderBy []order  `parser:"( 'ORDER' 'BY' @@ ( ',' @@ )* )?"`
		Limit   *operand `parser:"( 'LIMIT' @@ )?"`
		Offset  *operand `parser:"( 'OFFSET' @@ )?"`
		After   *operand `parser:"( 'AFTER' @@ )?"`
	}
	countGrammar struct {
		Model name  `parser:"'COUNT' @@"`
		Where *expr `parser:"( 'WHERE' @@ )?"`
	}
	existsGrammar struct {
		Model name  `parser:"'EXISTS' @@"`
		Where *expr `parser:"( 'WHERE' @@"`
		Key   *key  `parser:"| @@ )"`
	}
	createGrammar struct {
		Model    name       `parser:"'CREATE' @@"`
		Doc      operand    `parser:"@@"`
		Life     *life      `parser:"@@?"`
		Conflict *onGrammar `parser:"@@?"`
		Return   *items     `parser:"( 'RETURN' @@ )?"`
	}
	life struct {
		At     bool    `parser:"'TTL' @'AT'?"`
		X      operand `parser:"@@"`
		Tokens []lexer.Token
	}
	onGrammar struct {
		Action string `parser:"'ON' 'CONFLICT' ( @('SKIP'|'GET')"`
		Sets   []set  `parser:"  | 'SET' @@ ( ',' @@ )* )"`
		Tokens []lexer.Token
	}
	putGrammar struct {
		Model  name    `parser:"'PUT' @@"`
		Doc    operand `parser:"@@"`
		Life   *life   `parser:"@@?"`
		Return *items  `parser:"( 'RETURN' @@ )?"`
	}
	restoreGrammar struct {
		Model name    `parser:"'RESTORE' @@"`
		Doc   operand `parser:"@@"`
		Life  *life   `parser:"@@?"`
	}
	targetGrammar struct {
		Where   *expr    `parser:"(   'WHERE' @@"`
		OrderBy []order  `parser:"    ( 'ORDER' 'BY' @@ ( ',' @@ )* )?"`
		Limit   *operand `parser:"    ( 'LIMIT' @@ )?"`
		All     bool     `parser:"  | @'ALL'"`
		Key     *key     `parser:"  | @@"`
		Skip    bool     `parser:"    ( @'SKIP' 'MISSING' )? )"`
		Tokens  []lexer.Token
	}
	updateGrammar struct {
		Model  name          `parser:"'UPDATE' @@"`
		Target targetGrammar `parser:"@@"`
		Sets   []set         `parser:"'SET' @@ ( ',' @@ )*"`
		Return *items        `parser:"( 'RETURN' @@ )?"`
	}
	deleteGrammar struct {
		Model  name          `parser:"'DELETE' @@"`
		Target targetGrammar `parser:"@@"`
		Return *items        `parser:"( 'RETURN' @@ )?"`
	}
	copyGrammar struct {
		Model  name     `parser:"'COPY' @@"`
		Key    key      `parser:"@@"`
		Skip   bool     `parser:"( @'SKIP' 'MISSING' )?"`
		Times  *operand `parser:"( 'TIMES' @@ )?"`
		Life   *life    `parser:"@@?"`
		Sets   []set    `parser:"( 'SET' @@ ( ',' @@ )* )?"`
		Return *items   `parser:"( 'RETURN' @@ )?"`
	}
	expireGrammar struct {
		Model  name          `parser:"'EXPIRE' @@"`
		Target targetGrammar `parser:"@@"`
		After  *operand      `parser:"( 'AFTER' @@"`
		At     *operand      `parser:"| 'AT' @@ )"`
	}
	persistGrammar struct {
		Model  name          `parser:"'PERSIST' @@"`
		Target targetGrammar `parser:"@@"`
	}
	callGrammar struct {
		Name name `parser:"'CALL' @@"`
		Args args `parser:"@@"`
	}
	importGrammar struct {
		Files []file     `parser:"'IMPORT' @@ ( ',' @@ )*"`
		Model name       `parser:"'INTO' @@"`
		As    *object    `parser:"( 'AS' @@ )?"`
		Ons   []importOn `parser:"@@*"`
		With  []with     `parser:"( 'WITH' '(' @@ ( ',' @@ )* ')' )?"`
	}
	importOn struct {
		Action string   `parser:"'ON' ( 'CONFLICT' ( @('SKIP'|'PUT')"`
		Sets   []set    `parser:"  | 'SET' @@ ( ',' @@ )* )"`
		File   *file    `parser:"| 'ERROR' 'SKIP' 'TO' @@"`
		Limit  *operand `parser:"  ( 'LIMIT' @@ )? )"`
		Tokens []lexer.Token
	}
	includeGrammar struct {
		File   lexer.Token `parser:"'INCLUDE' @String"`
		Tokens []lexer.Token
	}
	printGrammar struct {
		Items  []item `parser:"'PRINT' @@ ( ',' @@ )*"`
		Tokens []lexer.Token
	}
	exportGrammar struct {
		Find exported `parser:"'EXPORT' @@"`
		File file     `parser:"'TO' @@"`
		With []with   `parser:"( 'WITH' '(' @@ ( ',' @@ )* ')' )?"`
	}
	exported struct {
		Find   findGrammar `parser:"@@"`
		Tokens []lexer.Token
	}
)
