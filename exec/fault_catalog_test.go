package exec_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// forget deletes what RQL keeps beside the documents, or the catalog alone.
func forget(t testing.TB, e *exec.Engine, all bool) {
	t.Helper()
	keys := []string{"rql:catalog"}
	if all {
		var err error
		keys, err = e.Client().Keys(ctx, "rql:*").Result()
		require.NoError(t, err)
	}
	require.NoError(t, e.Client().Del(ctx, keys...).Err())
}

// storages are the forms of documents that the server can hold.
func storages(e *exec.Engine) []string {
	if real(e) {
		return []string{""}
	}
	return []string{"", " STORED AS JSON"}
}

// clean asks that VERIFY finds nothing in a model.
func clean(t testing.TB, e *exec.Engine, model string) {
	t.Helper()
	require.Empty(t, must(t, e, "VERIFY "+model).rows)
}

// Where the catalog was lost, MODEL finds the documents and fills what it declares, also what it did not declare before.
func TestLostCatalog(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		for _, stored := range storages(e) {
			for _, key := range []string{"int", "string"} {
				for _, all := range []bool{false, true} {
					name := fmt.Sprintf("key %s%s, all lost: %v", key, stored, all)
					require.NoError(t, e.Client().FlushDB(ctx).Err())
					must(t, e, "MODEL N { id "+key+" KEY, n int INDEX, s string DEFAULT 'x' }"+stored)
					docs := make([]any, 2500)
					for i := range docs {
						docs[i] = map[string]any{"id": int64(i), "n": int64(i % 7)}
						if key == "string" {
							docs[i] = map[string]any{"id": "k" + fmt.Sprint(i), "n": int64(i % 7)}
						}
					}
					must(t, e, "CREATE N $docs", map[string]any{"docs": docs})
					must(t, e, "DELETE N WHERE n = 6")
					have := number(t, e, "COUNT N")
					forget(t, e, all)
					if !all { // what is left of another form of the model
						require.NoError(t, e.Client().Do(ctx, "zadd", "rql:ix:N:n", 0, "'old\x00k1", 0, "a3\x00k99999").Err())
						require.NoError(t, e.Client().Do(ctx, "hset", "rql:uq:N:n,id", "x", "y").Err())
					}
					must(t, e, "MODEL N { id "+key+" KEY, n int INDEX, s string INDEX DEFAULT 'x', m int INDEX DEFAULT 5, UNIQUE (n, id) }"+stored)
					require.Equal(t, have, number(t, e, "COUNT N"), name)
					require.Equal(t, have, number(t, e, "COUNT N WHERE s = 'x'"), name)
					require.Equal(t, have, number(t, e, "COUNT N WHERE m = 5"), name)
					require.Equal(t, int64(358), number(t, e, "COUNT N WHERE n = 0"), name)
					clean(t, e, "N")
				}
			}
		}
	})
}

