package spec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/dump"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// dumping is a backend that dumps the database of every case when it is done, makes it again beside it, and dumps that.
type dumping struct {
	*engineBackend
	every         int // of so many cases one
	same, refused int
	// RESTOREs whose documents were read, and those of constants that were parsed nonetheless
	read, parsed int
}

// unfit are the reasons for which a database cannot be dumped, or made again: other programs, or an older definition, left
// something that its models do not allow.
var unfit = map[lang.Code]bool{lang.CodeBadValue: true, lang.CodeCheckFailed: true, lang.CodeRequired: true, lang.CodeDanglingRef: true}

// Finish compares the two dumps.
func (d *dumping) Finish(ctx context.Context) error {
	if d.cases%d.every != 0 {
		return d.engineBackend.Finish(ctx)
	}
	first, err := d.dump(ctx, strings.TrimSuffix(d.prefix, ":"))
	if err == nil {
		err = d.restored(ctx, first)
	}
	var e *lang.Error
	switch {
	case strings.Contains(first, "\n-- broken: "), err != nil && strings.Contains(err.Error(), "than a statement may be"):
		d.refused++
	case err == nil:
		d.same++
	case errors.As(err, &e) && unfit[e.Code]:
		d.refused++
	default:
		return fmt.Errorf("dump: %w\n%s", err, first)
	}
	return d.engineBackend.Finish(ctx)
}

func (d *dumping) open(ctx context.Context, ns string) (*exec.Engine, error) {
	return exec.Open(ctx, d.url+"?ns="+url.QueryEscape(ns), exec.Options{})
}

func (d *dumping) dump(ctx context.Context, ns string) (string, error) {
	e, err := d.open(ctx, ns)
	if err != nil {
		return "", err
	}
	defer e.Close()
	var b strings.Builder
	_, err = dump.Write(ctx, e, &b, nil)
	return b.String(), err
}

// restored runs a dump in a namespace of its own, and dumps that.
func (d *dumping) restored(ctx context.Context, text string) error {
	const ns = "copy"
	e, err := d.open(ctx, ns)
	if err != nil {
		return err
	}
	defer e.Close()
	s := e.NewSession(exec.SessionOptions{Program: true})
	split := parser.NewSplitter(strings.NewReader(text))
	split.Documents(true)
	for {
		piece, err := split.NextBatch()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if piece.Docs != nil {
			if rows, err := s.Restore(ctx, piece.Docs); rows != nil || err != nil {
				d.read++
				if err != nil {
					return err
				}
				continue
			}
			d.parsed++
		}
		if err := s.Run(ctx, piece.Source(""), nil, func(r *exec.Rows) error { return r.Err() }); err != nil {
			return err
		}
	}
	again, err := d.dump(ctx, ns)
	if err == nil && again != text {
		err = fmt.Errorf("made again it is\n%s", again)
	}
	return err
}

// A dump that is run gives the same dump: of the databases that conformance scripts leave behind, as hashes and as JSON.
func TestDumpOfScripts(t *testing.T) {
	t.Parallel()
	for every, b := range map[int]*engineBackend{2: embedded().(*engineBackend), 5: embeddedJSON()} {
		d := &dumping{engineBackend: b, every: every}
		Run(t, d, threeOfFour(t)...)
		require.NoError(t, d.Close())
		t.Logf("%s: %d databases are the same, %d could not be dumped or made again; of the RESTOREs %d were read and %d parsed", b.name, d.same, d.refused, d.read, d.parsed)
		require.Greater(t, d.read, d.parsed)
		require.Greater(t, d.same, 100/every)
		require.Less(t, d.refused, d.same/5)
	}
}

// What was dumped from hashes is the same as JSON values.
func TestDumpIntoOtherStorage(t *testing.T) {
	ctx := t.Context()
	b := embedded().(*engineBackend)
	require.NoError(t, b.Reset(ctx))
	defer b.Close()
	_, err := b.Exec(ctx, `MODEL E { x int, s string? DEFAULT 'x' };
		MODEL D { id string KEY, i int64?, f float, d duration, y bytes, t datetime, l list<datetime>, m map<bytes>, e E?, le list<E>, j json?, v vector<2>, s set<int64>, q pqueue<bytes>, rev int REVISION };
		CREATE D [{ id: 'a', i: null, f: -0.0, d: -1ms, y: hex(''), t: '0001-01-01', l: [], m: {}, le: [], v: [0, 1e-30] }, { id: 'b', i: int64('-9223372036854775808'), f: 1e300, d: 5w, y: hex('00ff'),
			t: '9999-12-31T23:59:59.999Z', l: ['2026-01-02'], m: { '': hex('27'), a: hex('') }, e: { x: 1, s: null }, le: [{ x: 2 }], j: { a: [1, { b: null }], c: 'x' }, v: [0.1, -1], s: [int64('9223372036854775807'), 0], q: [{ value: hex('00'), priority: -0.5 }] }]`, nil)
	require.NoError(t, err)
	d := &dumping{engineBackend: b, every: 1}
	first, err := d.dump(ctx, strings.TrimSuffix(b.prefix, ":"))
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(first, "\n  { id: "), first)
	require.NoError(t, d.restored(ctx, strings.Replace(first, "\n  rev int REVISION\n};", "\n  rev int REVISION\n} STORED AS JSON;", 1)))
}
