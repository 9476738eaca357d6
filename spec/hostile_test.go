package spec

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/spec/gen"
)

// hostile is a program that has a text wherever a constant text can stand: in
// values and names of maps and json, CHECK, DEFAULT, enum, predicates, RETURN,
// SET, COPY, upserts, ATOMIC, ENSURE and procedures.
func hostile(text string) *gen.Program {
	models := `MODEL H {
  id string KEY, s string INDEX DEFAULT @ CHECK s != @z AND s != 'no', e enum(@, @z) DEFAULT @, u string? UNIQUE
  m map<string> DEFAULT {@: @}, l list<string> INDEX DEFAULT [@], j json?, t string?, b bytes?
};
PROCEDURE put(k string, x string) ATOMIC <
  UPDATE H $k SET t = $x + @, m[@] = @z, m[@z] = $x;
  ENSURE $x != @z ELSE @;
  RETURN @ AS c, $x = @ AS same
>`
	steps := strings.Split(`CREATE H { id: 'a' }
CREATE H { id: @, s: @, u: @, m: {@: @z, @z: @}, l: [@, @z], j: {@: [@, {@z: @}]}, t: @ }
PUT H { id: 'p', s: @, m: {@: @} }
UPDATE H 'a' SET m = {@: t}
UPDATE H 'a' SET m = {@: s, @z: @}, t = @
UPDATE H 'a' SET m[@] = @z, t = @ + @z, j = {@: @}
UPDATE H 'a' SET l.append(@), l.prepend(@z), m.update({@: @})
UPDATE H WHERE s = @ AND t IS NOT NULL SET t += @
UPDATE H 'a' SET s = @z
UPDATE H 'a' SET e = @z RETURN e, e = @z AS same, @ AS c, OLD.e
FIND H WHERE s = @ RETURN id, @ AS c, m[@] AS v, j[@] AS w, when(s = @, @, @z) AS x ORDER BY id
FIND H WHERE s IN (@, @z) AND @ IN ('q', @) RETURN id ORDER BY id
FIND H WHERE s >= @ AND s < @z RETURN id ORDER BY id
FIND H WHERE s LIKE @ OR t LIKE @ RETURN id ORDER BY id
FIND H WHERE s STARTS WITH @ RETURN id ORDER BY id
FIND H WHERE l CONTAINS @ RETURN id, l ORDER BY id
FIND H WHERE m[@] = @z OR j[@] = @ RETURN id ORDER BY id
FIND H WHERE u = @ RETURN id, len(u) AS n, u + @ AS w
FIND H GROUP BY s + @ AS k HAVING min(s) != @z RETURN k, count() AS n, collect(s) AS all ORDER BY k
COUNT H WHERE e = @
COPY H 'a' SET id = @ + '2', t = @, m = {@: @}, l = [@]
CREATE H { id: 'a', t: @ } ON CONFLICT SET t = @, m[@z] = @
CALL put('a', @)
CALL put('a', @z)
ATOMIC < LET x = @; LET r = GET H 'a'; IF r.t != x THEN UPDATE H 'a' SET t = x, m = {@: x, @z: r.s} END; ENSURE r.s = @ ELSE @; RETURN x, @ AS y, {@: x} AS o >
ATOMIC < FOR x IN [@, @z] DO UPDATE H 'a' SET l.append(x), m[x] = @ END; RETURN 1 AS n >
ATOMIC < LET xs = FIND H WHERE s = @ RETURN id, t ORDER BY id; FOR x IN xs DO UPDATE H x.id SET t = @ END; ENSURE len(xs) > 99 ELSE @ >
ATOMIC < LET n = COUNT H WHERE s = @; UPDATE H 'a' SET t = @; CREATE H { id: 'n' + @, t: @, m: {@: @} }; RETURN n >
DELETE H WHERE t = @z
DELETE H @`, "\n")
	of := strings.NewReplacer("@z", lang.Quote(text+"z"), "@", lang.Quote(text)).Replace
	p := &gen.Program{Models: of(models), Names: []string{"H"}, Finds: []string{"FIND H ORDER BY id"}}
	for _, s := range steps {
		p.Steps = append(p.Steps, gen.Step{Text: of(s)})
	}
	return p
}

// hostiles runs the program of each hostile text on the judge and on b. Statements
// of a program that fail on the judge are counted, so that most of them do something.
func hostiles(t *testing.T, b Backend) {
	t.Helper()
	texts := gen.Hostile()
	good := 0
	for _, text := range texts {
		p := hostile(text)
		require.NoError(t, differs(p, b), "%q", text)
		good += ran(p)
	}
	require.Greater(t, good, 24*len(texts), fmt.Sprintf("of %d programs", len(texts)))
}

func TestHostileEmbedded(t *testing.T) {
	t.Parallel()
	b := embedded()
	hostiles(t, b)
	require.NoError(t, b.Close())
}

func TestHostileRedis(t *testing.T) { hostiles(t, startRedis(t)) }
