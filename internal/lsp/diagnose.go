package lsp

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rql-lang/rql/exec/compile"
	"github.com/rql-lang/rql/internal/include"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
)

// found lists the mistakes and warnings of a document. The parts of a migration are checked one after the other, each on the
// models that it is carried out on.
func (s *server) found(ctx context.Context, f *file) lang.Diags {
	all := s.w.schema(ctx, f)
	text := include.Comment(f.src.Text)
	if slices.ContainsFunc(f.tree.Stmts, func(st lang.Stmt) bool { _, is := st.(*lang.IncludeStmt); return is }) {
		return together(ctx, f, all)
	}
	var out lang.Diags
	from, migration := 0, false
	for _, st := range f.tree.Stmts {
		if _, is := st.(*lang.DownStmt); is {
			list, after := part(ctx, text, from, st.Span().Start, all, true)
			out, migration, from = append(out, list...), true, st.Span().End
			if after != nil {
				all = after
			}
		}
	}
	list, _ := part(ctx, text, from, len(text), all, migration)
	return append(out, list...)
}

// together checks a document with the files that it includes, as they are on the disk, and lists what is wrong in the document.
func together(ctx context.Context, f *file, all *ir.Schema) (out lang.Diags) {
	var good []include.Part
	whole := parser.Parse(lang.NewSource(f.src.Name, include.Comment(f.src.Text)))
	for _, p := range include.Expand(whole, filepath.Dir(f.src.Name)) {
		switch {
		case p.File.Diags.Err() == nil:
			good = append(good, p)
		case p.File.Source.Name == f.src.Name:
			out = append(out, p.File.Diags...)
		}
	}
	text, starts := include.Join(good)
	list, _ := part(ctx, text, 0, len(text), all, false)
	for i, p := range good {
		if p.File.Source.Name != f.src.Name {
			continue
		}
		for _, d := range include.Within(list, starts, i) {
			d.Span.Start += p.Start
			d.Span.End += p.Start
			out = append(out, d)
		}
	}
	out.Sort()
	return out
}

// part checks a part of a text, whose places stay those of the whole text.
func part(ctx context.Context, text string, from, to int, all *ir.Schema, migration bool) (lang.Diags, *ir.Schema) {
	blank := []byte(text[:to])
	for i := range from {
		if blank[i] != '\n' {
			blank[i] = ' '
		}
	}
	prog, diags, err := compile.Check(ctx, lang.NewSource("", string(blank)), nil, check.Options{NoParams: true, Program: true, Migration: migration}, all)
	if err != nil || prog == nil {
		return diags, nil
	}
	return diags, prog.Schema
}

func (s *server) diagnostics(ctx context.Context, f *file) []diagnostic {
	t := newText(f.src.Text, s.bytes)
	out := []diagnostic{}
	for _, d := range s.found(ctx, f) {
		x := diagnostic{Range: t.rangeOf(d.Span), Severity: 1, Code: string(d.Code), Source: "rql", Message: d.Message}
		if d.Severity == lang.SeverityWarning {
			x.Severity = 2
		}
		if d.Hint != "" {
			x.Message += "\n" + d.Hint
		}
		out = append(out, x)
	}
	return out
}

// actions are the corrections that the mistakes of a place propose.
func (s *server) actions(ctx context.Context, p *rangeParams) (any, error) {
	f, t, err := s.document(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	from, to := t.offset(p.Range.Start), t.offset(p.Range.End)
	out := []codeAction{}
	for _, d := range s.found(ctx, f) {
		if d.Fix == nil || d.Span.Start > to || d.Span.End < from {
			continue
		}
		title := "Replace by " + d.Fix.Text
		if strings.ContainsRune(d.Fix.Text, '\n') {
			title = "Correct: " + d.Message
		}
		out = append(out, codeAction{Title: title, Kind: "quickfix", IsPreferred: true,
			Edit: workspaceEdit{Changes: map[string][]textEdit{f.uri: {{Range: t.rangeOf(d.Fix.Span), NewText: d.Fix.Text}}}}})
	}
	return out, nil
}
