package check_test

import (
	"testing"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
)

func BenchmarkCheck(b *testing.B) {
	base := parser.Parse(lang.NewSource("", `MODEL Address { street string, city string INDEX, zip string? }
MODEL Team { name string }
MODEL User {
  email string UNIQUE, name string, age int INDEX, banned bool INDEX DEFAULT false, score float?, tags list<string> DEFAULT []
  home Address?, team ref<Team> INDEX, joined datetime DEFAULT now()
}`))
	p, ds := check.Check(b.Context(), base, nil, check.Options{})
	if ds.Err() != nil {
		b.Fatal(ds)
	}
	for _, text := range []string{
		`GET User 'u1'`,
		`FIND User WHERE age > 10 AND NOT banned`,
		`FIND User WHERE age > $min AND team.name = 'core' RETURN name, age * 2 AS d ORDER BY age DESC LIMIT 10`,
		`FIND User GROUP BY banned HAVING count() > 5 RETURN banned, count() AS n, avg(score) ORDER BY n DESC LIMIT 10`,
		`CREATE User { email: 'a', name: 'b', age: 1, team: 't' }`,
		`UPDATE User 'u1' SET age += 1, tags.append('x'), home.city = 'Oslo' RETURN age`,
	} {
		file := parser.Parse(lang.NewSource("", text))
		b.Run(text[:12], func(b *testing.B) { bench(b, file, p.Schema) })
	}
}

func bench(b *testing.B, file *lang.File, schema *ir.Schema) {
	b.ReportAllocs()
	opts := check.Options{Params: map[string]lang.Type{}}
	for _, name := range file.Params {
		opts.Params[name] = lang.TypeInt
	}
	for b.Loop() {
		if p, ds := check.Check(b.Context(), file, schema, opts); p == nil {
			b.Fatal(ds)
		}
	}
}
