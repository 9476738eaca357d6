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

// Position is where a cursor stands: the order values and the key of the last row given.
type Position struct{ Vals []any }

// cursorText is the inside of a cursor. Values are index components, which keep type and order.
type cursorText struct {
	V int      `json:"v"`
	H string   `json:"h"` // of the statement's shape and parameters
	O []string `json:"o"`
}

const cursorVersion = 1

// shapeHash ties a cursor to its statement and the values that choose its rows.
func shapeHash(l *planner.Local, env *eval.Env) (string, error) {
	h := sha256.New()
	h.Write([]byte(l.Shape))
	var buf []byte
	for _, fn := range l.Params {
		v, err := fn(env)
		if err != nil {
			return "", fail.Value(err)
		}
		buf = codec.AppendIdentity(buf[:0], v)
		h.Write(buf)
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

// writeCursor makes the cursor behind a row.
func writeCursor(l *planner.Local, vals []any, env *eval.Env) (string, error) {
	h, err := shapeHash(l, env)
	if err != nil {
		return "", err
	}
	c := cursorText{V: cursorVersion, H: h}
	for i, v := range vals {
		t := l.KeyType
		if i < len(l.Order) {
			t = l.Order[i].T
		}
		text := ""
		if v != nil {
			s, err := codec.Text(v, t.NotNull())
			if err != nil {
				return "", fail.Value(err)
			}
			text = "=" + base64.RawURLEncoding.EncodeToString([]byte(s))
		}
		c.O = append(c.O, text)
	}
	b, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// ReadCursor reads what AFTER was given; null is the start.
func ReadCursor(l *planner.Local, env *eval.Env) (*Position, error) {
	v, err := l.After(env)
	if err != nil || v == nil {
		return nil, fail.Value(err)
	}
	bad := fail.Errorf(lang.CodeBadCursor, lang.Span{}, "AFTER takes the cursor that a result of the same statement gave")
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
	var c cursorText
	if json.Unmarshal(b, &c) != nil || c.V != cursorVersion || len(c.O) != len(l.Order)+1 {
		return nil, bad
	}
	h, err := shapeHash(l, env)
	if err != nil {
		return nil, err
	}
	if h != c.H {
		bad.Message = "this cursor belongs to another statement or other parameters"
		return nil, bad
	}
	p := &Position{Vals: make([]any, len(c.O))}
	for i, s := range c.O {
		if s == "" {
			continue
		}
		raw, err := base64.RawURLEncoding.DecodeString(s[1:])
		if err != nil {
			return nil, bad
		}
		t := l.KeyType
		if i < len(l.Order) {
			t = l.Order[i].T
		}
		if p.Vals[i], err = codec.Parse(string(raw), t.NotNull()); err != nil {
			return nil, bad
		}
	}
	return p, nil
}
