package exec_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// ways is a model with everything a block can write besides plain fields.
const ways = `
MODEL Home { city string INDEX };
MODEL Site { id string KEY, rev int REVISION, hits int INDEX DEFAULT 0, big int64 DEFAULT 0, ratio float DEFAULT 0.5, home Home?, log list<string> INDEX DEFAULT [],
  meta map<int> DEFAULT {}, doc json?, tags set<string>, jobs pqueue<string>, slug string? UNIQUE };
CREATE Site [{ id: 'p', home: { city: 'Oslo' }, tags: ['go', 'db'], jobs: [{ value: 'mail', priority: 5 }, { value: 'call', priority: 1 }], slug: 'p' },
  { id: 'q', log: ['x'], meta: { a: 1 }, tags: ['go'], jobs: [{ value: 'mail', priority: 2 }] }, { id: 'r', slug: 'r' }];
PROCEDURE touch(name string) ATOMIC < UPDATE Site $name SET hits += 1, tags.add('touched'); LET s = GET Site $name; ENSURE s.hits < 3 ELSE 'touched too often' >;
PROCEDURE twice(name string) ATOMIC < CALL touch($name); CALL touch($name); CALL touch($name) >`

// every writes in all ways: what follows it in a block fails after all of them.
const every = `
	UPDATE Site 'p' SET hits += 7, big = 9007199254740993, ratio = 1.5, home.city = 'Bergen', log.append('new'), meta['k'] = 1, doc = { a: [1] }, slug = 'other',
		tags.add('new'), tags.remove('go'), jobs.pop(), jobs.push('late', 0);
	UPDATE Site WHERE hits < 100 SET hits += 1;
	PUT Site { id: 'q', tags: ['put'], slug: 'p' };
	COPY Site 'p' SET id = 'copy', slug = null;
	CREATE Site { id: 'new', tags: ['a'], jobs: [{ value: 'a', priority: 1 }] };
	CREATE Site { id: 'p' } ON CONFLICT SET hits += 1;
	DELETE Site 'r';
	FOR i IN range(1, 3) DO IF i != 2 THEN CREATE Site { id: 'loop' + string(i), hits: i } END END;
	LET m = GET Site 'p' FETCH tags;
`

// way is one in which a block fails after it has written.
type way struct {
	name, text string
	code       lang.Code
	args       map[string]any
}

// block is the text of a way.
func (w way) block() string {
	if w.text[0] == 'A' {
		return w.text
	}
	return "ATOMIC <" + w.text + ">"
}

// failing are the ways in which a block fails after it has written.
func failing() []way {
	return []way{
		{"ensure in a loop", every + "FOR i IN range(1, 5) DO UPDATE Site 'new' SET hits = i; ENSURE i < 4 END", lang.CodeEnsureFailed, nil},
		{"ensure in a procedure", every + "CALL touch('q'); CALL twice('q')", lang.CodeEnsureFailed, nil},
		{"ensure of a query", every + "ENSURE (COUNT Site) = 3 AND (EXISTS Site WHERE id = 'r')", lang.CodeEnsureFailed, nil},
		{"unique at the end", every + "CREATE Site { id: 'twin', slug: 'other' }", lang.CodeUnique, nil},
		{"exists", every + "CREATE Site { id: 'copy' }", lang.CodeAlreadyExists, nil},
		{"deleted before", every + "UPDATE Site 'r' SET hits = 1", lang.CodeKeyNotFound, nil},
		{"not finite", every + "LET x = sqrt(0 - m.hits)", lang.CodeNotFinite, nil},
		{"negative exponent", every + "LET x = 2 ** (0 - m.hits)", lang.CodeNegativeExponent, nil},
		{"overflow of int64", every + "UPDATE Site 'p' SET big += 9223372036854775807", lang.CodeOverflow, nil},
		{"overflow of a sum", every + "FOR i IN range(1, 3) DO CREATE Site { id: 'sum' + string(i), hits: 9007199254740991 } END; LET s = FIND Site RETURN sum(hits)", lang.CodeOverflow, nil},
		{"impossible argument", every + "LET l = FIND Site LIMIT (0 - m.hits)", lang.CodeBadArgument, nil},
		{"null member", every + "UPDATE Site 'p' SET tags.add($x)", lang.CodeNullValue, map[string]any{"x": nil}},
		{"null key", every + "LET k = GET Site 'new'; DELETE Site k.slug", lang.CodeNullValue, nil},
		{"too many documents", every + "FOR i IN range(1, 20000) DO CREATE Site { id: 'many' + string(i) } END", lang.CodeBudget, nil},
		{"too large a result", every + "LET l = 'x' * 1048576; RETURN " + many(17, "l AS l%d"), lang.CodeResultTooLarge, nil},
		{"key of the block", "ATOMIC KEY 'once' FOR 1h <" + every + "ENSURE false >", lang.CodeEnsureFailed, nil},
		{"result of a keyed block", "ATOMIC KEY 'once' FOR 1h <" + every + "LET l = 'x' * 1048570; RETURN l AS a, l AS b >", lang.CodeTooLarge, nil},
		{"key of another block", "ATOMIC KEY 'taken' FOR 1h <" + every + ">", lang.CodeKeyReused, nil},
	}
}

// Whatever a block has written, in whichever way it then fails, nothing of it stays.
func TestFaultWaysLeaveNothing(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, ways)
		must(t, e, "ATOMIC KEY 'taken' FOR 1h < UPDATE Site 'q' SET hits = 1 >")
		for _, tt := range failing() {
			t.Run(tt.name, func(t *testing.T) {
				text := tt.block()
				before := digest(t, e.Client())
				err := failure(t, e, text, tt.args)
				require.Equal(t, tt.code, err.Code, err.Error())
				require.Equal(t, exec.OutcomeNone, err.Outcome)
				unchanged(t, e.Client(), before, text, err)
			})
		}
		before := digest(t, e.Client())
		must(t, e, "ATOMIC <"+every+">") // and without the failure it does change things
		require.NotEqual(t, before, digest(t, e.Client()))
		sound(t, e)
	})
}

// many writes an item n times, with its number.
func many(n int, item string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprintf(item, i)
	}
	return strings.Join(parts, ", ")
}
