package exec_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/lock"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// before is a hook that calls f once, before the first command that has a word with the text.
type before struct {
	text string
	once sync.Once
	f    func()
}

func (b *before) DialHook(next redis.DialHook) redis.DialHook { return next }

func (b *before) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		b.look(cmd)
		return next(ctx, cmd)
	}
}

func (b *before) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		for _, cmd := range cmds {
			b.look(cmd)
		}
		return next(ctx, cmds)
	}
}

func (b *before) look(cmd redis.Cmder) {
	for _, w := range cmd.Args() {
		if strings.Contains(word(w), b.text) {
			b.once.Do(b.f)
		}
	}
}

// word is a word of a command as text.
func word(w any) string {
	switch w := w.(type) {
	case string:
		return w
	case *string:
		return *w
	}
	return ""
}

// overtaken opens two programs and runs the given statements by the second while a command of the first with the text is on its way.
func overtaken(t *testing.T, given, text string, meanwhile ...string) (slow, fast *exec.Engine) {
	t.Helper()
	url, _ := testredis.Start(t)
	fast = open(t, url)
	must(t, fast, given)
	slow = hooked(t, url, &before{text: text, f: func() {
		for _, m := range meanwhile {
			must(t, fast, m)
		}
	}})
	return slow, fast
}

// hooked opens a program with a hook.
func hooked(t *testing.T, url string, h redis.Hook) *exec.Engine {
	t.Helper()
	first := open(t, url)
	c := first.Client()
	c.(interface{ AddHook(redis.Hook) }).AddHook(h)
	e, err := exec.Wrap(ctx, c, exec.Options{Namespace: first.Namespace()})
	require.NoError(t, err)
	return e
}

func fails(t *testing.T, e *exec.Engine, code lang.Code, says, text string) {
	t.Helper()
	_, err := try(e, text)
	var x *lang.Error
	require.ErrorAs(t, err, &x, text)
	require.Equal(t, code, x.Code, "%s: %v", text, err)
	require.Contains(t, x.Message, says)
}