// The same for models in partitions, in one bucket and in several. One that the documents do not fit is not made.
func TestLostCatalogOfPartitions(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	url, _ := testredis.Start(t)
	for _, ns := range []string{"?ns=shop", "?ns={shop}&buckets=4"} {
		for _, all := range []bool{false, true} {
			e := open(t, url+ns)
			require.NoError(t, e.Client().FlushDB(ctx).Err())
			models := `MODEL Shop { id int KEY, town string, n int INDEX, name string, UNIQUE (name) GLOBAL } PARTITION BY town
MODEL Mark { id string KEY, n int INDEX } TTL 1h PARTITION BY id`
			must(t, e, models)
			for i := range 60 {
				must(t, e, "CREATE Shop { town: $t, id: $i, n: $n, name: $s }; CREATE Mark { id: $s, n: $n }", map[string]any{"t": fmt.Sprint("a:", i%7), "i": int64(i), "n": int64(i % 5), "s": fmt.Sprint("n", i)})
			}
			must(t, e, "DELETE Shop WHERE n = 4; DELETE Mark WHERE n = 4")
			keys, err := e.Client().Keys(ctx, "*shop*:rql:*").Result()
			require.NoError(t, err)
			for _, key := range keys {
				if home := strings.TrimSuffix(strings.TrimPrefix(ns, "?ns="), "&buckets=4") + ":rql:"; all || strings.HasPrefix(key, home+"catalog") {
					require.NoError(t, e.Client().Del(ctx, key).Err())
				}
			}
			if lists, _ := e.Client().Keys(ctx, "*rql:ids:Shop@*").Result(); !all { // what is left of other documents
				for i, key := range lists {
					other := e.Client().ZRange(ctx, lists[(i+1)%7], 0, 0).Val()[0]
					require.NoError(t, e.Client().ZAdd(ctx, key, redis.Z{Member: other}).Err())
				}
			}
			e = open(t, url+ns)
			for range 2 {
				_, err = try(e, "MODEL Shop { id int KEY, town string, n int INDEX, name string, UNIQUE (n) GLOBAL } PARTITION BY town")
				require.ErrorContains(t, err, "has the same n as", "%s %v", ns, all)
			}
			must(t, e, models)
			for _, model := range []string{"Shop", "Mark"} {
				require.Equal(t, int64(48), number(t, e, "COUNT "+model), "%s %v %s", ns, all, model)
				require.Equal(t, int64(12), number(t, e, "COUNT "+model+" WHERE n = 2"), "%s %v %s", ns, all, model)
				clean(t, e, model)
			}
			require.Len(t, must(t, e, "SHOW PARTITIONS Shop").rows, 7)
			require.Equal(t, [][]any{{"a:3"}}, must(t, e, "FIND Shop WHERE name = 'n10' RETURN town").rows)
			_, err = try(e, "CREATE Shop { town: 'b', id: 1, n: 1, name: 'n10' }")
			require.ErrorContains(t, err, "unique")
			require.Positive(t, e.Client().PTTL(ctx, keyOf(t, e, "Mark:n10")).Val())
		}
	}
}

// keyOf returns the key that ends in a text.
func keyOf(t testing.TB, e *exec.Engine, end string) string {
	t.Helper()
	keys, err := e.Client().Keys(ctx, "*"+end).Result()
	require.NoError(t, err)
	require.Len(t, keys, 1)
	return keys[0]
}

// Documents that do not fit a model whose catalog was lost keep it from being made, as often as it is tried.
func TestLostCatalogRefused(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		for _, all := range []bool{false, true} {
			require.NoError(t, e.Client().FlushDB(ctx).Err())
			must(t, e, "MODEL N { id int KEY, n int }; CREATE N [{ id: 1, n: 7 }, { id: 2, n: 8 }, { id: 3, n: 7 }]")
			forget(t, e, all)
			for range 2 {
				x := failure(t, e, "MODEL N { id int KEY, n int UNIQUE }")
				require.Equal(t, lang.CodeUnique, x.Code, x.Error())
				require.Equal(t, []string{"N:1", "N:3"}, []string{x.Holder, x.Key})
				require.Equal(t, int64(3), e.Client().ZCard(ctx, "rql:ids:N").Val())
			}
			var ce *exec.CheckError
			_, err := try(e, "COUNT N")
			require.ErrorAs(t, err, &ce)
			require.NoError(t, e.Client().HSet(ctx, "N:3", "n", 9).Err())
			must(t, e, "MODEL N { id int KEY, n int UNIQUE }")
			require.Equal(t, int64(3), number(t, e, "COUNT N"))
			require.Equal(t, lang.CodeUnique, failure(t, e, "CREATE N { id: 4, n: 9 }").Code)
			clean(t, e, "N")
		}
	})
}

