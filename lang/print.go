package lang

import (
	"fmt"
	"strconv"
	"strings"
)

// Print writes a statement, expression or type as canonical RQL: keywords in
// capitals, parentheses only where precedence needs them, blocks indented. The
// output parses to the same tree. A BadStmt prints as nothing.
func Print(n Node) string {
	p := printer{}
	p.node(n)
	return p.b.String()
}

// PrintFile writes every statement of a file, each ended by `;`.
func PrintFile(f *File) string {
	p := printer{}
	for _, s := range f.Stmts {
		p.stmt(s)
		p.write(";\n")
	}
	return p.b.String()
}

type printer struct {
	b      strings.Builder
	indent int
}

func (p *printer) write(s string) { p.b.WriteString(s) }

func (p *printer) line() {
	p.b.WriteByte('\n')
	for range p.indent {
		p.b.WriteString("  ")
	}
}

func (p *printer) node(n Node) {
	switch n := n.(type) {
	case Expr:
		p.expr(n, 0)
	case Stmt:
		p.stmt(n)
	case *TypeExpr:
		p.typ(n)
	case *RuleDecl:
		p.rule(n)
	case Path:
		p.write(n.text())
	case Ident:
		p.write(ident(n.Name))
	}
}

// text returns the path as it must be written.
func (p Path) text() string {
	parts := make([]string, len(p))
	for i, id := range p {
		parts[i] = id.Name
		if i == 0 {
			parts[i] = ident(id.Name)
		}
	}
	return strings.Join(parts, ".")
}

// Words with a meaning where a name may occur: as a name they are written with
// @. The first are never names; the others begin a statement, end a block, or
// occur where a name is optional.
const markedWords = " NOT NULL TRUE FALSE AND OR IN IS BETWEEN CONTAINS STARTS ENDS LIKE MATCHES SEARCH" +
	" ATOMIC CALL COPY COUNT CREATE DELETE ENSURE EXISTS EXPIRE FIND FOR GET IF LET PERSIST PUT RETURN UPDATE" +
	" MODEL ALTER DROP SHOW VERIFY EXPLAIN PROFILE PROCEDURE IMPORT EXPORT DOWN END ELSE" +
	" WHERE ALL SET SKIP DISTINCT INDEX UNIQUE CHECK "

func isMarked(name string) bool {
	return len(name) <= 10 && strings.Contains(markedWords, " "+strings.ToUpper(name)+" ")
}

// ident returns a name with @ if it could otherwise be read as a keyword.
func ident(name string) string {
	if isMarked(name) {
		return "@" + name
	}
	return name
}

// NameText is a name as it is written where a keyword could stand.
func NameText(name string) string { return ident(name) }

// LiteralText is a value in the notation of a literal: nil, bool, int64, float64, string or Duration.
func LiteralText(v any) string { return literalText(v) }

// Precedence of the operators of an expression; an operand binds tightest.
const (
	bindOr = iota + 1
	bindAnd
	bindNot
	bindCompare
	bindSum
	bindProduct
	bindNegate
	bindPower
	bindOperand
)

func binds(x Expr) int {
	switch x := x.(type) {
	case *Unary:
		if x.Op == OpNot {
			return bindNot
		}
		return bindNegate
	case *Between, *IsNull:
		return bindCompare
	case *Binary:
		return opBinds(x.Op)
	case *Literal:
		if isNegative(x.Value) {
			return bindNegate
		}
	}
	return bindOperand
}

func opBinds(op Op) int {
	switch op {
	case OpOr:
		return bindOr
	case OpAnd:
		return bindAnd
	case OpAdd, OpSub:
		return bindSum
	case OpMul, OpDiv, OpFloorDiv, OpMod:
		return bindProduct
	case OpPow:
		return bindPower
	}
	return bindCompare
}

func isNegative(v any) bool {
	switch v := v.(type) {
	case int64:
		return v < 0
	case float64:
		return v < 0
	case Duration:
		return v < 0
	}
	return false
}

// expr prints x, in parentheses if it binds less tightly than least.
func (p *printer) expr(x Expr, least int) {
	if binds(x) < least {
		p.write("(")
		p.bare(x)
		p.write(")")
		return
	}
	p.bare(x)
}

func (p *printer) exprs(xs []Expr) {
	for i, x := range xs {
		p.comma(i)
		p.expr(x, 0)
	}
}

func (p *printer) comma(i int) {
	if i > 0 {
		p.write(", ")
	}
}

func (p *printer) bare(x Expr) {
	switch x := x.(type) {
	case *Literal:
		p.literal(x)
	case *Param:
		p.write("$" + x.Name)
		if x.Optional {
			p.write("?")
		}
	case *Name:
		p.write(ident(x.Name))
	case *Member:
		p.expr(x.X, bindOperand)
		p.write("." + x.Name)
	case *Index:
		p.expr(x.X, bindOperand)
		p.write("[")
		p.expr(x.I, 0)
		p.write("]")
	case *Call:
		p.call(x)
	case *Method:
		p.expr(x.X, bindOperand)
		p.write("." + x.Name + "(")
		p.exprs(x.Args)
		p.write(")")
	case *List:
		p.list(x)
	case *Object:
		p.object(x)
	case *Subquery:
		p.write("(")
		p.stmt(x.Query)
		p.write(")")
	default:
		p.operator(x)
	}
}

