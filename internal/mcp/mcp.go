// Package mcp serves a database to a language model, over the Model Context Protocol.
package mcp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/cli/render"
	"github.com/rql-lang/rql/internal/cli/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// Options are what a server is told.
type Options struct {
	Write   bool // it may change documents and models
	MaxRows int  // of a statement
	Version string
}

const (
	maxBytes = 256 << 10   // of the rows of a call
	timeout  = time.Minute // of a call
)

// Serve speaks with one client until it closes its end, or ctx ends.
func Serve(ctx context.Context, in io.ReadCloser, out io.WriteCloser, e *exec.Engine, o Options) error {
	err := server(e, o).Run(ctx, &mcp.IOTransport{Reader: in, Writer: out})
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe) || ctx.Err() != nil { // the client may go before it has all answers
		return nil
	}
	return fmt.Errorf("model context protocol: %w", err)
}

// model serves one database.
type model struct {
	e *exec.Engine
	o Options
}

type (
	noInput   struct{}
	textInput struct {
		Statement string `json:"statement" jsonschema:"one statement of RQL"`
	}
	runInput struct {
		Text   string         `json:"text" jsonschema:"statements of RQL, separated by semicolons"`
		Params map[string]any `json:"params,omitempty" jsonschema:"values of the parameters: {\"min\": 3} is $min"`
	}
)

func server(e *exec.Engine, o Options) *mcp.Server {
	m := &model{e, o}
	s := mcp.NewServer(&mcp.Implementation{Name: "rql", Version: o.Version}, &mcp.ServerOptions{
		Instructions: "A database in Redis, in RQL. Ask list_models first: it shows what documents there are, as the MODEL statements that declare them. " + grammar()})
	reads, closed := &mcp.ToolAnnotations{ReadOnlyHint: true, OpenWorldHint: new(false)}, &mcp.ToolAnnotations{OpenWorldHint: new(false)}
	mcp.AddTool(s, &mcp.Tool{Name: "list_models", Description: "The models and procedures of the database, as the statements that declare them.", Annotations: reads}, m.list)
	mcp.AddTool(s, &mcp.Tool{Name: "explain", Description: "How a statement would be run, and which indexes it would use. It is not run.", Annotations: reads}, m.explain)
	mcp.AddTool(s, &mcp.Tool{Name: "query", Description: fmt.Sprintf("Runs statements that only read, and gives at most %d rows of each.", o.MaxRows), Annotations: reads}, m.query)
	if o.Write {
		mcp.AddTool(s, &mcp.Tool{Name: "execute", Description: fmt.Sprintf("Runs any statements, also those that change documents and models, and gives at most %d rows of each.", o.MaxRows), Annotations: closed}, m.execute)
	}
	return s
}

// grammar says what the statements about documents look like, from the tables of the language.
func grammar() string {
	text := "Examples of statements:"
	for _, s := range lang.Statements() {
		if x := lang.Example(s.Head); x != "" && (s.Class == lang.Reads || s.Class == lang.Writes && s.Is(lang.InBlock)) {
			text += "\n" + x
		}
	}
	return text + "\nThe clauses of FIND stand in this order: " + lang.FindStatement("FIND").ClauseWords()
}

func (m *model) list(ctx context.Context, _ *mcp.CallToolRequest, _ noInput) (*mcp.CallToolResult, any, error) {
	if err := m.e.Reload(ctx); err != nil {
		return failed(said(err)), nil, nil //nolint:nilerr // a model is told by what it gets
	}
	schema := m.e.Schema()
	all, size := models{Models: []string{}}, 0
	for _, name := range schema.Names() {
		def := schema.Model(name).Def
		if size += len(def); size > maxBytes {
			all.More = append(all.More, name)
			continue
		}
		all.Models = append(all.Models, def)
	}
	for _, name := range schema.Procedures() {
		def := schema.Procedure(name).Def
		if size += len(def); size > maxBytes {
			all.More = append(all.More, name)
			continue
		}
		all.Procedures = append(all.Procedures, def)
	}
	return answered(all, false)
}

// models are the statements that declare what there is.
type models struct {
	Models     []string `json:"models"`
	Procedures []string `json:"procedures,omitempty"`
	More       []string `json:"more,omitempty"` // names for which there was no room: SHOW MODEL name shows one
}

func (m *model) explain(ctx context.Context, _ *mcp.CallToolRequest, in textInput) (*mcp.CallToolResult, any, error) {
	file := parser.Parse(lang.NewSource("", in.Statement))
	if len(file.Stmts) == 1 {
		if x, is := file.Stmts[0].(*lang.ExplainStmt); is && !x.Profile {
			return m.run(ctx, in.Statement, nil)
		}
	}
	text := "EXPLAIN " + in.Statement
	if n := len(parser.Parse(lang.NewSource("", text)).Stmts); n > 1 {
		return failed("explain takes one statement, and there are several"), nil, nil
	}
	return m.run(ctx, text, nil)
}

