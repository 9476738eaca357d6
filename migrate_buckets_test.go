package rql_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	_ "github.com/rql-lang/rql/mem"
)

// A migration writes in buckets and in several partitions. A statement that failed in some of these goes on there, and is not repeated in the
// others. A new document must be in the same partition in each run.
func TestMigrateBuckets(t *testing.T) {
	const model = "MODEL Order { id int KEY, tenant string, n int INDEX } PARTITION BY tenant; MODEL Event { id string KEY DEFAULT uuid() } PARTITION BY id; COUNT Order;"
	for _, ns := range []string{"{shop}&buckets=4", "{shop}&buckets=1", "shop"} {
		db, err := rql.Open(t.Context(), "mem://?ns="+ns)
		require.NoError(t, err)
		up := func(text string) error {
			files := fstest.MapFS{"0001_model.rql": {Data: []byte(model)}, "0002_docs.rql": {Data: []byte(text)}}
			_, err := db.Migrate(t.Context(), files, rql.MigrateOptions{})
			return err
		}
		run := func(text string) {
			_, err := db.Exec(t.Context(), text)
			require.NoError(t, err, text)
		}
		for _, text := range []string{"CREATE Event [{}, {}]", "CREATE Event [{ id: 'b' }, {}]", "CREATE Event {}"} {
			if text != "CREATE Event {}" || ns == "{shop}&buckets=4" {
				require.ErrorIs(t, up(text), rql.CodeNotAllowed, text)
			}
		}
		create := "CREATE Order [{ tenant: 'a', id: 1, n: 1 }, { tenant: 'b', id: 1, n: 1 }];"
		run("CREATE Order { tenant: 'b', id: 1, n: 5 }")
		require.ErrorIs(t, up(create), rql.CodeAlreadyExists)
		run("DELETE Order { tenant: 'b', id: 1 }")
		require.NoError(t, up(create+"UPDATE Order ALL SET n += 1; UPDATE Order WHERE tenant = 'a' SET n += 1; DELETE Order WHERE tenant = 'b'"))
		run("ENSURE (COUNT Order) = 1; ENSURE (GET Order { tenant: 'a', id: 1 }).n = 3; ENSURE (COUNT Event) = 0")
		require.NoError(t, db.Close())
	}
}
