package eval

import (
	"testing"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// BenchmarkCond computes predicates over one row: age > 10 and the like.
func BenchmarkCond(b *testing.B) {
	w := newWorld()
	age, city := w.col(w.row(), w.user, "age"), w.col(w.row(), w.user, "home.city")
	given := &ir.Const{Base: ir.Base{T: lang.TypeInt}, Value: int64(10), Ord: 0}
	older := bin(lang.OpGt, age, given, lang.TypeBool)
	for _, c := range []struct {
		name string
		x    ir.Expr
	}{
		{"int", older},
		{"string", bin(lang.OpEq, city, val("Oslo"), lang.TypeBool)},
		{"and", bin(lang.OpAnd, older, negated(bin(lang.OpEq, city, val("Rome"), lang.TypeBool)), lang.TypeBool)},
		{"in", &ir.In{X: city, Items: args("Rome", "Paris", "Bonn", "Oslo")}},
		{"like", bin(lang.OpLike, city, val("%sl%"), lang.TypeBool)},
		{"arithmetic", bin(lang.OpGt, bin(lang.OpMul, age, val(int64(2)), lang.TypeInt), val(int64(20)), lang.TypeBool)},
	} {
		b.Run(c.name, func(b *testing.B) {
			cols := Leaves(w.schema, c.x)
			env := &Env{Consts: []any{int64(12)}}
			for _, col := range cols {
				if col.Col.Name == "age" {
					env.Row = append(env.Row, int64(30))
				} else {
					env.Row = append(env.Row, "Oslo")
				}
			}
			cond, err := CompileCond(c.x, NewLayout(w.schema, cols))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if ok, err := cond(env); !ok || err != nil {
					b.Fatal(ok, err)
				}
			}
		})
	}
}

func BenchmarkCompilePattern(b *testing.B) {
	for b.Loop() {
		if _, err := CompilePattern(lang.OpMatches, `[\w.]+@[a-z]+\.(com|org|io)`); err != nil {
			b.Fatal(err)
		}
	}
}
