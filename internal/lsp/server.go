package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/format"
	"github.com/rql-lang/rql/lang"
)

// Options are what a server is told.
type Options struct {
	// Engine is a database whose models are known too; nil: only those of files.
	Engine  *exec.Engine
	Version string
}

// patience is how long an editor waits for a server.
const patience = 2 * time.Second

// Serve speaks with one editor until it says exit, closes its end, or ctx ends.
func Serve(ctx context.Context, in io.Reader, out io.Writer, o Options) error {
	end := make(chan struct{})
	s := &server{o: o, w: workspace{open: map[string]*file{}, disk: map[string]*file{}}, exit: sync.OnceFunc(func() { close(end) })}
	conn := jsonrpc2.NewConn(ctx, jsonrpc2.NewBufferedStream(&pipe{in, out}, jsonrpc2.VSCodeObjectCodec{}), jsonrpc2.HandlerWithError(s.handle).SuppressErrClosed())
	defer conn.Close()
	select {
	case <-conn.DisconnectNotify():
	case <-end:
	case <-ctx.Done():
	}
	if !s.shut && ctx.Err() == nil {
		return errors.New("the editor ended without shutdown")
	}
	return nil
}

// pipe is both directions of a connection.
type pipe struct {
	io.Reader
	io.Writer
}

// Close closes nothing: the streams are the program's.
func (*pipe) Close() error { return nil }

// server serves one editor. Messages are handled one after the other.
type server struct {
	o     Options
	w     workspace
	bytes bool // positions are counted in bytes
	shut  bool
	exit  func()
}

func (s *server) handle(ctx context.Context, conn *jsonrpc2.Conn, r *jsonrpc2.Request) (any, error) {
	if s.shut && r.Method != "exit" {
		return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidRequest, Message: "the server was shut down"}
	}
	switch r.Method {
	case "initialize":
		return with(r, func(p initializeParams) (any, error) { return s.initialize(ctx, p) })
	case "shutdown":
		s.shut = true
		return nil, nil
	case "exit":
		s.exit()
		return nil, nil
	case "textDocument/didOpen", "textDocument/didChange", "textDocument/didSave", "textDocument/didClose", "workspace/didChangeWatchedFiles":
		return with(r, func(p documentParams) (any, error) { return nil, s.changed(ctx, conn, r.Method, &p) })
	case "textDocument/completion":
		return with(r, func(p positionParams) (any, error) { return at(s, p, s.completion) })
	case "textDocument/hover":
		return with(r, func(p positionParams) (any, error) { return at(s, p, s.hover) })
	case "textDocument/definition":
		return with(r, func(p positionParams) (any, error) { return at(s, p, s.definition) })
	case "textDocument/formatting":
		return with(r, s.formatting)
	case "textDocument/codeAction":
		return with(r, func(p rangeParams) (any, error) { return s.actions(ctx, &p) })
	}
	if r.Notif { // one that is not known is passed over
		return nil, nil
	}
	return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeMethodNotFound, Message: "there is no " + r.Method + " here"}
}

// with reads the parameters of a message.
func with[P any](r *jsonrpc2.Request, f func(P) (any, error)) (any, error) {
	var p P
	if r.Params != nil {
		if err := json.Unmarshal(*r.Params, &p); err != nil {
			return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: err.Error()}
		}
	}
	return f(p)
}

// at calls what answers a question about a place in an open document.
func at(s *server, p positionParams, f func(*file, *text, int) any) (any, error) {
	d, t, err := s.document(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	return f(d, t, t.offset(p.Position)), nil
}

func (s *server) document(uri string) (*file, *text, error) {
	f := s.w.open[uri]
	if f == nil {
		return nil, nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: "the document is not open: " + uri}
	}
	return f, newText(f.src.Text, s.bytes), nil
}

// read reads the files of the folder and the catalog of the server, which other programs may have changed.
func (s *server) read(ctx context.Context) {
	s.w.read()
	if s.o.Engine != nil {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		_ = s.o.Engine.Reload(ctx) // of a server that does not answer, what was read last counts
		s.w.known = s.o.Engine.Schema()
	}
}

func (s *server) initialize(ctx context.Context, p initializeParams) (any, error) {
	root := p.RootURI
	if len(p.WorkspaceFolders) > 0 {
		root = p.WorkspaceFolders[0].URI
	}
	if root != "" {
		s.w.root = pathOf(root)
	}
	s.read(ctx)
	encoding := "utf-16"
	for _, e := range p.Capabilities.General.PositionEncodings {
		if e == "utf-8" {
			encoding, s.bytes = e, true
		}
	}
	return initializeResult{
		Capabilities: capabilities{PositionEncoding: encoding, TextDocumentSync: syncOptions{OpenClose: true, Change: 1, Save: true},
			CompletionProvider: completionOptions{TriggerCharacters: []string{".", " ", "$", "'"}}, Hover: true, Definition: true, Formatting: true, CodeAction: true},
		ServerInfo: serverInfo{"rql", s.o.Version},
	}, nil
}

// changed notes a document that was opened, changed, saved or closed, and says what is wrong with those that are open: what one
// declares, others use.
func (s *server) changed(ctx context.Context, conn *jsonrpc2.Conn, method string, p *documentParams) error {
	uri := p.TextDocument.URI
	switch method {
	case "textDocument/didOpen":
		s.w.open[uri] = newFile(uri, p.TextDocument.Text)
	case "textDocument/didChange":
		if n := len(p.ContentChanges); n > 0 {
			s.w.open[uri] = newFile(uri, p.ContentChanges[n-1].Text)
		}
	case "textDocument/didClose":
		delete(s.w.open, uri)
		if err := conn.Notify(ctx, "textDocument/publishDiagnostics", publishParams{URI: uri, Diagnostics: []diagnostic{}}); err != nil {
			return fmt.Errorf("publish diagnostics: %w", err)
		}
		s.read(ctx)
	default:
		s.read(ctx)
	}
	for uri, f := range s.w.open {
		if err := conn.Notify(ctx, "textDocument/publishDiagnostics", publishParams{URI: uri, Diagnostics: s.diagnostics(ctx, f)}); err != nil {
			return fmt.Errorf("publish diagnostics: %w", err)
		}
	}
	return nil
}

func (s *server) formatting(p documentParams) (any, error) {
	_, t, err := s.document(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	out, err := format.Source("", t.s)
	if err != nil || out == t.s {
		return []textEdit{}, nil //nolint:nilerr // a text with mistakes stays as it is: they are shown already
	}
	return []textEdit{{Range: t.rangeOf(lang.Span{End: len(t.s)}), NewText: out}}, nil
}