// Hashes of other programs that are called like documents are no documents.
func TestNewModelAmongForeignHashes(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		require.NoError(t, e.Client().HSet(ctx, "N:1", "name", "theirs").Err())
		require.NoError(t, e.Client().HSet(ctx, "N:2", "id", "3").Err())
		require.NoError(t, e.Client().Set(ctx, "N:4", "theirs", 0).Err())
		must(t, e, "MODEL N { id int KEY, n int INDEX }")
		require.Zero(t, number(t, e, "COUNT N"))
	})
}

// A new model on an empty place looks at a bounded number of keys.
func TestNewModelScansNothing(t *testing.T) {
	s := testredis.Run(t, "--enable-debug-command", "local")
	e := open(t, s.URL)
	s.Do("DEBUG", "POPULATE", "50000", "other")
	s.Do("CONFIG", "RESETSTAT")
	must(t, e, "MODEL N { id int KEY, n int INDEX UNIQUE }")
	stats := fmt.Sprint(s.Do("INFO", "commandstats"))
	require.Contains(t, stats, "cmdstat_scan:calls=1,")
	must(t, e, "CREATE N { id: 1, n: 1 }")
	clean(t, e, "N")
}

// A new model costs the same however many there are, and one that is changed is read again with those that name it.
func TestModelReadsNoOther(t *testing.T) {
	s := testredis.Run(t)
	e, other := open(t, s.URL), open(t, s.URL)
	s.Do("CONFIG", "RESETSTAT")
	var text strings.Builder
	for i := range 100 {
		fmt.Fprintf(&text, "MODEL M%d { id int KEY, n int INDEX };\n", i)
	}
	must(t, e, text.String()+"MODEL Part { n int }; MODEL Whole { id int KEY, part Part }; MODEL Of { id int KEY, whole ref<Whole> }")
	require.NotContains(t, fmt.Sprint(s.Do("INFO", "commandstats")), "cmdstat_hgetall:")
	must(t, other, "ALTER MODEL M7 ADD FIELD m int DEFAULT 4; ALTER MODEL Whole ADD FIELD size int DEFAULT 3")
	must(t, e, "CREATE Whole { id: 1, part: { n: 2 } }; CREATE Of { id: 1, whole: 1 }; CREATE M7 { id: 1, n: 1 }")
	require.Equal(t, []any{int64(3), int64(2)}, must(t, e, "GET Of 1 RETURN whole.size, whole.part.n").rows[0])
	require.Equal(t, int64(4), must(t, e, "GET M7 1 RETURN m").rows[0][0])
	for i := range 100 {
		require.Equal(t, int64(0), must(t, other, fmt.Sprintf("COUNT M%d WHERE n > 1", i)).rows[0][0])
	}
}

// A change of one model is made although others were changed meanwhile by another program, which is learnt on the way.
func TestModelBesideChangedOnes(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, `MODEL B { id int KEY, name string, as refs<A.b> }; MODEL Part { n int }; MODEL A { id int KEY, b ref<B>? INDEX ON DELETE SET NULL, part Part?, s string }`)
		must(t, e, "CREATE B { id: 1, name: 'x' }; CREATE A [{ id: 1, b: 1, s: '4' }, { id: 2, s: '5' }] RETURN id")
		other := another(t, e)
		for i, text := range []string{
			"ALTER MODEL A ADD INDEX s", "ALTER MODEL A ADD FIELD k int DEFAULT 3", "ALTER MODEL A CHANGE FIELD s int USING int(s) + k",
			"ALTER MODEL A ADD CHECK s > 0", "ALTER MODEL A ADD FIELD c ref<B>? INDEX ON DELETE SET NULL", "ALTER MODEL A CHANGE FIELD b ref<B>? INDEX ON DELETE RESTRICT",
			"ALTER MODEL A DROP FIELD k", "VERIFY A REPAIR", "ALTER MODEL B ADD UNIQUE name",
		} {
			must(t, other, fmt.Sprintf("ALTER MODEL B ADD FIELD x%d int?", i))
			must(t, e, text)
			clean(t, other, "A")
		}
		require.Equal(t, []any{int64(1), int64(7), "x"}, must(t, other, "GET A 1 RETURN id, s, b.name").rows[0])
	})
}

