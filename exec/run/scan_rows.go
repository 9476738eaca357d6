package run

import (
	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
)

// decode reads the flat values of a step into rows.
func (s *scanner) decode(vals []any) error {
	outs := s.step.Script.Outs
	n := len(outs)
	if n == 0 {
		return nil
	}
	if s.unboxed {
		s.flat = vals
		return nil
	}
	s.buf = make([][]any, 0, len(vals)/n)
	cells := make([]any, len(vals))
	for len(vals) >= n {
		row := cells[:n:n]
		cells = cells[n:]
		for i := range row {
			v, err := value(vals[i], &outs[i])
			if err != nil {
				return s.misfit(vals, i)
			}
			row[i] = v
		}
		s.buf = append(s.buf, row)
		vals = vals[n:]
	}
	return nil
}

// value decodes one value of a row.
func value(reply any, out *lua.Out) (any, error) {
	if out.Rows == nil {
		return document.Stored(reply, &out.Type)
	}
	list, _, err := linkedRows(reply, out)
	return list, err
}

// linkedRows decodes the rows of a backlink, which are sent as stored texts. Where one does not fit its type, at is its place.
func linkedRows(reply any, out *lua.Out) (list []any, at int, err error) {
	texts, _ := reply.([]any)
	cols := out.Type.Elem.Cols
	n := 1 + len(cols)
	list = make([]any, 0, len(texts)/n)
	for at = 0; at+n <= len(texts); at += n {
		row := make(map[string]any, len(cols))
		for i := range cols {
			if row[cols[i].Name], err = document.Stored(texts[at+1+i], &cols[i].Type); err != nil {
				return nil, at + 1 + i, err
			}
		}
		list = append(list, row)
	}
	return list, 0, nil
}

// misfit is the error of value i of a row that does not fit its type.
func (s *scanner) misfit(row []any, i int) error {
	if out := &s.step.Script.Outs[i]; out.Rows != nil {
		_, at, _ := linkedRows(row[i], out)
		texts, m, n := row[i].([]any), out.Rows.Model, 1+len(out.Rows.Items)
		id, _ := texts[at-at%n].(string)
		text, _ := texts[at].(string)
		return fail.BadValue(s.j.db.Conn.Keys.Doc(m, id), ir.LeafPath(out.Rows.Items[at%n-1].X.(*ir.Col)), text, m)
	}
	id, _ := row[0].(string)
	text, _ := row[i].(string)
	m := s.step.Query.Model
	return fail.BadValue(s.j.db.Conn.Keys.Doc(m, id), s.step.Script.Outs[i].Path, text, m)
}

// row gives the next row, running steps as needed.
func (s *scanner) row() ([]any, error) {
	for {
		if len(s.buf) > 0 {
			row := s.buf[0]
			s.buf = s.buf[1:]
			return row, nil
		}
		if s.done || s.want == 0 {
			return nil, nil
		}
		if err := s.more(); err != nil {
			return nil, err
		}
	}
}

// more runs one step that is not the first.
func (s *scanner) more() (err error) {
	if s.pages != nil {
		err = s.pages.next()
	} else {
		err = s.next()
	}
	if err == fail.ErrStale {
		return fail.ChangedMeanwhile()
	}
	return err
}

// cells is row where rows are in no memory of their own: those of a step of the script, or of a page.
func (s *scanner) cells() ([]codec.Cell, error) {
	outs := s.step.Script.Outs
	for {
		if n := len(outs); n > 0 && len(s.flat) >= n {
			row := s.flat[:n]
			s.flat = s.flat[n:]
			s.cell.Sized(n)
			for i := range outs {
				c := &s.cell.Cells[i]
				if outs[i].Rows == nil {
					if document.StoredCell(row[i], &outs[i].Type, c) != nil {
						return nil, s.misfit(row, i)
					}
					continue
				}
				list, err := value(row[i], &outs[i])
				if err != nil {
					return nil, s.misfit(row, i)
				}
				*c = codec.Cell{Kind: codec.CellOther, Other: list}
			}
			return s.cell.Cells, nil
		}
		if s.pages != nil {
			if i, err := s.pages.document(); i >= 0 || err != nil {
				return s.pages.row.Cells, err
			}
		}
		if s.done {
			return nil, nil
		}
		if err := s.more(); err != nil {
			return nil, err
		}
	}
}

// ahead returns how many of the rows that cells gives are in memory, except for some that are gone.
func (s *scanner) ahead() int {
	n := len(s.flat) / max(len(s.step.Script.Outs), 1)
	if s.pages != nil {
		n += len(s.pages.docs) + len(s.pages.entries) + len(s.pages.page.ids)
	}
	return n
}
