package render

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// jsonWriter writes one object per statement, each on its own line.
type jsonWriter struct{ w io.Writer }

// Write streams the rows; an error that ends them is part of the object, so
// that the output stays well-formed.
func (j *jsonWriter) Write(r *Result) (int64, error) {
	out := bufio.NewWriterSize(j.w, 64<<10)
	if _, err := fmt.Fprintf(out, `{"statement":%d,"rows":[`, r.Statement+1); err != nil {
		return 0, fmt.Errorf("cannot write: %w", err)
	}
	n, buf := int64(0), []byte(nil)
	var plan []string
	for r.Rows.Next() {
		if isPlan(r) {
			plan = append(plan, Text(r.Rows.Values()[0], r.typeOf(0)))
		}
		buf = buf[:0]
		if n > 0 {
			buf = append(buf, ',')
		}
		buf = appendRow(buf, r)
		if _, err := out.Write(buf); err != nil {
			return n, fmt.Errorf("cannot write: %w", err)
		}
		n++
	}
	buf = fmt.Appendf(buf[:0], `],"count":%d,"affected":%d`, n, r.Rows.Affected())
	if isPlan(r) {
		text, err := json.Marshal(tree(plan))
		if err != nil {
			return n, fmt.Errorf("cannot write a plan: %w", err)
		}
		buf = append(append(buf, `,"plan":`...), text...)
	}
	if c := r.Rows.Cursor(); c != "" {
		buf = appendString(append(buf, `,"cursor":`...), c)
	}
	buf = append(buf, `,"warnings":[`...)
	for i, w := range r.Rows.Warnings() {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = appendWarning(buf, w)
	}
	buf = append(buf, ']')
	if err := r.Rows.Err(); err != nil {
		buf = appendError(append(buf, `,"error":`...), err)
	}
	out.Write(append(buf, "}\n"...)) // Flush returns its error
	if err := out.Flush(); err != nil {
		return n, fmt.Errorf("cannot write: %w", err)
	}
	return n, r.Rows.Err()
}

func appendRow(dst []byte, r *Result) []byte {
	values := r.Rows.Values()
	if r.Scalar && len(values) > 0 {
		return AppendJSON(dst, values[0], r.typeOf(0))
	}
	dst = append(dst, '{')
	for i, v := range values {
		if i >= len(r.Columns) {
			break
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, r.Columns[i]), ':')
		dst = AppendJSON(dst, v, r.typeOf(i))
	}
	return append(dst, '}')
}

func appendWarning(dst []byte, w exec.Warning) []byte {
	dst = appendString(append(dst, `{"code":`...), string(w.Code))
	dst = appendString(append(dst, `,"text":`...), w.Text)
	if w.Key != "" {
		dst = appendString(append(dst, `,"key":`...), w.Key)
	}
	if w.Field != "" {
		dst = appendString(append(dst, `,"field":`...), w.Field)
	}
	return fmt.Appendf(dst, `,"count":%d}`, w.Count)
}

func appendError(dst []byte, err error) []byte {
	code, text := lang.Code(""), err.Error()
	var e *exec.Error
	if errors.As(err, &e) {
		code, text = e.Code, e.Message
	}
	dst = appendString(append(dst, `{"code":`...), string(code))
	return append(appendString(append(dst, `,"message":`...), text), '}')
}

// jsonlWriter writes one object per row, each on its own line.
type jsonlWriter struct{ w io.Writer }

// Write streams the rows.
func (j *jsonlWriter) Write(r *Result) (int64, error) {
	out := bufio.NewWriterSize(j.w, 64<<10)
	n, buf := int64(0), []byte(nil)
	for r.Rows.Next() {
		buf = append(appendRow(buf[:0], r), '\n')
		if _, err := out.Write(buf); err != nil {
			return n, fmt.Errorf("cannot write: %w", err)
		}
		n++
	}
	if err := out.Flush(); err != nil {
		return n, fmt.Errorf("cannot write: %w", err)
	}
	return n, r.Rows.Err()
}