// What a definition names may be renamed while it is on its way, and what it uses may be dropped; and the other way round.
func TestRenameOvertaken(t *testing.T) {
	const post = "MODEL Writer { id string KEY }; MODEL Post { id int KEY, writer ref<Writer> INDEX }; ALTER MODEL Post RENAME FIELD writer TO author"
	const linked = "MODEL Writer { id string KEY, posts refs<Post.writer> }"
	t.Run("DROP ALIAS before a backlink by it", func(t *testing.T) {
		slow, fast := overtaken(t, post, `"def":"MODEL Writer`, "ALTER MODEL Post DROP ALIAS writer")
		fails(t, slow, lang.CodeBadModel, "has no field of that name", linked)
		require.NotContains(t, fmt.Sprint(must(t, fast, "SHOW MODEL Writer").rows), "refs")
	})
	t.Run("a backlink before DROP ALIAS", func(t *testing.T) {
		slow, fast := overtaken(t, post, `"def":"MODEL Post`, linked)
		fails(t, slow, lang.CodeNotAllowed, "is a backlink by Post.writer", "ALTER MODEL Post DROP ALIAS writer")
		must(t, fast, "FIND Writer WHERE EXISTS (posts)")
	})
	t.Run("a backlink before DROP INDEX", func(t *testing.T) {
		slow, _ := overtaken(t, post, `"def":"MODEL Post`, "MODEL Writer { id string KEY, posts refs<Post.author> }")
		fails(t, slow, lang.CodeBadModel, "needs an INDEX", "ALTER MODEL Post DROP INDEX author")
	})
	t.Run("a backlink while an index is filled and another one dropped", func(t *testing.T) {
		const documents = "; ALTER MODEL Post ADD FIELD n int?; CREATE Writer { id: 'w' }; CREATE Post { id: 1, author: 'w', n: 1 }"
		for text, says := range map[string]string{
			"ALTER MODEL Post ADD INDEX n, DROP INDEX author":                            "needs an INDEX",
			"ALTER MODEL Post ADD FIELD more int DEFAULT 1, DROP FIELD author":           "has no field of that name",
			"ALTER MODEL Post CHANGE FIELD n string, ADD INDEX n, DROP INDEX author":     "needs an INDEX",
			"ALTER MODEL Post CHANGE FIELD author string USING 'x', ADD CHECK (id >= 0)": "which is not a ref to Writer",
		} {
			slow, fast := overtaken(t, post+documents, "rql:job:Post", "MODEL Writer { id string KEY, posts refs<Post.author> }")
			fails(t, slow, lang.CodeBadModel, says, text)
			require.Contains(t, fmt.Sprint(must(t, fast, "SHOW MODEL Post").rows), "author ref<Writer> INDEX")
			require.Equal(t, [][]any{{int64(1), "w", int64(1)}}, must(t, fast, "FIND Post").rows, text)
			require.Equal(t, [][]any{{"w", int64(1)}}, must(t, fast, "FIND Writer RETURN id, count(posts)").rows, text)
			require.Empty(t, must(t, fast, "SHOW JOBS").rows)
			sound(t, fast)
			must(t, fast, "ALTER MODEL Writer DROP FIELD posts; "+text)
			sound(t, fast)
		}
	})
	t.Run("a backlink before WRITERS ANY", func(t *testing.T) {
		for _, text := range []string{"ALTER MODEL Post SET WRITERS ANY", "MODEL Post { id int KEY, author ref<Writer> INDEX } WRITERS ANY", "ALTER MODEL Post SET WRITERS ANY, ADD CHECK (id > 0)"} {
			slow, fast := overtaken(t, post, `"def":"MODEL Post`, "MODEL Writer { id string KEY, posts refs<Post.author> }")
			fails(t, slow, lang.CodeBadModel, "other programs also write Post", text)
			require.NotContains(t, fmt.Sprint(must(t, fast, "SHOW MODEL Post").rows), "WRITERS ANY")
		}
	})
	t.Run("RENAME TO before a ref", func(t *testing.T) {
		slow, fast := overtaken(t, "MODEL A { id string KEY }", `"def":"MODEL B`, "ALTER MODEL A RENAME TO C")
		fails(t, slow, lang.CodeStale, "renamed A to C", "MODEL B { id string KEY, a ref<A>? }")
		must(t, slow, "MODEL B { id string KEY, a ref<A>? }")
		require.Contains(t, fmt.Sprint(must(t, fast, "SHOW MODEL B").rows), "ref<C>?")
	})
	t.Run("a ref before RENAME TO", func(t *testing.T) {
		slow, fast := overtaken(t, "MODEL A { id string KEY }", `"def":"MODEL C`, "MODEL B { id string KEY, a ref<A>? }")
		must(t, slow, "ALTER MODEL A RENAME TO C")
		require.Contains(t, fmt.Sprint(must(t, fast, "SHOW MODEL B").rows), "ref<C>?")
	})
	t.Run("RENAME TO before a MODEL of the earlier name", func(t *testing.T) {
		slow, fast := overtaken(t, "MODEL A { id string KEY }; MODEL X { id string KEY }", `"def":"MODEL B`, "ALTER MODEL A RENAME TO B")
		_, err := try(slow, "MODEL B { id string KEY, n int? }")
		require.NoError(t, err, "the same model with one field more")
		must(t, fast, "FIND A WHERE n IS NULL")
	})
	t.Run("two renames", func(t *testing.T) {
		slow, fast := overtaken(t, "MODEL A { id string KEY }; MODEL X { id string KEY }; CREATE A { id: 'a' }", `"def":"MODEL B`, "ALTER MODEL A RENAME TO C")
		must(t, slow, "ALTER MODEL A RENAME TO B")
		require.EqualValues(t, 1, number(t, fast, "COUNT B"))
		require.EqualValues(t, 1, number(t, fast, "COUNT C"))
	})
	t.Run("a name that another takes", func(t *testing.T) {
		slow, _ := overtaken(t, "MODEL A { id string KEY }", `"def":"MODEL B`, "MODEL B { id string KEY }")
		fails(t, slow, lang.CodeNotAllowed, "already exists", "ALTER MODEL A RENAME TO B")
	})
	t.Run("while an index is built", func(t *testing.T) {
		slow, fast := overtaken(t, "MODEL A { id string KEY, n int }; CREATE A { id: 'a', n: 1 }", `"building":["ix:n"]`)
		must(t, slow, "ALTER MODEL A ADD INDEX n")
		must(t, fast, "ALTER MODEL A RENAME TO B; COUNT B WHERE n = 1")
		sound(t, fast)
	})
}

// A model whose statement is unfinished, or one that refers to it, is completed before it is renamed.
func TestRenameUnfinished(t *testing.T) {
	url, c := testredis.Start(t)
	e := open(t, url)
	must(t, e, "MODEL A { id int KEY, n int, s string }; MODEL B { id int KEY, a ref<A>, n int }")
	for i := range 30 {
		must(t, e, fmt.Sprintf("CREATE A { id: %d, n: %d, s: '%[1]d' }; CREATE B { id: %[1]d, a: %[1]d, n: 1 }", i, i%3))
	}
	name := "A"
	for i, unfinished := range []string{"ADD INDEX n", "DROP FIELD s", "ADD FIELD s string DEFAULT '7'", "CHANGE FIELD s int", "ADD CHECK (n >= 0)"} {
		for _, of := range []string{name, "B"} {
			text := unfinished
			if of == "B" {
				text = strings.ReplaceAll(text, "INDEX n", "INDEX a")
				if strings.Contains(text, " s") {
					continue
				}
			}
			halt(t, url, "ALTER MODEL "+of+" "+text)
		}
		to := fmt.Sprint("A", i)
		must(t, e, "ALTER MODEL "+name+" RENAME TO "+to)
		name = to
		def, err := c.HGet(ctx, "rql:catalog", "m:"+name).Result()
		require.NoError(t, err)
		require.NotContains(t, def, "building")
		require.NotContains(t, def, "dropping")
		require.EqualValues(t, 30, number(t, e, "COUNT A"))
		require.EqualValues(t, 10, number(t, e, "COUNT "+name+" WHERE n = 1"))
		sound(t, e)
	}
	require.EqualValues(t, 30, number(t, e, "COUNT A WHERE s = 7"))
}

