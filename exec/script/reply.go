package script

import (
	"strconv"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lua"
)

// Reply is what a script returned: its array, read by position.
type Reply []any

// Str returns item i as a string; "" if it is none.
func (r Reply) Str(i int) string {
	if i < len(r) {
		switch v := r[i].(type) {
		case string:
			return v
		case int64:
			return strconv.FormatInt(v, 10)
		}
	}
	return ""
}

// Int returns item i as a number; 0 if it is none.
func (r Reply) Int(i int) int64 {
	if i < len(r) {
		if v, ok := r[i].(int64); ok {
			return v
		}
	}
	return 0
}

// List returns item i as a list; nil if it is none.
func (r Reply) List(i int) []any {
	if i < len(r) {
		if v, ok := r[i].([]any); ok {
			return v
		}
	}
	return nil
}

// Read converts the result of a script: its reply, or the error that it reports.
func Read(s *lua.Script, v any) (Reply, error) {
	switch x := v.(type) {
	case int64:
		return Reply{"+", x}, nil
	case string:
		if s.Values {
			return Reply{"+", int64(s.Affected), nil, []any{v}, ""}, nil
		}
	}
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return nil, &lang.Error{Code: lang.CodeServer, Message: "a script returned an unexpected reply", Statement: -1}
	}
	if n, ok := list[0].(int64); ok && s.Values {
		return Reply{"+", n, nil, list[1:], ""}, nil
	}
	r := Reply(list)
	if r.Str(0) == "!" {
		return nil, failure(s, r)
	}
	return r, nil
}

// failure converts {'!', code, place, key, field, text} to an *Error.
func failure(s *lua.Script, r Reply) error {
	code := lang.Code(r.Str(1))
	if code == lang.CodeStale {
		return fail.ErrStale
	}
	e := &lang.Error{Code: code, Key: r.Str(3), Field: r.Str(4), Statement: -1}
	if p := int(r.Int(2)); p >= 0 && p < len(s.Places) {
		e.Span, e.Within = s.Places[p], s.Within[p]
	}
	switch code {
	case lang.CodeUnique, lang.CodeRestricted:
		e.Holder = r.Str(5)
	case lang.CodeEnsureFailed:
		e.Key, e.Reason = "", r.Str(3)
	}
	e.Message, e.Hint = fail.Describe(code, e.Key, e.Field, r.Str(5))
	switch code {
	case lang.CodeBadValue:
		fail.Advise(e, r.Str(5), s.Models)
	case lang.CodeServer:
		fail.Refuse(e, r.Str(5))
	}
	return e
}
