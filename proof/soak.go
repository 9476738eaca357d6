package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/spec/judge"
)

// soak lets everything happen at once to the documents of one model, on a redis-server of its own: writers that are
// killed by SIGKILL, readers, documents that end, documents and entries that are deleted and damaged behind RQL's
// back, refs with ON DELETE and CASCADE TTL, a model that gains fields and indexes, VERIFY and REPAIR. Then REPAIR, after which VERIFY finds nothing, and
// every document is compared with the judge, the naive engine of the conformance scripts.
//
// The judge can replay what ran concurrently because each connection of a writer has a lane of its own: it changes no
// documents but those of its lane, one statement after the other, so the statements of a lane have one order whatever
// the others do. Proved is that every acknowledged statement had the whole effect that the judge gives it, that every
// refused one had none and is refused by the judge too, and that the one statement of a lane that was under way
// when its process was killed had all of its effect or none. Not proved is what statements of several lanes on the same
// document do to each other: that is what bank and lost are for.
func soak(ctx context.Context, o options, p *printer) error {
	s, err := newServer(ctx, "--appendonly", "no")
	if err != nil {
		return err
	}
	defer s.stop()
	db, err := rql.Open(ctx, s.url)
	if err != nil {
		return err
	}
	defer db.Close()
	k := &soaking{o: o, s: s, db: db, lanes: map[string][]answer{}}
	if _, err := db.Exec(ctx, k.model()+"; "+beside); err != nil {
		return err
	}
	c := newClients(s.url, o)
	c.soak, c.each = true, k.take
	if err := k.disturb(ctx, c); err != nil {
		return err
	}
	if err := s.raw.Do(ctx, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes").Err(); err != nil {
		return err
	}
	time.Sleep(2 * shortLife)
	return k.settle(ctx, p)
}

// shortLife is how long the documents live that are to end during the run.
const shortLife = 200 * time.Millisecond

// soaking is one run of soak.
type soaking struct {
	o  options
	s  *server
	db *rql.DB

	mu    sync.Mutex
	lanes map[string][]answer // what each connection said, in order

	grown, altered                   int // fields that the model gained, and how many of them by ALTER MODEL
	verified, repaired, mended, died int
	stale                            int // times that VERIFY gave up because the model kept changing
}

// model is the definition with the fields that it has by now.
func (k *soaking) model() string {
	var b strings.Builder
	b.WriteString(`MODEL S { id string KEY, lane string INDEX, n int INDEX CHECK n < 100, name string?, u string? UNIQUE, tags list<string> INDEX DEFAULT [], seen set<string>, rev int REVISION`)
	for i := range k.grown {
		b.WriteString(", " + added(i))
	}
	b.WriteString(", INDEX (lane, n) }")
	return b.String()
}

// added is the field of a number that the model gains.
func added(i int) string {
	if i%3 == 0 {
		return fmt.Sprintf("g%d int DEFAULT %d INDEX", i, i)
	}
	return fmt.Sprintf("g%d int DEFAULT %d", i, i)
}

// most is how many fields the model gains.
const most = 30

// take records what a lane says.
func (k *soaking) take(a answer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lanes[a.id] = append(k.lanes[a.id], a)
}

// disturb lets the writers work for the time that is given, and interferes.
func (k *soaking) disturb(ctx context.Context, c *clients) error {
	if err := c.start(); err != nil {
		return err
	}
	defer c.stop()
	ctx, cancel := context.WithTimeout(ctx, k.o.length)
	defer cancel()
	var all sync.WaitGroup
	errs := make(chan error, 3)
	for _, f := range []func(context.Context, *clients) error{k.kills, k.grows, k.verifies} {
		all.Go(func() {
			if err := f(ctx, c); err != nil && !ended(ctx, err) {
				errs <- err
				cancel()
			}
		})
	}
	all.Wait()
	close(errs)
	if err := <-errs; err != nil {
		return err
	}
	return c.finish()
}

