package document

import (
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
)

// Row is room for the columns of one document after the other.
type Row struct {
	Cells []codec.Cell
	// Many says that many documents are read one after the other: the texts of short ones then share memory with their neighbours.
	Many  bool
	texts []text
	json  int // bytes of the document that they are members of; 0: they are fields
	room  strings.Builder
}

// text is the stored text of a column.
type text struct {
	s     string
	there bool
	boxed any // the same in an interface, where it came in one
}

func textOf(reply any) text {
	s, ok := reply.(string)
	return text{s: s, there: ok, boxed: reply}
}

// Values returns the columns in memory of their own.
func (w *Row) Values() []any { return rows.Boxed(w.Cells) }

// Sized makes room for n columns.
func (w *Row) Sized(n int) {
	if cap(w.Cells) < n {
		w.Cells, w.texts = make([]codec.Cell, n), make([]text, 0, n)
	}
	w.Cells, w.json = w.Cells[:n], 0
}

// Empty forgets the document.
func (w *Row) Empty() {
	clear(w.Cells[:cap(w.Cells)])
	clear(w.texts[:cap(w.texts)])
	w.json = 0
	w.room.Reset()
}

// Bytes returns the length of what was taken: of fields, or of the whole document.
func (w *Row) Bytes() int {
	n := w.json
	if n > 0 {
		return n
	}
	for i := range w.texts {
		n += len(w.texts[i].s)
	}
	return n
}

// Set takes the stored texts of the columns, as [Reader.Values] gives them.
func (w *Row) Set(vals []any) {
	w.Sized(len(vals))
	w.texts = w.texts[:0]
	for _, v := range vals {
		w.texts = append(w.texts, textOf(v))
	}
}

// Take takes the stored texts of the columns out of the reply to a command, and reports whether there is a document.
func (r *Reader) Take(c redis.Cmder, w *Row) (bool, error) {
	if raw, ok := c.(*redis.RawCmd); ok {
		if err := raw.Err(); err != nil {
			return false, err
		}
		return r.takeRaw(raw.Val(), w)
	}
	vals, err := r.Values(c)
	if vals == nil || err != nil {
		return false, err
	}
	if w.Set(vals); r.members != nil {
		w.json = len(c.(*redis.StringCmd).Val())
	}
	return true, nil
}

// There reports whether a command found a document.
func (r *Reader) There(c redis.Cmder) (bool, error) {
	switch c := c.(type) {
	case *redis.RawCmd:
		if c.Err() != nil {
			return false, c.Err()
		}
		reply := c.Val()
		n, at := header(reply, 0, '*')
		for i := range n {
			size, from, err := item(reply, at)
			if err != nil || i == r.key {
				return size >= 0, err
			}
			if at = from; size >= 0 {
				at += size + 2
			}
		}
		return false, noReply(fieldsOf)
	case *redis.SliceCmd:
		return c.Err() == nil && c.Val()[r.key] != nil, c.Err()
	case *redis.MapStringStringCmd:
		return len(c.Val()) > 0, c.Err()
	}
	if err := c.Err(); err != redis.Nil {
		return err == nil, err
	}
	return false, nil
}

// sharedReply is the length up to which the texts of replies share memory: one that is kept keeps the others.
const sharedReply = 1 << 10

const fieldsOf = "HMGET with a list of the fields"

// share returns a copy of a reply whose texts share memory.
func (w *Row) share(reply []byte) string {
	if !w.Many {
		return string(reply)
	}
	if w.room.Cap()-w.room.Len() < len(reply) {
		w.room.Reset() // what was given of it stays as it is
		w.room.Grow(sharedReply)
	}
	from := w.room.Len()
	w.room.Write(reply)
	return w.room.String()[from:]
}

// takeRaw reads the reply to HMGET: *2, then $5 and five bytes, or _ or $-1 for a field that is absent.
func (r *Reader) takeRaw(reply []byte, w *Row) (bool, error) {
	n, at := header(reply, 0, '*')
	if n != len(r.cols) {
		return false, noReply(fieldsOf)
	}
	var all string
	if len(reply) <= sharedReply {
		all = w.share(reply)
	}
	w.Sized(n)
	w.texts = w.texts[:0]
	for range n {
		size, from, err := item(reply, at)
		if err != nil {
			return false, err
		}
		x := text{there: size >= 0}
		if at = from; x.there {
			at += size + 2
			if all != "" {
				x.s = all[from : from+size]
			} else {
				x.s = string(reply[from : from+size])
			}
		}
		w.texts = append(w.texts, x)
	}
	return w.texts[r.key].there, nil
}

// item says how long a text in a reply is and where it begins; below zero, it is absent.
func item(reply []byte, at int) (size, from int, err error) {
	if at < len(reply) && reply[at] == '_' {
		return -1, at + len("_\r\n"), nil
	}
	if size, from = header(reply, at, '$'); size < -1 || size >= 0 && len(reply)-from < size+2 {
		return 0, 0, noReply(fieldsOf)
	}
	return size, from, nil
}

// header reads a line of a kind and a number, and says what comes behind it. The number is below -1 if it is another line.
func header(reply []byte, at int, kind byte) (n, next int) {
	if at >= len(reply) || reply[at] != kind {
		return -2, at
	}
	i := at + 1
	less := i < len(reply) && reply[i] == '-'
	if less {
		i++
	}
	from := i
	for ; i < len(reply) && reply[i] >= '0' && reply[i] <= '9' && i-from < maxDigits; i++ {
		n = 10*n + int(reply[i]-'0')
	}
	if i == from || i+1 >= len(reply) || reply[i] != '\r' || reply[i+1] != '\n' {
		return -2, at
	}
	if less {
		n = -n
	}
	return n, i + len("\r\n")
}

// maxDigits is the number of digits of a length, which the server bounds to 512 MiB, and of a count, which is bounded to 2³².
const maxDigits = 10

func noReply(what string) error {
	return &lang.Error{Code: lang.CodeServer, Statement: -1, Message: "the server did not reply to " + what}
}

// Decode decodes what was taken; out hears of values that read as null.
func (r *Reader) Decode(keys keyspace.Keys, id string, w *Row, out *rows.Rows) error {
	m := r.model
	for i, c := range r.cols {
		x := &w.texts[i]
		if !x.there && c.Fill != nil {
			*x = text{s: *c.Fill, there: true}
		}
		if m.Adopted && c.Slot == m.KeyColumn().Slot && c.Coll == nil {
			*x = text{s: id, there: true}
		}
		if err := x.in(c, &w.Cells[i]); err != nil {
			if !c.Lenient() {
				return fail.BadValue(keys.Doc(m, id), c.Name, x.s, m)
			}
			if out != nil {
				out.Warn(Lenient(keys.Doc(m, id), c.Name))
			}
			w.Cells[i] = codec.Cell{}
		}
	}
	return nil
}
