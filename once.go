package rql

import (
	"context"
	"errors"
	"time"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// ExecOnce runs a text of one ATOMIC KEY … FOR block, and repeats it until it is
// known what became of it: after a connection that broke, an answer that did not
// come, or a server that is not ready. The block is carried out once at most,
// whatever is repeated: the server remembers its key, and gives the result of
// the first run again. A refusal, such as that of an ENSURE, ends it.
//
//	_, err := rql.ExecOnce(ctx, db, `ATOMIC KEY $order FOR 1d <
//	  UPDATE Account $from SET balance -= $amount;
//	  UPDATE Account $to   SET balance += $amount >`, args)
//
// It goes on until the context ends, so give it a deadline, earlier than the
// time behind FOR. An answer is awaited for as long as the database does that
// (read_timeout in its URL, WithTimeLimit). If nothing was known by then, the
// outcome of the error is unknown: the same call, with the same key, can be made
// again later, by another process too. The key is a parameter or a text: one that
// is computed would be another one each time. Any other text is refused with
// the code bad-argument.
func ExecOnce(ctx context.Context, db Runner, text string, args ...Args) (*Result, error) {
	if !isOnce(text) {
		return &Result{}, &Error{Code: lang.CodeBadArgument, Statement: -1, Message: "the text is not one ATOMIC KEY block whose key is a parameter or a text",
			Hint: "ATOMIC KEY $key FOR 1d < … > makes a repetition safe"}
	}
	var doubt *Error
	for pause := oncePause; ; pause = min(2*pause, onceMaxPause) {
		res, err := Do(ctx, db, text, args...)
		var e *Error
		if !errors.As(err, &e) {
			return res, err
		}
		switch {
		case e.Outcome == OutcomeUnknown:
			doubt = e
		case e.Outcome != OutcomeNone, e.Code != CodeCancelled && !lang.InfoOf(e.Code).Transient:
			return res, err // and what was in doubt before was not carried out
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			if doubt != nil {
				return res, doubt
			}
			return res, err
		}
	}
}

// Pauses between the runs of ExecOnce.
const (
	oncePause    = 10 * time.Millisecond
	onceMaxPause = time.Second
)

// isOnce reports a text of one block that the server carries out once.
func isOnce(text string) bool {
	file := parser.Parse(lang.NewSource("", text))
	if file.Diags.Err() != nil {
		return true // which the checker reports
	}
	if len(file.Stmts) != 1 {
		return false
	}
	block, ok := file.Stmts[0].(*lang.AtomicStmt)
	if !ok {
		return false
	}
	switch block.Key.(type) {
	case *lang.Param, *lang.Literal:
		return true
	}
	return false
}