func (m *model) query(ctx context.Context, r *mcp.CallToolRequest, in runInput) (*mcp.CallToolResult, any, error) {
	src := lang.NewSource("", in.Text)
	if d := run.Changes(parser.Parse(src), "query only reads"); len(d) > 0 {
		return failed(d.Render(src)), nil, nil
	}
	return m.execute(ctx, r, in)
}

func (m *model) execute(ctx context.Context, r *mcp.CallToolRequest, in runInput) (*mcp.CallToolResult, any, error) {
	params, err := paramsOf(r)
	if err != nil {
		return nil, nil, err
	}
	return m.run(ctx, in.Text, params)
}

// result is what a statement gave.
type result struct {
	Statement string            `json:"statement"` // its first word
	Columns   []string          `json:"columns,omitempty"`
	Rows      []json.RawMessage `json:"rows,omitempty"`
	Truncated bool              `json:"truncated,omitempty"` // there are more rows
	Affected  int64             `json:"affected,omitempty"`
	Cursor    string            `json:"cursor,omitempty"`
	Warnings  []string          `json:"warnings,omitempty"`
}

// run runs a text in a session of its own.
func (m *model) run(ctx context.Context, text string, params map[string]any) (*mcp.CallToolResult, any, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	results, size := []result{}, 0
	err := m.e.NewSession(exec.SessionOptions{NoRefresh: !m.o.Write}).Run(ctx, lang.NewSource("", text), params, func(r *exec.Rows) error {
		out := result{Statement: r.Kind, Columns: r.Columns}
		for r.Next() {
			if len(out.Rows) == m.o.MaxRows {
				out.Truncated = true
				break
			}
			row := rowText(r)
			if size+len(row) > maxBytes {
				out.Truncated = true
				out.Warnings = append(out.Warnings, fmt.Sprintf("a row of %d bytes and those behind it are left out: the rows of a call have at most %d bytes; return fewer fields, or parts of them", len(row), maxBytes))
				break
			}
			size += len(row)
			out.Rows = append(out.Rows, row)
		}
		if err := r.Err(); err != nil {
			return err
		}
		out.Affected, out.Cursor = r.Affected(), r.Cursor()
		for _, w := range r.Warnings() {
			out.Warnings = append(out.Warnings, string(w.Code)+": "+w.Text)
		}
		r.Close()
		results = append(results, out)
		return nil
	})
	answer := map[string]any{"results": results}
	if err != nil {
		answer["error"] = said(err)
	}
	return answered(answer, err != nil)
}

// answered is the result of a call, as one object of JSON.
func answered(v any, failed bool) (*mcp.CallToolResult, any, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // ref<Team> is read as it is
	if err := e.Encode(v); err != nil {
		return nil, nil, fmt.Errorf("write the answer: %w", err)
	}
	return &mcp.CallToolResult{IsError: failed, Content: []mcp.Content{&mcp.TextContent{Text: strings.TrimSpace(b.String())}}}, nil, nil
}

// rowText is a row as an object, with its columns in their order.
func rowText(r *exec.Rows) json.RawMessage {
	out := []byte{'{'}
	for i, v := range r.Values() {
		if i > 0 {
			out = append(out, ',')
		}
		name, _ := json.Marshal(r.Columns[i]) // a text
		t := lang.TypeUnknown
		if i < len(r.Types) {
			t = r.Types[i]
		}
		out = render.AppendJSON(append(append(out, name...), ':'), v, t)
	}
	return append(out, '}')
}

// paramsOf are the parameters of a call as RQL takes them, each as its text. They are read from the request itself: in runInput, the
// numbers are floats, and the last digits of a large one are lost.
func paramsOf(r *mcp.CallToolRequest) (map[string]any, error) {
	var in struct{ Params map[string]json.RawMessage }
	if err := json.Unmarshal(r.Params.Arguments, &in); err != nil {
		return nil, fmt.Errorf("read the parameters: %w", err)
	}
	out := make(map[string]any, len(in.Params))
	for name, text := range in.Params {
		out[name] = text
	}
	return out, nil
}

// said is an error as the program prints it, with its place and a hint.
func said(err error) string {
	var b bytes.Buffer
	(&run.Output{Out: io.Discard, Err: &b, Format: "table"}).Error(err)
	return b.String()
}

func failed(text string) *mcp.CallToolResult {
	return &mcp.CallToolResult{IsError: true, Content: []mcp.Content{&mcp.TextContent{Text: text}}}
}
