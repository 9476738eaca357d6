package rql_test

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/rqltest"
)

// rqlFile is a file system with one file.
func rqlFile(text string) fs.FS { return fstest.MapFS{"shop.rql": {Data: []byte(text)}} }

const itemFile = `MODEL Thing { id string KEY, n int -- name: of nothing
};

-- name: ThingsAbove :many
-- ThingsAbove finds the larger things.
FIND Thing WHERE n > $least ORDER BY id;

-- name: put_thing
UPDATE Thing $id SET n = 0;
GET Thing $id;

/* the rest */
-- name: HowMany :one
COUNT Thing
`

func TestPrepareFiles(t *testing.T) {
	files := fstest.MapFS{"a/shop.rql": {Data: []byte(itemFile)}, "more.rql": {Data: []byte("-- name: Clear\nDELETE Thing ALL")}, "notes.txt": {Data: []byte("no text")}}
	db, err := rql.Open(t.Context(), "mem://", rql.WithModels(files))
	require.NoError(t, err, "WithModels passes over the statements")
	defer db.Close()
	_, err = db.Exec(t.Context(), `CREATE Thing [{ id: 'a', n: 1 }, { id: 'b', n: 2 }]`)
	require.NoError(t, err)
	var texts struct {
		ThingsAbove *rql.Prepared[struct{ ID string }, struct{ Least int }]
		PutThing    *rql.Prepared[struct{ ID string }, struct{ ID string }]
		Count       *rql.Prepared[int, struct{}] `rql:"HowMany"`
		Clear       string
		Other       int `rql:"-"`
	}
	require.NoError(t, rql.PrepareFiles(t.Context(), db, &texts, files))
	found, err := texts.ThingsAbove.All(t.Context(), struct{ Least int }{1})
	require.NoError(t, err)
	require.Equal(t, []struct{ ID string }{{"b"}}, found)
	one, err := texts.PutThing.One(t.Context(), struct{ ID string }{"b"})
	require.NoError(t, err)
	require.Equal(t, "b", one.ID)
	require.Equal(t, "UPDATE Thing $id SET n = 0;\nGET Thing $id", texts.PutThing.Text())
	n, err := texts.Count.One(t.Context(), struct{}{})
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.Equal(t, "DELETE Thing ALL", texts.Clear)
	var some struct{ Clear string }
	require.NoError(t, rql.PrepareFiles(t.Context(), db, &some, files, "more.*"))
	require.ErrorIs(t, rql.PrepareFiles(t.Context(), db, &some, files, "a/*.rql"), rql.CodeBadArgument)
}

type hidden struct{ HowMany string }

// Texts are those of an embedded struct too, which is made if there is none.
type Texts struct{ HowMany string }

func TestPrepareFilesEmbedded(t *testing.T) {
	db := rqltest.New(t, `MODEL Thing { id string KEY, n int }`)
	files := rqlFile("-- name: HowMany\nCOUNT Thing")
	var into struct{ *Texts }
	require.NoError(t, rql.PrepareFiles(t.Context(), db, &into, files))
	require.Equal(t, "COUNT Thing", into.HowMany)
	kept := into.Texts
	require.NoError(t, rql.PrepareFiles(t.Context(), db, &into, files))
	require.Same(t, kept, into.Texts)
}

// Every mistake is found when the program starts, with its place in the file.
func TestPrepareFilesRefuses(t *testing.T) {
	db := rqltest.New(t, `MODEL Thing { id string KEY, n int }`)
	type count struct {
		HowMany *rql.Prepared[int, struct{}]
	}
	for name, x := range map[string]struct {
		text string
		into any
		says []string
	}{
		"no pointer":         {itemFile, count{}, []string{"not into rql_test.count"}},
		"no struct":          {itemFile, new(int), []string{"not into *int"}},
		"nil":                {itemFile, (*count)(nil), []string{"struct that a pointer leads to"}},
		"no such statement":  {"-- name: HowMuch\nCOUNT Thing", &count{}, []string{"no statement has the name of the field HowMany"}},
		"another field":      {"-- name: HowMany\nCOUNT Thing", &struct{ HowMany int }{}, []string{"a *rql.Prepared or a string, not int", "HowMany, shop.rql:2"}},
		"syntax":             {"\n-- name: HowMany\nCONT Thing", &count{}, []string{"shop.rql:3:1"}},
		"no model":           {"\n-- name: HowMany\n\nCOUNT Think", &count{}, []string{"shop.rql:4:7", "Think"}},
		"no such row":        {"-- name: HowMany\nFIND Thing", &count{}, []string{"bad-target", "HowMany, shop.rql:2"}},
		"no such parameter":  {"-- name: HowMany\nCOUNT Thing WHERE n = $n", &count{}, []string{"no field for $n", "HowMany, shop.rql:2"}},
		"no name":            {"COUNT Thing", &count{}, []string{"shop.rql:1:1", "has no name"}},
		"a name for nothing": {"-- name: HowMany\n-- name: Other\nCOUNT Thing", &count{}, []string{"shop.rql:1:1", "no statement follows"}},
		"one name for two":   {"-- name: HowMany\nCOUNT Thing;\n-- name: HowMany\nCOUNT Thing", &count{}, []string{"shop.rql:3:1", "second text"}},
		"embedded":           {"-- name: HowMany\nCOUNT Thing", &struct{ *hidden }{}, []string{"the embedded *rql_test.hidden is nil, and not exported", "HowMany, shop.rql:2"}},
		"several mistakes": {"-- name: A\nCOUNT Thin;\n-- name: B\nFIND Thing;", &struct{ A, B *rql.Prepared[int, struct{}] }{},
			[]string{"shop.rql:2:7", "B, shop.rql:4"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := rql.PrepareFiles(t.Context(), db, x.into, rqlFile(x.text))
			require.Error(t, err)
			for _, says := range x.says {
				require.ErrorContains(t, err, says)
			}
		})
	}
	require.ErrorIs(t, rql.PrepareFiles(t.Context(), db, &count{}, nil), rql.CodeBadArgument)
	require.ErrorIs(t, rql.PrepareFiles(t.Context(), db, &count{}, fstest.MapFS{}), rql.CodeBadArgument)
	require.ErrorIs(t, rql.PrepareFiles(t.Context(), nil, &count{}, rqlFile("-- name: HowMany\nCOUNT Thing")), rql.ErrNoDatabase)
	two := fstest.MapFS{"a.rql": {Data: []byte("-- name: HowMany\nCOUNT Thing")}, "b.rql": {Data: []byte("-- name: HowMany\nCOUNT Thing")}}
	require.ErrorContains(t, rql.PrepareFiles(t.Context(), db, &count{}, two), "in a.rql too")
}
