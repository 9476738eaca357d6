package importing

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
)

// Sink receives rows that are written to a file.
type Sink interface {
	Write(row []any) error
	Commit() error // gives the file its final name
	Abort()        // discards the file, unless it was committed
}

// reject is a record that cannot be imported.
type reject struct {
	pos    Pos
	code   lang.Code
	reason string
	record any // nil: it cannot be read
	err    error
}

// rejects is the file of an ON ERROR; nil without one.
type rejects struct {
	file  Sink // nil in a dry run
	limit int64
}

// The columns of a file of rejected records.
var (
	rejectColumns = []string{"file", "line", "code", "reason", "record"}
	rejectTypes   = []lang.Type{lang.TypeString, lang.TypeInt, lang.TypeString, lang.TypeString, lang.TypeJSON}
)

// openRejects begins the file of ON ERROR. A dry run has none, and counts the records.
func (im *importer) openRejects() error {
	st := im.st.Rejects
	if st == nil {
		return nil
	}
	r := &rejects{limit: lang.MaxRejects}
	if st.Limit != nil {
		v, err := im.eval(st.Limit)
		if err != nil {
			return err
		}
		if n, ok := v.(int64); ok && n >= 0 {
			r.limit = n
		} else {
			return fail.Errorf(lang.CodeBadArgument, st.Limit.Span(), "LIMIT is a number of records, not negative")
		}
	}
	if !im.o.DryRun {
		name, err := im.nameOf(st.File)
		if err != nil {
			return err
		}
		if r.file, err = im.o.Create(name, lang.FileOptions{}, rejectColumns, rejectTypes); err != nil {
			return err
		}
	}
	im.rejects = r
	return nil
}

// refused returns the record of an error for which it is rejected.
func refused(pos Pos, err error, record any) reject {
	r := reject{pos: pos, code: lang.CodeImport, reason: err.Error(), record: record, err: err}
	var re *RecordError
	if errors.As(err, &re) {
		r.code, r.reason = re.code(), re.Message
	} else if e, ok := fail.As(err); ok {
		r.code, r.reason = e.Code, e.Message
	}
	return r
}

// reject writes the rejected records of a batch in the order of the file. The first one beyond the limit ends the import.
func (im *importer) reject(file string, list []reject) error {
	r := im.rejects
	slices.SortStableFunc(list, func(a, b reject) int { return cmp.Compare(a.pos.Line, b.pos.Line) })
	for i := range list {
		x := &list[i]
		if im.sums.rejected == r.limit {
			e := im.failure(x.err)
			e.Hint = fmt.Sprintf("ON ERROR … LIMIT is the number of records that may be rejected; it is %d here", r.limit)
			return e
		}
		im.sums.rejected++
		if r.file == nil {
			continue
		}
		if err := r.file.Write([]any{file, int64(x.pos.Line), string(x.code), x.reason, x.record}); err != nil {
			return err
		}
	}
	return nil
}

// keep gives the file its name.
func (r *rejects) keep() error {
	if r == nil || r.file == nil {
		return nil
	}
	return r.file.Commit()
}

// close discards the file, unless it was kept.
func (r *rejects) close() {
	if r != nil && r.file != nil {
		r.file.Abort()
	}
}