// After a lost catalog an old program meets no version that it knows of another definition.
func TestLostCatalogVersions(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL N { id int KEY, n int }; CREATE N { id: 1, n: 1 }")
		other := another(t, e)
		must(t, other, "UPDATE N 1 SET n = 2")
		must(t, other, "GET N 1")
		forget(t, e, true)
		require.NoError(t, e.Client().Del(ctx, "N:1").Err())
		must(t, e, "MODEL N { id int KEY, n string INDEX }; CREATE N { id: 1, n: 'a' }")
		_, err := try(other, "UPDATE N 1 SET n = 2")
		var ce *exec.CheckError
		require.ErrorAs(t, err, &ce) // its text does not fit the model as it is now
		require.Equal(t, "a", must(t, other, "GET N 1 RETURN n").rows[0][0])
		clean(t, e, "N")
	})
}

// DROP MODEL … ALL ends also where documents vanished without RQL.
func TestDropAfterDocumentsVanished(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		for _, stored := range storages(e) {
			must(t, e, "MODEL N { id int KEY, n int INDEX UNIQUE }"+stored)
			fill(t, e, 3000)
			for i := 0; i < 3000; i += 2 {
				require.NoError(t, e.Client().Del(ctx, "N:"+fmt.Sprint(i)).Err())
			}
			x := failure(t, e, "DROP MODEL N")
			require.Equal(t, lang.CodeNotEmpty, x.Code)
			require.Equal(t, int64(1500), must(t, e, "DROP MODEL N ALL").affected)
			keys, err := e.Client().Keys(ctx, "*").Result()
			require.NoError(t, err)
			require.Equal(t, []string{"rql:catalog"}, keys)
		}
	})
}

// A damaged counter is an error of the catalog, and what is there is left alone.
func TestDamagedCounter(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL N { id int KEY, n int }")
		for _, next := range []string{"x", "", "-1", "1.5", "1e3", "99999999999999999"} {
			require.NoError(t, e.Client().HSet(ctx, "rql:catalog", "next", next).Err())
			for _, text := range []string{"MODEL M { id int KEY }", "MODEL N { id int KEY, n int INDEX }", "PROCEDURE p() ATOMIC < DELETE N 1 >", "DROP MODEL N"} {
				x := failure(t, e, text)
				require.Equal(t, lang.CodeCatalog, x.Code, "%s with %s: %s", text, next, x.Error())
				require.Contains(t, x.Message, "counter")
				require.Contains(t, x.Hint, "HSET rql:catalog next")
			}
			must(t, e, "UPDATE N ALL SET n = 1")
		}
		require.NoError(t, e.Client().HSet(ctx, "rql:catalog", "next", "7").Err())
		must(t, e, "MODEL M { id int KEY }")
		require.True(t, strings.HasPrefix(e.Client().HGet(ctx, "rql:catalog", "v:M").Val(), "8-"))
	})
}

// A program that runs notices that the catalog has another format, by whatever it does.
func TestFormatIsNoticed(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, fixture)
		texts := append(append([]string{"MODEL User2 { id string KEY }", "DROP MODEL Team", "PROCEDURE p() ATOMIC < DELETE Team 't1' >", "VERIFY User", "COUNT User", "GET User 'u1'",
			"FIND User WHERE age > 1", "FIND User WHERE team.name = 'core'", "MODEL Team { id string KEY, name string INDEX }"}, dataChanges...), reads...)
		for _, text := range texts {
			_, _ = try(e, text) // it is planned and in the server's cache
		}
		newFormat(t, e)
		before := digest(t, e.Client())
		for _, text := range texts {
			_, err := try(e, text)
			x := runError(t, err, text)
			require.Equal(t, lang.CodeCatalog, x.Code, "%s: %s", text, x.Error())
			require.Contains(t, x.Message, "format '5'", text)
		}
		require.Equal(t, before, digest(t, e.Client()))
	})
}

