package check_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
)

func TestColumnsOfAModel(t *testing.T) {
	p := program(t, `MODEL Geo { lat float CHECK lat < 90, lon float }
MODEL Place { name string INDEX DEFAULT 'x', at Geo?, CHECK (name != 'nowhere') }
MODEL Shop { title string, main Place, side Place?, INDEX (main.name, title) }`, check.Options{})
	m := p.Schema.Model("Shop")
	type col struct {
		name                         string
		null, presence, must, inside bool
	}
	var got []col
	for i, k := range m.Columns {
		require.Equal(t, i, k.Slot)
		got = append(got, col{k.Name, k.Type.Null, k.Presence, k.Required, k.Parent != nil})
	}
	require.Equal(t, []col{
		{"id", false, false, false, false},
		{"title", false, false, false, false},
		{"main.name", false, false, false, false},
		{"main.at", true, true, false, false},
		{"main.at.lat", true, false, true, true},
		{"main.at.lon", true, false, true, true},
		{"side", true, true, false, false},
		{"side.name", true, false, true, true},
		{"side.at", true, true, false, true},
		{"side.at.lat", true, false, true, true},
		{"side.at.lon", true, false, true, true},
	}, got)
	require.Equal(t, []string{"main.name", "side.name", "main.name,title"}, indexNames(m.Indexes))
	require.Equal(t, []string{"Geo", "Place"}, m.Uses)
	require.Equal(t, "id", m.Key.Name)
	require.Equal(t, "uuid", m.Key.Default.(*ir.Call).Fn)
	require.Equal(t, "side.at", m.Column("side.at.lat").Parent.Name)
	require.Equal(t, "side", m.Column("side.name").Parent.Name)

	type rule struct{ text, col, reads string }
	var rules []rule
	for _, k := range m.Checks {
		r := rule{text: k.Text, reads: k.Cols[0].Name}
		if k.Col != nil {
			r.col = k.Col.Name
		}
		rules = append(rules, r)
	}
	require.Equal(t, []rule{
		{"lat < 90", "main.at.lat", "main.at.lat"},
		{"name != 'nowhere'", "", "main.name"},
		{"lat < 90", "side.at.lat", "side.at.lat"},
		{"name != 'nowhere'", "side", "side.name"},
	}, rules)
}

func indexNames(list []*ir.Index) []string {
	out := []string{}
	for _, ix := range list {
		out = append(out, ix.Name)
	}
	return out
}

func TestDefaultsOfAnEmbeddedValue(t *testing.T) {
	c := stmt[*ir.Create](t, `MODEL Box { w int, h int DEFAULT w * 2, tag string? }
MODEL Item { box Box };
CREATE Item { box: { w: 3 } }`)
	box := c.Docs[0].Fields[1].(*ir.Object)
	require.Equal(t, []string{"w", "h", "tag"}, box.Names)
	require.Equal(t, int64(3), box.Items[1].(*ir.Binary).L.(*ir.Const).Value)
	require.Equal(t, box.Span(), box.Items[1].Span())
}

func TestExtends(t *testing.T) {
	p := program(t, "MODEL Admin EXTENDS User { level int DEFAULT 1, INDEX (level, age) }", check.Options{})
	m := p.Schema.Model("Admin")
	require.Equal(t, "level", m.Fields[len(m.Fields)-1].Name)
	require.Equal(t, []string{"age", "banned", "tags", "home.city", "team", "role,age", "level,age"}, indexNames(m.Indexes))
	require.NotContains(t, m.Def, "EXTENDS")
	require.Nil(t, p.Stmts[0].(*ir.Define).Was)
}

func TestRefsToLaterModels(t *testing.T) {
	p := program(t, "MODEL A { b ref<B> } MODEL B { n int KEY, a ref<A>? }; FIND A WHERE b = 5 AND b.a.b.n = 6", check.Options{})
	require.Equal(t, lang.KInt, p.Schema.Model("A").Column("b").Type.Elem.Kind)
	require.Equal(t, lang.KString, p.Schema.Model("B").Column("a").Type.Elem.Kind)
}

func TestDefinitionsComeBack(t *testing.T) {
	s := schema(t)
	var defs []check.Definition
	for _, name := range s.Names() {
		defs = append(defs, check.Definition{Def: s.Model(name).Def, Version: "1-" + name})
	}
	again, err := check.LoadSchema(ir.NewSchema(), defs, parser.Parse)
	require.NoError(t, err)
	require.Equal(t, s.Names(), again.Names())
	for _, name := range s.Names() {
		a, b := s.Model(name), again.Model(name)
		require.Equal(t, a.Def, b.Def)
		require.Equal(t, "1-"+name, b.Version)
		require.Equal(t, indexNames(a.Indexes), indexNames(b.Indexes))
		require.Len(t, b.Checks, len(a.Checks))
		require.Len(t, b.Columns, len(a.Columns))
		for i := range a.Columns {
			require.Equal(t, a.Columns[i].Name, b.Columns[i].Name)
			require.True(t, a.Columns[i].Type.Same(b.Columns[i].Type), a.Columns[i].Name)
		}
	}
	m, err := check.LoadModel(s.Model("User").Def, s, "7", parser.Parse)
	require.NoError(t, err)
	require.Equal(t, "7", m.Version)
	for _, bad := range []string{"MODEL M { a nix }", "COUNT User", "MODEL {", "MODEL M { a int } MODEL N { a int }"} {
		_, err = check.LoadModel(bad, s, "1", parser.Parse)
		require.Error(t, err, bad)
	}
	_, err = check.LoadSchema(ir.NewSchema(), []check.Definition{{Def: "MODEL A { b B }"}, {Def: "MODEL B { a A }"}}, parser.Parse)
	require.Error(t, err)
}