func (p *printer) operator(x Expr) {
	switch x := x.(type) {
	case *Unary:
		p.unary(x)
	case *Between:
		p.expr(x.X, bindSum)
		p.write(negated(x.Not) + " BETWEEN ")
		p.expr(x.Lo, bindSum)
		p.write(" AND ")
		p.expr(x.Hi, bindSum)
	case *IsNull:
		p.expr(x.X, bindSum)
		p.write(" IS" + negated(x.Not) + " NULL")
	case *Binary:
		p.binary(x)
	}
}

func negated(not bool) string {
	if not {
		return " NOT"
	}
	return ""
}

func (p *printer) unary(x *Unary) {
	if x.Op == OpNot {
		p.write("NOT ")
		p.expr(x.X, bindNot)
		return
	}
	p.write("-")
	if binds(x.X) == bindNegate { // -- would begin a comment
		p.write(" ")
	}
	p.expr(x.X, bindNegate)
}

func (p *printer) binary(x *Binary) {
	b := opBinds(x.Op)
	left, right := b, b+1
	switch b {
	case bindCompare:
		left = b + 1
	case bindPower:
		left, right = bindOperand, bindNegate
	}
	p.expr(x.L, left)
	p.write(negated(x.Not) + " " + string(x.Op) + " ")
	if x.Op == OpGt {
		p.guarded(x.R, right)
		return
	}
	p.expr(x.R, right)
}

// guarded prints x where its first word could be read as a keyword: a call of a
// function with that name is put in parentheses, because a function cannot be
// marked with @.
func (p *printer) guarded(x Expr, least int) {
	if c := firstCall(x); c != nil && isMarked(c.Name) && !strings.EqualFold(c.Name, "count") {
		least = bindOperand + 1
	}
	p.expr(x, least)
}

// firstCall returns the call at the start of the text of x, or nil.
func firstCall(x Expr) *Call {
	switch x := x.(type) {
	case *Call:
		return x
	case *Member:
		return firstCall(x.X)
	case *Index:
		return firstCall(x.X)
	case *Method:
		return firstCall(x.X)
	case *Binary:
		return firstCall(x.L)
	case *Between:
		return firstCall(x.X)
	case *IsNull:
		return firstCall(x.X)
	}
	return nil
}

func (p *printer) call(x *Call) {
	p.write(x.Name + "(")
	if x.Distinct {
		p.write("DISTINCT ")
	}
	if x.Star {
		p.write("*")
	}
	for i, arg := range x.Args {
		p.comma(i)
		p.guarded(arg, 0)
	}
	p.clause(" WHERE ", x.Where)
	p.write(")")
}

func (p *printer) list(x *List) {
	open, end := "[", "]"
	if x.Paren {
		open, end = "(", ")"
	}
	p.write(open)
	p.exprs(x.Items)
	p.write(end)
}

func (p *printer) object(x *Object) {
	if len(x.Entries) == 0 {
		p.write("{}")
		return
	}
	p.write("{ ")
	for i, e := range x.Entries {
		p.comma(i)
		if isWord(e.Name) {
			p.write(e.Name)
		} else {
			p.write(quoteString(e.Name))
		}
		p.write(": ")
		p.expr(e.Value, 0)
	}
	p.write(" }")
}

// operand prints a single operand: a minus may precede it.
func (p *printer) operand(x Expr) {
	if u, ok := x.(*Unary); ok && u.Op == OpSub && binds(u.X) == bindOperand {
		p.unary(u)
		return
	}
	if l, ok := x.(*Literal); ok {
		p.literal(l)
		return
	}
	p.guarded(x, bindOperand)
}

func (p *printer) literal(x *Literal) {
	p.write(literalText(x.Value))
	if x.Unit != "" {
		p.write(" " + x.Unit)
	}
}

// literalText returns a literal in RQL notation.
func literalText(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		s := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(s, ".e") {
			s += ".0"
		}
		return s
	case string:
		return quoteString(v)
	case Duration:
		return durationText(v)
	}
	return fmt.Sprint(v)
}

func durationText(d Duration) string {
	if d == 0 {
		return "0ms"
	}
	var b strings.Builder
	n := uint64(d)
	if d < 0 {
		b.WriteByte('-')
		n = -n
	}
	for _, u := range [...]struct {
		name string
		ms   uint64
	}{{"w", 7 * 24 * 3600_000}, {"d", 24 * 3600_000}, {"h", 3600_000}, {"m", 60_000}, {"s", 1000}, {"ms", 1}} {
		if n >= u.ms {
			b.WriteString(strconv.FormatUint(n/u.ms, 10) + u.name)
			n %= u.ms
		}
	}
	return b.String()
}

// quoteString writes a string literal in single quotes.
func quoteString(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, r := range s {
		switch {
		case r == '\\' || r == '\'':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('\'')
	return b.String()
}