// newFormat does to the catalog what a later program may do that uses a format of its own: all models and procedures get new versions with it.
func newFormat(t *testing.T, e *exec.Engine) {
	t.Helper()
	set := []any{"format", "5"}
	for field, v := range e.Client().HGetAll(ctx, "rql:catalog").Val() {
		if strings.HasPrefix(field, "v:") || strings.HasPrefix(field, "pv:") {
			set = append(set, field, "9"+v)
		}
	}
	require.NoError(t, e.Client().HSet(ctx, "rql:catalog", set...).Err())
}

// VERIFY … REPAIR makes anew what stands beside the documents.
func TestRepair(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		for _, stored := range storages(e) {
			require.NoError(t, e.Client().FlushDB(ctx).Err())
			model := "MODEL N { id int KEY, n int UNIQUE, s string INDEX DEFAULT 'x' }" + stored
			must(t, e, model)
			fill(t, e, 2500)
			require.NoError(t, e.Client().Do(ctx, "zremrangebyrank", "rql:ids:N", 100, 900).Err())
			require.NoError(t, e.Client().Del(ctx, "rql:ix:N:s", "N:7").Err())
			require.NoError(t, e.Client().Do(ctx, "zadd", "rql:ix:N:s", 1, "'gone\x00a9").Err())
			require.NoError(t, e.Client().HSet(ctx, "rql:uq:N:n", "a5", "999999").Err())
			require.NotEmpty(t, must(t, e, "VERIFY N").rows)
			for _, row := range must(t, e, "VERIFY N REPAIR").rows {
				require.Equal(t, true, row[2], row)
			}
			clean(t, e, "N")
			require.Empty(t, must(t, e, "VERIFY N REPAIR").rows)
			require.Equal(t, int64(2499), number(t, e, "COUNT N"))
			require.Equal(t, int64(2499), number(t, e, "COUNT N WHERE s = 'x'"))
			// Of two documents with one value nobody but the user knows which is wrong; all else is repaired.
			must(t, e, "DELETE N WHERE n >= 10")
			duplicate(t, e, stored, 2)
			require.NoError(t, e.Client().Del(ctx, "rql:ix:N:s").Err())
			twice := []any{"N:3", "its value in UNIQUE n is that of N:2 too"}
			rows := must(t, e, "VERIFY N REPAIR").rows
			require.Contains(t, rows, append(twice[:2:2], false))
			require.Contains(t, rows, []any{"rql:ix:N:s", "it is not there, and there are documents", true})
			require.Equal(t, [][]any{twice}, must(t, e, "VERIFY N").rows)
			require.Equal(t, int64(9), number(t, e, "COUNT N WHERE s = 'x'"))
			duplicate(t, e, stored, 3)
			for _, row := range must(t, e, "VERIFY N REPAIR").rows {
				require.Equal(t, true, row[2], row)
			}
			clean(t, e, "N")
			require.Equal(t, lang.CodeUnique, failure(t, e, "CREATE N { id: 100, n: 2 }").Code)
		}
	})
}

// duplicate writes n of the document N:3 behind RQL's back.
func duplicate(t testing.TB, e *exec.Engine, stored string, n int) {
	t.Helper()
	if stored == "" {
		require.NoError(t, e.Client().HSet(ctx, "N:3", "n", n).Err())
		return
	}
	require.NoError(t, e.Client().Do(ctx, "json.set", "N:3", "$.n", fmt.Sprint(n)).Err())
}