func TestSameDefinitionAgain(t *testing.T) {
	d := stmt[*ir.Define](t, "MODEL Order { owner ref<User>, amount int, open bool DEFAULT TRUE, note string? }")
	require.NotNil(t, d.Was)
	require.Same(t, d.Was, d.Model)
	require.Nil(t, d.Changes)
}

func TestChangesOfAModel(t *testing.T) {
	const was = "MODEL M { a int, b string? INDEX, c enum('x', 'y') DEFAULT 'x', d int?, INDEX (a, d), CHECK (a > 0) }"
	for _, row := range []struct {
		now     string
		changes []string
		alter   string
	}{
		{"MODEL M { a int, b string? INDEX, c enum('x', 'y') DEFAULT 'x', d int?, e int?, INDEX (a, d), CHECK (a > 0) }", []string{"new field e int?"}, ""},
		{"MODEL M { a int, b string? INDEX, c enum('x', 'y', 'z') DEFAULT 'x', d int? DEFAULT 4, INDEX (a, d), CHECK (a > 0) }",
			[]string{"field c: type enum('x', 'y', 'z')", "field d: DEFAULT 4"}, ""},
		{"MODEL M { a int?, b string? INDEX, c enum('x', 'y') DEFAULT 'x', d int?, INDEX (a, d), CHECK (a > 1) }",
			[]string{"field a: type int?", "new CHECK a > 1", "no CHECK a > 0"}, ""},
		{"MODEL M { a int UNIQUE, b string? INDEX, c enum('x', 'y') DEFAULT 'x', d int? INDEX, INDEX (a, d), CHECK (a > 0) }",
			[]string{"new INDEX d", "new UNIQUE a"}, ""},
		{"MODEL M { b string? INDEX, a int, c enum('x', 'y') DEFAULT 'x', d int?, INDEX (a, d), CHECK (a > 0) }", []string{"another order or spelling"}, ""},
		{"MODEL M { a int, b string? INDEX, c enum('x', 'y') DEFAULT 'x', CHECK (a > 0) }", nil, "keep the field: COUNT M WHERE d IS NOT NULL counts the documents that have a value in it"},
		{"MODEL M { a string, b string? INDEX, c enum('x', 'y') DEFAULT 'x', d int?, INDEX (a, d), CHECK (a > '') }", nil,
			"keep it as it is stored, or declare a model of another name and copy the documents"},
		{"MODEL M { a int, b string INDEX, c enum('x', 'y') DEFAULT 'x', d int?, INDEX (a, d), CHECK (a > 0) }", nil, "ALTER MODEL M CHANGE FIELD b string INDEX"},
		{"MODEL M { a int, b string?, c enum('x', 'y') DEFAULT 'x', d int?, INDEX (a, d), CHECK (a > 0) }", nil, "ALTER MODEL M DROP INDEX (b)"},
		{"MODEL M { a int, b string? INDEX, c enum('x', 'y') DEFAULT 'x', d int?, e string, INDEX (a, d), CHECK (a > 0) }", nil,
			"ALTER MODEL M ADD FIELD e string DEFAULT ''"},
		{"MODEL M { a int, b string? INDEX, c enum('x', 'y') DEFAULT 'x', d int?, e datetime DEFAULT now(), INDEX (a, d), CHECK (a > 0) }", nil,
			"ALTER MODEL M ADD FIELD e datetime DEFAULT now()"},
		{"MODEL M { a int, b string? INDEX, c enum('x', 'y') DEFAULT 'x', dd int?, CHECK (a > 0) }", nil,
			"if dd is the field d: ALTER MODEL M RENAME FIELD d TO dd"},
		{"MODEL M { k string KEY, a int, b string? INDEX, c enum('x', 'y') DEFAULT 'x', d int?, INDEX (a, d), CHECK (a > 0) }", nil,
			"keep it as it is stored, or declare a model of another name and copy the documents"},
	} {
		p, ds := check.Check(context.Background(), parse(t, was+"; "+row.now), nil, check.Options{})
		if row.alter != "" && ds.Err() == nil { // known when it runs
			require.Equal(t, row.alter, p.Stmts[1].(*ir.Define).Empty.Hint, row.now)
			continue
		}
		if row.alter != "" {
			require.Len(t, ds, 1, row.now)
			require.Equal(t, lang.CodeModelChanged, ds[0].Code)
			require.Equal(t, row.alter, ds[0].Hint, row.now)
			continue
		}
		require.NoError(t, ds.Err(), row.now)
		d := p.Stmts[1].(*ir.Define)
		require.Equal(t, row.changes, d.Changes, row.now)
		require.Same(t, d.Model, p.Schema.Model("M"))
	}
}

func TestNewFieldsAndIndexes(t *testing.T) {
	d := stmt[*ir.Define](t, "MODEL Order { owner ref<User> INDEX, amount int, open bool DEFAULT true, note string? UNIQUE, rank int INDEX DEFAULT 3 }")
	require.Equal(t, []string{"owner", "rank"}, indexNames(d.NewIndexes))
	require.Equal(t, []string{"note"}, indexNames(d.NewUniques))
	require.Len(t, d.NewFields, 1)
	require.Equal(t, "rank", d.NewFields[0].Name)
}
