package rql

import (
	"context"
	"errors"
	"time"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// ExecOnce runs a text that is one ATOMIC KEY … FOR block, and retries it until its outcome is known: after a broken connection,
// a missing reply, or if the server is not ready. However often it is retried, the block is executed at most once: the server
// remembers its key, and returns the result of the first run again. An error of the block itself, such as a failed ENSURE, is
// final.
//
//	_, err := rql.ExecOnce(ctx, db, `ATOMIC KEY $order FOR 1d <
//	  UPDATE Account $from SET balance -= $amount;
//	  UPDATE Account $to   SET balance += $amount >`, args)
//
// It retries until the context ends, so use a deadline, one earlier than the time after FOR. The time limit for each reply is
// that of the database (read_timeout in its URL, WithTimeLimit). If the outcome is still not known at the deadline, that of the
// error is unknown: the same call, with the same key, can be repeated later, even by another process. The key must be a parameter
// or a string literal, because a computed key could differ each time. Any other text is an error of code bad-argument.
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
			return res, err // the earlier attempts were not executed
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

// The pauses between the attempts of ExecOnce.
const (
	oncePause    = 10 * time.Millisecond
	onceMaxPause = time.Second
)

// isOnce reports whether a text is a single block that the server executes at most once.
func isOnce(text string) bool {
	file := parser.Parse(lang.NewSource("", text))
	if file.Diags.Err() != nil {
		return true // the checker reports it
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