// VERIFY says of an index that is being built that it is, and misses no entry of it.
func TestVerifyHalfBuilt(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL N { id int KEY, n int INDEX UNIQUE, INDEX (n, id) }")
		fill(t, e, 1200)
		def := e.Client().HGet(ctx, "rql:catalog", "m:N").Val()
		half := strings.Replace(def, `{"def"`, `{"building":["ix:n","uq:n"],"was":"x","def"`, 1)
		require.NoError(t, e.Client().HSet(ctx, "rql:catalog", "m:N", half, "v:N", "2-00000000", "next", 2).Err())
		require.NoError(t, e.Client().Del(ctx, "rql:ix:N:n", "rql:uq:N:n").Err())
		rows := must(t, e, "VERIFY N").rows
		require.Len(t, rows, 2, rows)
		require.Equal(t, "rql:ix:N:n", rows[0][0])
		require.Equal(t, "rql:uq:N:n", rows[1][0])
		require.Contains(t, rows[0][1], "is being built")
		must(t, e, "MODEL N { id int KEY, n int INDEX UNIQUE, INDEX (n, id) }")
		clean(t, e, "N")
	})
}

// A hash that lost its KEY field is no document, and nothing of it comes back with a new one.
func TestHashWithoutKey(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL N { id string KEY, n int?, s string? }; CREATE N { id: 'a', n: 1, s: 'old' }")
		require.NoError(t, e.Client().HDel(ctx, "N:a", "id").Err())
		before := digest(t, e.Client())
		for _, text := range []string{
			"CREATE N { id: 'a', n: 2 }", "CREATE N [{ id: 'b', n: 2 }, { id: 'a', n: 2 }]", "PUT N { id: 'a', n: 2 }", "ATOMIC < CREATE N { id: 'a', n: 2 } >",
			"CREATE N { id: 'a', n: 2 } ON CONFLICT SKIP", "CREATE N { id: 'a', n: 2 } ON CONFLICT SET n = 3",
		} {
			_, err := try(e, text)
			x := runError(t, err, text)
			require.Equal(t, lang.CodeBadValue, x.Code, "%s: %s", text, x.Error())
			require.Equal(t, []string{"N:a", "id"}, []string{x.Key, x.Field}, text)
			require.Contains(t, x.Message, "has no id")
			require.Equal(t, before, digest(t, e.Client()), text)
		}
		require.NoError(t, e.Client().Del(ctx, "N:a").Err())
		must(t, e, "PUT N { id: 'a', n: 2 }; ATOMIC < DELETE N 'a'; CREATE N { id: 'a', n: 3 } >")
		require.Equal(t, []any{"a", int64(3), nil}, must(t, e, "GET N 'a'").rows[0])
		clean(t, e, "N")
	})
}

// A namespace and a model do not take each other's keys: neither is called like the other, whichever came first.
func TestNamespacesApart(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		within := func(ns string) (*exec.Engine, error) {
			return exec.Wrap(ctx, e.Client(), exec.Options{Namespace: ns})
		}
		for _, ns := range []string{"rql", "rql:a", "a:rql"} {
			_, err := within(ns)
			require.Equal(t, lang.CodeNotAllowed, runError(t, err, ns).Code, ns)
		}
		must(t, e, "MODEL Team { id string KEY }")
		for _, ns := range []string{"Team", "Team:a"} {
			_, err := within(ns)
			x := runError(t, err, ns)
			require.Equal(t, lang.CodeNotAllowed, x.Code, ns)
			require.Contains(t, x.Message, "the model Team", ns)
		}
		shop, err := within("Shop")
		require.NoError(t, err)
		must(t, shop, "MODEL Team { id string KEY }; CREATE Team { id: 'x' }")
		_, err = within("Shop:Team")
		require.Equal(t, lang.CodeNotAllowed, runError(t, err, "Shop:Team").Code)
		for _, text := range []string{"MODEL Shop { id string KEY }", "MODEL Other { id string KEY } KEYS 'Shop:{id}'"} {
			x := failure(t, e, text)
			require.Equal(t, lang.CodeNotAllowed, x.Code, text)
			require.Contains(t, x.Message, "namespace 'Shop'")
		}
		must(t, e, "MODEL Shops { id string KEY }")
		_, err = within("{Team}")
		require.NoError(t, err)
	})
}
