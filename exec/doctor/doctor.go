package doctor

import (
	"context"

	"github.com/rql-lang/rql/exec/catalog"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/stats"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Options limit an examination.
type Options struct {
	// Quick skips the scan of all keys, so no orphans are found.
	Quick bool
	// Progress, if not nil, is called with the number of keys examined.
	Progress func(keys int64)
}

// Report is the result of an examination.
type Report struct {
	Server       Server       `json:"server"`
	Capabilities []Capability `json:"capabilities"`
	Models       []Model      `json:"models"`
	Keys         *Keys        `json:"keys,omitempty"` // nil: the keys were not examined
	Findings     []Finding    `json:"findings"`
	ACL          *ACL         `json:"acl,omitempty"` // nil for the embedded server
}

// Capability is something that the server can or cannot do.
type Capability struct {
	Name  string `json:"name"`
	Found bool   `json:"found"`
	Means string `json:"means"`
}

// Model has the size of a model.
type Model struct {
	Name      string `json:"name"`
	Documents *int64 `json:"documents"` // nil: counting them needs a scan of all keys
	Indexes   int    `json:"indexes"`   // including unique indexes
	Bytes     *int64 `json:"bytes"`     // an estimate; nil: the server does not report it
	empty     bool   // there are documents, and an index has no entries
}

// Keys counts the keys of the namespace that were examined.
type Keys struct {
	All   int64 `json:"all"`
	Other int64 `json:"other"` // keys of other programs, neither of a model nor RQL's
}

// Level is the severity of a finding.
type Level string

// The levels.
const (
	Problem Level = "problem" // results may be wrong or incomplete, or documents are lost
	Warning Level = "warning" // nothing is wrong yet
)

// Finding is a problem or a risk. Help is a command or statement that helps, or "".
type Finding struct {
	Level Level  `json:"level"`
	Code  string `json:"code"`
	About string `json:"about"` // a model, a key, or "server"
	Text  string `json:"text"`
	Help  string `json:"help,omitempty"`
}

// examination is the state of one examination.
type examination struct {
	ctx     context.Context
	c       *conn.Conn
	catalog *catalog.Catalog
	schema  *ir.Schema
	report  *Report
	// byStored has the models of schema by their part of the names of keys; nil until it is needed.
	byStored map[string]*ir.Model
}

// Examine examines the database of a connection and its server. It begins again if a definition changes while it runs.
func Examine(ctx context.Context, c *conn.Conn, held *catalog.Catalog, o Options) (*Report, error) {
	for t := c.Turns(); ; {
		x := &examination{ctx: ctx, c: c, catalog: held, report: &Report{Capabilities: capabilities(c), Models: []Model{}, Findings: []Finding{}}}
		err := x.all(o)
		if err == nil {
			return x.report, nil
		}
		if err != fail.ErrStale {
			return nil, err
		}
		if more, err := t.Next(ctx); err != nil {
			return nil, err
		} else if !more {
			return nil, fail.Errorf(lang.CodeStale, lang.Span{}, "the catalog changed each of %d times that the database was examined", t.N)
		}
	}
}

func (x *examination) all(o Options) error {
	if _, err := x.catalog.Reload(x.ctx); err != nil {
		return err
	}
	x.schema = x.catalog.Schema()
	if err := x.server(); err != nil {
		return err
	}
	if err := x.models(); err != nil {
		return err
	}
	if !o.Quick {
		if err := x.keys(o.Progress); err != nil {
			return err
		}
	}
	if !x.c.Embedded() {
		x.report.ACL = x.acl()
	}
	return nil
}

func (x *examination) found(level Level, code, about, text, help string) {
	x.report.Findings = append(x.report.Findings, Finding{level, code, about, text, help})
}

func capabilities(c *conn.Conn) []Capability {
	rows := c.Capabilities()
	out := make([]Capability, len(rows))
	for i, r := range rows {
		out[i] = Capability{Name: r[0].(string), Found: r[1].(bool), Means: r[2].(string)}
	}
	return out
}

// measure determines the sizes of all models.
func (x *examination) measure() error {
	rows, err := stats.Show(x.ctx, x.c, x.schema, true)
	if err != nil {
		return err
	}
	for rows.Next() {
		row := rows.Values()
		name := row[0].(string)
		m := x.schema.Model(name)
		out := Model{Name: name, Indexes: len(m.Ordered()) + len(m.Uniques), Documents: count(row[1]), Bytes: count(row[6])}
		entries := row[2].(map[string]any)
		for _, ix := range m.Indexes {
			out.empty = out.empty || out.Documents != nil && *out.Documents > 0 && entries[ix.Name] == int64(0) && !ix.Building
		}
		x.report.Models = append(x.report.Models, out)
	}
	return rows.Err()
}

func count(v any) *int64 {
	n, ok := v.(int64)
	if !ok {
		return nil
	}
	return &n
}
