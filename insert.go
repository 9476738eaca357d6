package rql

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// InsertOptions are the options of Insert.
type InsertOptions struct {
	// Skip omits documents whose key or unique value already exists. Replace replaces existing documents with the same key.
	// Without either, such a document is an error: already-exists or unique.
	Skip, Replace bool
	// Chunk is the maximum number of documents that are sent together; 0 means 250. A chunk is written atomically. A chunk that
	// is too large for one statement is sent in parts.
	Chunk int
	// Progress is called after each chunk with the totals so far.
	Progress func(Inserted)
}

// Inserted counts what Insert did.
type Inserted struct {
	Read     int64 // documents read from the iterator
	Created  int64
	Replaced int64 // with Replace: documents that replaced others
	Skipped  int64 // with Skip: documents that were omitted
}

// insertChunk is the default of InsertOptions.Chunk.
const insertChunk = 250

// Insert creates the documents from an iterator, such as slices.Values of a slice, in chunks. T is a struct or a map, as for a
// parameter; its field names are those of the model.
//
// If Insert fails, it also returns what was done. Error.Done is then the number of documents that were certainly written, all of
// them before the chunk that failed, which the message names. Error.InDoubt is the size of a chunk without a reply, which was
// written completely or not at all.
func Insert[T any](ctx context.Context, db Runner, model string, docs iter.Seq[T], o InsertOptions) (Inserted, error) {
	if docs == nil {
		return InsertSeq2[T](ctx, db, model, nil, o)
	}
	return InsertSeq2(ctx, db, model, func(yield func(T, error) bool) {
		for doc := range docs {
			if !yield(doc, nil) {
				return
			}
		}
	}, o)
}

// InsertSeq2 is Insert for an iterator that may fail, such as Stream. An error of the iterator ends the insertion; the returned
// error has the code import and wraps it. Documents that were read but not sent are not written.
func InsertSeq2[T any](ctx context.Context, db Runner, model string, docs iter.Seq2[T, error], o InsertOptions) (Inserted, error) {
	in := inserter[T]{db: db, text: insertText(model, o), o: o}
	switch {
	case !isName(model):
		return in.done, &Error{Code: lang.CodeUnknownModel, Statement: -1, Message: lang.Quote(model) + " is not the name of a model"}
	case docs == nil || o.Chunk < 0 || o.Skip && o.Replace:
		return in.done, &Error{Code: lang.CodeBadArgument, Statement: -1, Message: "Insert wants an iterator, a positive Chunk, and only one of Skip and Replace"}
	case o.Chunk == 0:
		in.o.Chunk = insertChunk
	}
	for doc, err := range docs {
		if err != nil {
			return in.done, in.failed(&Error{Code: lang.CodeImport, Statement: -1, Message: "the documents cannot be read: " + err.Error(), Cause: err}, nil)
		}
		in.done.Read++
		if in.chunk = append(in.chunk, doc); len(in.chunk) == in.o.Chunk {
			if err := in.send(ctx); err != nil {
				return in.done, err
			}
		}
	}
	return in.done, in.send(ctx)
}

// insertText returns the statement for a chunk, which returns true for each document that is new.
func insertText(model string, o InsertOptions) string {
	name, docs := lang.Ident{Name: model}, &lang.Param{Name: "docs"}
	if o.Replace {
		return lang.Print(&lang.PutStmt{Model: name, Doc: docs}) + " RETURN OLD IS NULL"
	}
	s := &lang.CreateStmt{Model: name, Doc: docs}
	if o.Skip {
		s.Conflict = &lang.Conflict{Action: "SKIP"}
	}
	return lang.Print(s) + " RETURN true"
}

// isName reports whether a text is a single name.
func isName(model string) bool {
	stmts := parser.Parse(lang.NewSource("", "COUNT "+lang.Print(lang.Ident{Name: model}))).Stmts
	if len(stmts) != 1 {
		return false
	}
	s, ok := stmts[0].(*lang.CountStmt)
	return ok && s.Model.Name == model
}

// inserter sends documents.
type inserter[T any] struct {
	db    Runner
	text  string
	o     InsertOptions
	done  Inserted
	sent  int64 // documents of the chunks that were written
	chunk []T
}

// send writes the documents that were read.
func (in *inserter[T]) send(ctx context.Context) error {
	chunk := in.chunk
	in.chunk = in.chunk[:0]
	for size := len(chunk); len(chunk) > 0; {
		part := chunk[:min(size, len(chunk))]
		created, err := Query[bool](ctx, in.db, in.text, Args{"docs": part})
		switch e := (*Error)(nil); {
		case err == nil:
		case errors.As(err, &e) && (e.Code == lang.CodeTooLarge || e.Code == lang.CodeBudget) && e.Outcome == OutcomeNone && len(part) > 1:
			size = (len(part) + 1) / 2
			continue
		default:
			return in.failed(err, part)
		}
		in.count(created, len(part))
		chunk = chunk[len(part):]
	}
	return nil
}

// count adds the rows of a chunk.
func (in *inserter[T]) count(created []bool, n int) {
	in.sent += int64(n)
	for _, is := range created {
		if is {
			in.done.Created++
		} else {
			in.done.Replaced++
		}
	}
	in.done.Skipped += int64(n - len(created))
	if in.o.Progress != nil {
		in.o.Progress(in.done)
	}
}

// failed converts the error of a chunk to that of the insertion.
func (in *inserter[T]) failed(err error, part []T) error {
	var e *Error
	var mistakes *CheckError
	if errors.As(err, &mistakes) && in.sent == 0 || !errors.As(err, &e) {
		return err
	}
	if part != nil && e.Outcome == OutcomeNone {
		c := *e
		c.Message += fmt.Sprintf(" (documents %d to %d were not written)", in.sent+1, in.sent+int64(len(part)))
		e = &c
	}
	if e.Outcome == OutcomeDone || e.Outcome == OutcomePartial {
		return e // from a Runner that is not a database
	}
	return e.Stepped(in.done.Created+in.done.Replaced, int64(len(part)))
}
