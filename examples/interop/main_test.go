package main

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/exec"
	_ "github.com/rql-lang/rql/mem"
)

// What write.py leaves in the server, as redis-om 1.2.0 and rapyer 1.3.6 wrote it, byte for byte but for
// the texts that redis-om keeps of its index; the last document has a member that no model knows.
var written = [][]any{
	{"JSON.SET", "shop:customer:c1", ".", `{"pk": "c1", "name": "Ann Lee|x", "age": 34, "score": 1.5, "vip": true, "joined": 1714979289.123456, "tags": ["vip", "b c"], "address": {"city": "Oslo", "zip": null}, "note": null}`},
	{"JSON.SET", "shop:customer:c2", ".", `{"pk": "c2", "name": "Bob", "age": 19, "score": 2.0, "vip": false, "joined": 1714979289.123456, "tags": [], "address": {"city": "Rome", "zip": "00100"}, "note": "n"}`},
	{"SET", "shop:customer:index:hash", "b6e0c3a1"},
	{"SET", "shop:customer:index:schema", "ON JSON PREFIX 1 shop:customer: SCHEMA $.pk AS pk TAG SEPARATOR |"},
	{"HSET", "shop:ticket:t1", "pk", "t1", "title", "Concert", "seats", "2", "open", "1", "opened", "1714979289.123456", "note", "front"},
	{"HSET", "shop:ticket:t2", "pk", "t2", "title", "Closed", "seats", "5", "open", "0", "opened", "1714979289.123456"},
	{"SET", "shop:ticket:index:hash", "5f1d27aa"},
	{"JSON.SET", "Task:k1", "$", `{"title":"Task 7","n":7,"ratio":1.5,"due":"2024-05-06T07:08:09.123456Z","made":1714979289.123456,"labels":["a","b c"],"counts":{"k":1},"place":{"city":"Oslo","zip":null},"note":null}`},
	{"JSON.SET", "Task:k2", "$", `{"title":"Task 1","n":1,"ratio":1.5,"due":"2024-05-06T07:08:09.123456Z","made":1714979289.123456,"labels":["a","b c"],"counts":{"k":1},"place":{"city":"Oslo","zip":null},"note":null,"later":{"x":[1,null]}}`},
}

// What is in the server when ask.rql has run. Members that did not change have their bytes.
var changed = map[string]string{
	"shop:customer:c1": `{"pk":"c1","name":"Ann Lee|x","age":35,"score":1.5,"vip":true,"joined":1714982889.123,"tags":["vip","b c","rql"],"address":{"city":"Bergen","zip":null},"note":"seen"}`,
	"shop:customer:c2": `{"pk":"c2","name":"Bob","age":19,"score":2.0,"vip":false,"joined":1714979289.123456,"tags":[],"address":{"city":"Rome","zip":"00100"},"note":"n"}`,
	"shop:customer:c9": `{"pk":"c9","name":"Nia","age":44,"score":0.5,"vip":true,"joined":1714979289.5,"tags":["new"],"address":{"city":"Lima","zip":null},"note":null}`,
	"Task:k1":          `{"title":"Task 7","n":14,"ratio":1.5,"due":"2024-05-07T07:08:09.123Z","made":1714979289.123456,"labels":["a","b c"],"counts":{"k":1,"rql":1},"place":{"city":"Oslo","zip":null},"note":"moved"}`,
	"Task:k2":          `{"title":"Task 1","n":1,"ratio":1.5,"due":"2024-05-06T07:08:09.123456Z","made":1714979289.123456,"labels":["a","b c"],"counts":{"k":1},"place":{"city":"Oslo","zip":null},"note":null,"later":{"x":[1,null]}}`,
	"Task:k9":          `{"pk":"k9","title":"Made by RQL","n":9,"ratio":0.25,"due":"2024-05-06T07:08:09.500Z","made":1714979289,"labels":[],"counts":{},"place":{"city":"Lima","zip":null},"note":null}`,
}

const answers = `FIND pk | name | joined | address.city
   [c1 Ann Lee|x 2024-05-06 07:08:09.123 +0000 UTC Oslo]
FIND pk | score
   [c1 1.5]
GET pk | title | seats | open | opened | note
   [t1 Concert 2 true 2024-05-06 07:08:09.123 +0000 UTC front]
FIND pk | title | due | made | labels | place.city
   [k1 Task 7 2024-05-06 07:08:09.123 +0000 UTC 2024-05-06 07:08:09.123 +0000 UTC [a b c] Oslo]
FIND pk | age | tags
   [c1 35 [vip b c rql]]
   [c2 19 []]
   [c9 44 [new]]
FIND pk | seats | note
   [t1 1 <nil>]
   [t2 5 <nil>]
   [t9 3 <nil>]
FIND pk | n | note
   [k1 14 moved]
   [k2 1 <nil>]
   [k9 9 <nil>]
`

// TestForms reads, finds and changes documents in the forms of the Python
// libraries without them: first those that the models find there, then those
// that are written when the models are known.
func TestForms(t *testing.T) {
	for name, before := range map[string]bool{"before the models": true, "after the models": false} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			url := "mem://interop-" + map[bool]string{true: "before", false: "after"}[before]
			e, err := exec.Open(ctx, url, exec.Options{})
			require.NoError(t, err)
			defer e.Close()
			db, err := rql.Open(ctx, url)
			require.NoError(t, err)
			defer db.Close()
			write := func() {
				for _, cmd := range written {
					require.NoError(t, e.Client().Do(ctx, cmd...).Err())
				}
			}
			if before {
				write()
			}
			require.NoError(t, declare(ctx, db))
			if !before {
				write()
			}
			var out bytes.Buffer
			require.NoError(t, ask(ctx, db, &out))
			require.Equal(t, answers, out.String())
			for key, want := range changed {
				text, err := e.Client().Do(ctx, "JSON.GET", key).Text()
				require.NoError(t, err)
				require.Equal(t, want, text, key)
			}
			hash, err := e.Client().HGetAll(ctx, "shop:ticket:t1").Result()
			require.NoError(t, err)
			require.Equal(t, map[string]string{"pk": "t1", "title": "Concert", "seats": "1", "open": "1", "opened": "1714979289.123456", "note": ""}, hash)
			hash, err = e.Client().HGetAll(ctx, "shop:ticket:t9").Result()
			require.NoError(t, err)
			require.Equal(t, map[string]string{"pk": "t9", "title": "Made by RQL", "seats": "3", "open": "1", "opened": "1714979289", "note": ""}, hash)
		})
	}
}

// Without Python's libraries the command says what it lacks.
func TestSkipped(t *testing.T) {
	t.Setenv("PYTHON", "no-such-python")
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), "redis://localhost:1", &out))
	require.Contains(t, out.String(), "skipped: there is no Python with rapyer and redis-om")
}
