package rql_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	_ "github.com/rql-lang/rql/mem"
)

// The position of a migration is in another slot than a bucket, so a migration cannot change documents there; it can read them, and
// declare their models. In one bucket it changes those of one partition in a statement.
func TestMigrateBuckets(t *testing.T) {
	const model = "MODEL Order { id int KEY, tenant string, n int INDEX } PARTITION BY tenant; COUNT Order; FIND Order ORDER BY n LIMIT 1; COUNT Order WHERE tenant = 'a';"
	for text, runs := range map[string]bool{
		"CREATE Order { tenant: 'a', id: 1, n: 1 };":                                 true,
		"CREATE Order [{ tenant: 'a', id: 1, n: 1 }, { tenant: 'b', id: 1, n: 1 }];": false,
		"UPDATE Order ALL SET n = 1;":                                                false,
		"DELETE Order WHERE tenant = 'a';":                                           true,
	} {
		files := fstest.MapFS{"0001_model.rql": {Data: []byte(model)}, "0002_docs.rql": {Data: []byte(text)}}
		db, err := rql.Open(t.Context(), "mem://?ns={shop}&buckets=4")
		require.NoError(t, err)
		done, err := db.Migrate(t.Context(), files, rql.MigrateOptions{})
		require.ErrorIs(t, err, rql.CodeNotBuilt, text)
		require.Len(t, done, 1, text)
		require.NoError(t, db.Close())

		db, err = rql.Open(t.Context(), "mem://?ns={shop}&buckets=1")
		require.NoError(t, err)
		done, err = db.Migrate(t.Context(), files, rql.MigrateOptions{})
		if runs {
			require.NoError(t, err, text)
			require.Len(t, done, 2, text)
		} else {
			require.ErrorIs(t, err, rql.CodeNotBuilt, text)
		}
		require.NoError(t, db.Close())
	}
}