// kills kills a writer now and then.
func (k *soaking) kills(ctx context.Context, c *clients) error {
	for i := 0; wait(ctx, k.o.kill); i++ {
		if err := c.replace(i % len(c.running)); err != nil {
			return err
		}
		k.died++
	}
	return nil
}

// grows gives the model another field.
func (k *soaking) grows(ctx context.Context, _ *clients) error {
	for wait(ctx, max(k.o.length/(most+2), 500*time.Millisecond)) && k.grown < most {
		text := "ALTER MODEL S ADD FIELD " + added(k.grown)
		if k.grown++; k.grown%2 == 0 {
			text = k.model()
		} else {
			k.altered++
		}
		if _, err := k.db.Exec(ctx, text); err != nil {
			return err // at the deadline the field is there, half-built or not: the model is completed below
		}
	}
	return nil
}

// verifies lets VERIFY and REPAIR look at the damage.
func (k *soaking) verifies(ctx context.Context, _ *clients) error {
	for i := 0; ctx.Err() == nil; i++ {
		text := "VERIFY S"
		switch {
		case i%8 == 0:
			text = []string{"VERIFY T", "VERIFY R", "VERIFY K"}[i/8%3]
		case i%2 == 1:
			text += " REPAIR"
		}
		r, err := k.db.Exec(ctx, text)
		if errors.Is(err, rql.CodeStale) { // the model changed more often than it could look
			k.stale++
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
		for _, row := range r.Rows {
			if !damaged(row[0].(string), row[1].(string)) {
				return fmt.Errorf("%s finds what nobody damaged: %v", text, row)
			}
		}
		if k.verified++; i%2 == 1 {
			k.repaired++
			k.mended += len(r.Rows)
		}
	}
	return nil
}

// damaged reports a finding that the damage done by writers explains. Nothing else may be found, whatever moves.
func damaged(key, problem string) bool {
	switch {
	case strings.Contains(problem, "is being built"): // while the model grows
		return true
	case problem == "listed, but there is no document", problem == "a collection without its document", strings.HasPrefix(problem, "a stale entry in "):
		return true
	case problem == "no entry in the index tags":
		return true
	}
	return key == "rql:ix:S:tags" && strings.Contains(problem, "is not an entry of the index")
}

// wait reports false when the context ended first.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// settle repairs what is left, and compares every document with the judge.
func (k *soaking) settle(ctx context.Context, p *printer) error {
	if _, err := k.db.Exec(ctx, k.model()); err != nil {
		return err
	}
	r, err := k.db.Exec(ctx, "VERIFY S REPAIR")
	if err != nil {
		return err
	}
	for _, row := range r.Rows {
		if row[2] != true {
			return fmt.Errorf("VERIFY S REPAIR leaves %v", row)
		}
	}
	k.mended += len(r.Rows)
	for model := range compared(k.grown) {
		if err := verify(ctx, k.db, model); err != nil {
			return err
		}
	}
	have, err := k.documents(ctx)
	if err != nil {
		return err
	}
	total, statements, unknown := 0, 0, 0
	for _, lane := range slices.Sorted(maps.Keys(k.lanes)) {
		n, without, with, err := replay(k.model(), k.lanes[lane], k.grown)
		if err != nil {
			return fmt.Errorf("lane %s: %w", lane, err)
		}
		statements += n
		got := have[lane]
		total += len(got)
		delete(have, lane)
		if !maps.Equal(got, without) {
			if with == nil || !maps.Equal(got, with) {
				return fmt.Errorf("lane %s: %s", lane, differences(got, without))
			}
			unknown++
		}
	}
	if len(have) > 0 {
		return fmt.Errorf("there are documents of lanes that said nothing: %v", slices.Collect(maps.Keys(have)))
	}
	counted := 0
	for model := range compared(k.grown) {
		n, err := rql.One[struct{ Count int }](ctx, k.db, "COUNT "+model)
		if err != nil {
			return err
		}
		counted += n.Count
	}
	if counted != total {
		return fmt.Errorf("COUNT says %d, and there are %d documents", counted, total)
	}
	p.line(statements, "statements of %s connections, replayed by the judge: %s documents are what it has", thousands(len(k.lanes)), thousands(total))
	p.line(k.died, "writers were killed with SIGKILL; of %d the last statement was carried out unheard", unknown)
	p.line(k.verified, "times VERIFY ran beside them, %d of them with REPAIR, which mended %s entries; %d times it gave up as stale", k.repaired, thousands(k.mended), k.stale)
	p.line(k.grown, "fields were added meanwhile, %d of them by ALTER MODEL; VERIFY finds nothing", k.altered)
	return nil
}

// columns are what is compared of a document.
func columns(grown int) string {
	out := "id, lane, n, name, u, tags, seen, rev"
	for i := range grown {
		out += fmt.Sprintf(", g%d", i)
	}
	return out
}

// documents reads all documents: of each lane their texts by model and key.
func (k *soaking) documents(ctx context.Context) (map[string]map[string]string, error) {
	out := map[string]map[string]string{}
	for model, columns := range compared(k.grown) {
		r, err := k.db.Exec(ctx, "FIND "+model+" RETURN "+columns)
		if err != nil {
			return nil, err
		}
		for _, row := range r.Rows {
			id := row[0].(string)
			lane, _, _ := strings.Cut(id, "-")
			if out[lane] == nil {
				out[lane] = map[string]string{}
			}
			out[lane][model+" "+id] = fmt.Sprint(row)
		}
	}
	return out, nil
}

// replay runs what a lane said on the judge. It gives the number of statements that were acknowledged or refused,
// the documents after them, and where one more was sent, those after that too.
func replay(model string, said []answer, grown int) (n int, without, with map[string]string, err error) {
	now := lang.DateTime(time.Now().UnixMilli())
	db := judge.New()
	db.Clock = func() lang.DateTime { return now }
	if _, err := db.Exec(model+"; "+beside, nil); err != nil {
		return 0, nil, nil, err
	}
	look := func() (map[string]string, error) {
		was := now
		defer func() { now = was }()
		now += lang.DateTime((10 * time.Minute).Milliseconds())
		out := map[string]string{}
		for model, columns := range compared(grown) {
			r, err := db.Exec("FIND "+model+" RETURN "+columns, nil)
			if err != nil {
				return nil, err
			}
			for _, row := range r[0].Rows {
				out[model+" "+row[0].(string)] = fmt.Sprint(row)
			}
		}
		return out, nil
	}
	for i := 0; i < len(said); i++ {
		text := said[i].text
		if i+1 == len(said) { // nobody heard how it ended
			if without, err = look(); err != nil {
				return n, nil, nil, err
			}
			_, _ = db.Exec(text, nil)
			with, err = look()
			return n, without, with, err
		}
		i++
		if said[i].says == saysUnsent {
			continue
		}
		n++
		_, err := db.Exec(text, nil)
		if said[i].says == saysDone && err != nil || said[i].says != saysDone && codeOf(err) != said[i].text {
			return n, nil, nil, fmt.Errorf("%s: the server said %s, and the judge %v", text, said[i].text, err)
		}
	}
	without, err = look()
	return n, without, nil, err
}

// codeOf is the code of an error of the judge; "" without one.
func codeOf(err error) string {
	var e *judge.Error
	if errors.As(err, &e) {
		return string(e.Code)
	}
	return ""
}

// differences says where documents are not what they have to be.
func differences(got, want map[string]string) string {
	var out []string
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if got[id] != want[id] {
			out = append(out, fmt.Sprintf("%s is %q, and has to be %q", id, got[id], want[id]))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(got)) {
		if want[id] == "" {
			out = append(out, fmt.Sprintf("%s is there: %s", id, got[id]))
		}
	}
	return strings.Join(out[:min(len(out), 5)], "; ")
}
