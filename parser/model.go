package parser

import (
	"strconv"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

// The hand-written rules for models: line breaks are significant in a model
// body.
type (
	modelBody struct {
		Fields []*lang.FieldDecl
		Rules  []*lang.RuleDecl
	}
	field struct{ F *lang.FieldDecl }
)

// Parse reads { line (, or a new line) line … }.
func (g *modelBody) Parse(l *lexer.PeekingLexer) error {
	c := cursor{PeekingLexer: l}
	open := c.Peek()
	if err := c.wantSign("{"); err != nil {
		return err
	}
	c.model = true
	for !isSign(c.Peek(), "}") {
		if err := c.modelLine(g, open); err != nil {
			return lostBracket(err, open, "}")
		}
		if c.takeSign(",") || isSign(c.Peek(), "}") || c.onNewLine() {
			continue
		}
		t := c.Peek()
		if t.EOF() || isSign(t, ";") || t.Type == tokClose {
			return unclosedBracket(open, t, "}")
		}
		return unexpected(t, c.prev(), "`,`, a new line or `}`")
	}
	c.Next()
	return nil
}

func (c *cursor) modelLine(g *modelBody, open *lexer.Token) error {
	t := c.Peek()
	if !isName(t) {
		if t.EOF() || isSign(t, ";") {
			return unclosedBracket(open, t, "}")
		}
		return unexpected(t, c.prev(), "a field")
	}
	if (is(t, "INDEX") || is(t, "UNIQUE") || is(t, "CHECK")) && isSign(c.peekAt(1), "(") {
		r, err := c.rule()
		g.Rules = append(g.Rules, r)
		return err
	}
	f, err := c.field()
	g.Fields = append(g.Fields, f)
	return err
}

// rule reads INDEX (…), UNIQUE (…) or CHECK (…) of a model.
func (c *cursor) rule() (r *lang.RuleDecl, err error) {
	t := c.Next()
	r = &lang.RuleDecl{Kind: strings.ToUpper(t.Value)}
	if r.Kind == "CHECK" {
		r.Check, err = c.expr()
		r.Sp = c.from(t.Pos.Offset)
		return r, err
	}
	open := c.Next()
	err = c.inside(open, func() error {
		for {
			p, err := c.path()
			if err != nil {
				return lostBracket(err, open, ")")
			}
			r.Paths = append(r.Paths, p)
			if !c.takeSign(",") {
				return c.wantClose(open, ")", "`,` or ")
			}
		}
	})
	if err == nil && r.Kind == "UNIQUE" && !c.onNewLine() {
		r.Global = c.take("GLOBAL")
	}
	r.Sp = c.from(t.Pos.Offset)
	return r, err
}

// Parse reads a field outside a model's body.
func (g *field) Parse(l *lexer.PeekingLexer) (err error) {
	c := cursor{PeekingLexer: l}
	g.F, err = c.field()
	return err
}

// field reads name, type and attributes.
func (c *cursor) field() (f *lang.FieldDecl, err error) {
	start := c.start()
	f = &lang.FieldDecl{}
	if f.Name, err = c.name("a field"); err != nil {
		return f, err
	}
	if f.Type, err = c.typ(); err != nil {
		return f, err
	}
	for !c.onNewLine() {
		done, err := c.attribute(f)
		if err != nil {
			return f, err
		}
		if done {
			break
		}
	}
	f.Sp = c.from(start)
	return f, nil
}

// attribute reads one attribute of a field; done is true if there is none.
func (c *cursor) attribute(f *lang.FieldDecl) (done bool, err error) {
	t := c.Peek()
	if !attributeWords.has(t) {
		if c.model && t.Type == tokWord {
			return true, unknownAttribute(t, c.prev())
		}
		return true, nil
	}
	if (is(t, "INDEX") || is(t, "UNIQUE")) && isSign(c.peekAt(1), "(") {
		return true, nil
	}
	c.Next()
	twice := false
	switch strings.ToUpper(t.Value) {
	case "KEY":
		twice, f.Key = f.Key, true
	case "UNIQUE":
		twice, f.Unique = f.Unique, true
	case "INDEX":
		twice, f.Index = f.Index, true
	case "LENIENT":
		twice, f.Lenient = f.Lenient, true
	case "REVISION":
		twice, f.Revision = f.Revision, true
	case "DEFAULT":
		twice = f.Default != nil
		f.Default, err = c.expr()
	case "CHECK":
		twice = f.Check != nil
		f.Check, err = c.expr()
	case "EMPTY":
		twice, f.EmptyIsNull = f.EmptyIsNull, true
		if err = c.want("IS"); err == nil {
			err = c.want("NULL")
		}
	case "CASCADE":
		twice, f.CascadeTTL = f.CascadeTTL, true
		err = c.want("TTL")
	case "ON":
		twice = f.OnDelete != ""
		f.OnDelete, err = c.onDelete()
	}
	if err == nil && twice {
		err = fail(t, givenTwice(t, strings.ToUpper(t.Value)))
	}
	return false, err
}

func (c *cursor) onDelete() (string, error) {
	if err := c.want("DELETE"); err != nil {
		return "", err
	}
	switch {
	case c.take("RESTRICT"):
		return "RESTRICT", nil
	case c.take("CASCADE"):
		return "CASCADE", nil
	case c.take("SET"):
		return "SET NULL", c.want("NULL")
	}
	return "", unexpected(c.Peek(), c.prev(), "RESTRICT, CASCADE or SET NULL")
}

// typ reads name<of>(arguments)?.
func (c *cursor) typ() (t *lang.TypeExpr, err error) {
	start := c.start()
	id, err := c.name("a type")
	if err != nil {
		return nil, err
	}
	t = &lang.TypeExpr{Name: id.Name}
	if open := c.Peek(); c.takeSign("<") {
		if err := c.nested(open, func() error { return c.typeArgument(t, open) }); err != nil {
			return nil, err
		}
	}
	if isSign(c.Peek(), "(") {
		l, err := c.list("(", ")", false)
		if err != nil {
			return nil, err
		}
		t.Args = l.Items
	}
	t.Null = c.takeSign("?")
	t.Sp = c.from(start)
	return t, nil
}

// typeArgument reads the part between < and >: a type, with a field of it or the form of its values, or a number.
func (c *cursor) typeArgument(t *lang.TypeExpr, open *lexer.Token) (err error) {
	if n := c.Peek(); n.Type == tokInt {
		c.Next()
		if t.N, err = strconv.Atoi(strings.ReplaceAll(n.Value, "_", "")); err != nil || t.N == 0 {
			return fail(n, badNumber(spanOf(n), n.Value, whySize))
		}
	} else if t.Of, err = c.typ(); err != nil {
		return err
	} else if c.takeSign(".") {
		t.Part, err = c.name("a field")
	} else if c.takeSign(",") {
		t.Form, err = c.name("a form")
	}
	if err != nil {
		return err
	}
	return c.wantClose(open, ">", "")
}