// Programs read and write by both names while the model is renamed to and fro: no statement fails, and none is lost.
func TestRenameRunning(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, plain *exec.Engine) {
		var programs []*exec.Engine
		for range 5 {
			e, err := exec.Wrap(ctx, plain.Client(), exec.Options{Namespace: "n"})
			require.NoError(t, err)
			programs = append(programs, e)
		}
		must(t, programs[0], "MODEL A { id int KEY, n int INDEX, u string? UNIQUE, tags set<int> }; MODEL R { id int KEY, a ref<A> INDEX ON DELETE CASCADE }; ALTER MODEL A ADD FIELD rs refs<R.a>; ALTER MODEL A RENAME TO B")
		var wg sync.WaitGroup
		var stop atomic.Bool
		each := 3 * testredis.Rounds(20)
		for i, e := range programs[1:] {
			wg.Go(func() {
				name := []string{"A", "B"}[i%2]
				for j := range each {
					id := i*each + j
					text := fmt.Sprintf("CREATE %[1]s { id: %[2]d, n: 0, u: 'u%[2]d', tags: [%[2]d] }; CREATE R { id: %[2]d, a: %[2]d }; UPDATE %[1]s %[2]d SET n = 1; COUNT %[1]s WHERE n = 0", name, id)
					if j%3 == 2 {
						text += fmt.Sprintf("; DELETE %s %d", name, id)
					}
					if _, err := try(e, text); err != nil {
						t.Errorf("%s: %v", text, err)
						return
					}
				}
			})
		}
		var renames sync.WaitGroup
		renames.Go(func() {
			for i := 0; !stop.Load(); i++ {
				must(t, programs[0], []string{"ALTER MODEL B RENAME TO A", "ALTER MODEL A RENAME TO B"}[i%2])
			}
		})
		wg.Wait()
		stop.Store(true)
		renames.Wait()
		require.EqualValues(t, len(programs[1:])*each*2/3, number(t, programs[0], "COUNT A WHERE n = 1"))
		require.EqualValues(t, len(programs[1:])*each*2/3, number(t, programs[0], "COUNT R"))
		sound(t, programs[0])
	})
}

// halting is a hook that lets nothing through after the command that stores an unfinished definition.
type halting struct{ over atomic.Bool }

func (h *halting) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h *halting) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if h.over.Load() {
			return context.Canceled
		}
		err := next(ctx, cmd)
		for _, w := range cmd.Args() {
			if strings.Contains(word(w), `"was":`) && err == nil {
				h.over.Store(true)
			}
		}
		return err
	}
}

func (h *halting) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if h.over.Load() {
			return context.Canceled
		}
		return next(ctx, cmds)
	}
}

// halt leaves an ALTER unfinished.
func halt(t *testing.T, url, text string) {
	t.Helper()
	h := &halting{}
	e := hooked(t, url, h)
	_, err := try(e, text)
	require.True(t, h.over.Load(), "%s: %v", text, err)
	require.Error(t, err, text)
}

// What knows the database beside statements knows the names of a renamed model: locks, doctor, and programs that declare models.
func TestRenameKnown(t *testing.T) {
	url, c := testredis.Start(t)
	e := open(t, url)
	const old = "MODEL A { id string KEY, n int INDEX, tags set<int> }"
	must(t, e, old+"; CREATE A { id: 'x', n: 1, tags: [1] }; ALTER MODEL A ADD FIELD m int?; ALTER MODEL A RENAME TO B")
	for _, name := range []string{"A", "B"} {
		require.NoError(t, e.Lock(ctx, []lock.Key{{Model: name, ID: "x"}}, lock.Lease, func(ctx context.Context, _ int64) error {
			require.EqualValues(t, 1, c.Exists(ctx, "rql:lock:A:x").Val(), name)
			return nil
		}))
		d, err := exec.Declare(ctx, []*lang.Source{lang.NewSource("m.rql", strings.Replace(old, "A", name, 1))})
		require.NoError(t, err)
		other := open(t, url)
		warned, err := other.Compare(d)
		require.NoError(t, err, name)
		require.Empty(t, warned)
		other.See(d)
		require.Equal(t, [][]any{{"x", int64(1)}}, must(t, other, "GET "+name+" 'x'").rows, "without m")
	}
	for _, code := range codes(examine(t, e)) {
		require.NotContains(t, []string{"orphans", "unlisted", "lost-index"}, code)
	}
	_, err := exec.Open(ctx, url+"?ns=A", exec.Options{})
	require.ErrorContains(t, err, "lies among the documents of the model A")
}
