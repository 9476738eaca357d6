package rows

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/planner"
)

// Position is the position of a cursor: the sort values, the partition if there are several, and the key of the last returned row.
type Position struct{ Vals []any }

// cursorText is the content of a cursor. Values are encoded as index components, which preserve type and order.
type cursorText struct {
	V int      `json:"v"`
	H string   `json:"h"` // hash of the statement's shape and parameters
	O []string `json:"o"`
}

const cursorVersion = 1

// shapeHash ties a cursor to its statement and to the values that determine its
// rows.
func shapeHash(c *planner.Cursor, env *eval.Env) (string, error) {
	h := sha256.New()
	h.Write([]byte(c.Shape))
	var buf []byte
	for _, fn := range c.Params {
		v, err := fn(env)
		if err != nil {
			return "", fail.Value(err)
		}
		buf = codec.AppendIdentity(buf[:0], v)
		h.Write(buf)
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

// typeAt returns the type of a value of a cursor: of a term of the order, of the partition, or of the key.
func typeAt(c *planner.Cursor, i int) lang.Type {
	switch n := len(c.Sort.Terms); {
	case i < n:
		return c.Sort.Terms[i].X.Type().NotNull()
	case i == n && c.Sort.Part > 0:
		return c.PartType.NotNull()
	}
	return c.KeyType.NotNull()
}

// positions returns the number of values of a cursor.
func positions(s *planner.Sort) int {
	if s.Part > 0 {
		return len(s.Terms) + 2
	}
	return len(s.Terms) + 1
}

// writeCursor returns the cursor after a row.
func writeCursor(c *planner.Cursor, vals []any, env *eval.Env) (string, error) {
	h, err := shapeHash(c, env)
	if err != nil {
		return "", err
	}
	t := cursorText{V: cursorVersion, H: h}
	for i, v := range vals {
		text := ""
		if v != nil {
			s, err := codec.Text(v, typeAt(c, i))
			if err != nil {
				return "", fail.Value(err)
			}
			text = "=" + base64.RawURLEncoding.EncodeToString([]byte(s))
		}
		t.O = append(t.O, text)
	}
	b, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// readCursor parses the value of AFTER; null is the start.
func readCursor(c *planner.Cursor, env *eval.Env) (*Position, error) {
	v, err := c.After(env)
	if err != nil || v == nil {
		return nil, fail.Value(err)
	}
	bad := fail.Errorf(lang.CodeBadCursor, lang.Span{}, "AFTER takes the cursor from a result of the same statement")
	text, ok := v.(string)
	if !ok {
		return nil, bad
	}
	if text == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, bad
	}
	var t cursorText
	if json.Unmarshal(b, &t) != nil || t.V != cursorVersion || len(t.O) != positions(c.Sort) {
		return nil, bad
	}
	h, err := shapeHash(c, env)
	if err != nil {
		return nil, err
	}
	if h != t.H {
		bad.Message = "this cursor belongs to another statement or other parameters"
		return nil, bad
	}
	p := &Position{Vals: make([]any, len(t.O))}
	for i, s := range t.O {
		if s == "" {
			continue
		}
		raw, err := base64.RawURLEncoding.DecodeString(s[1:])
		if err != nil {
			return nil, bad
		}
		if p.Vals[i], err = codec.Parse(string(raw), typeAt(c, i)); err != nil {
			return nil, bad
		}
	}
	return p, nil
}
