package exec

import (
	"fmt"
	"strconv"

	"github.com/rql-lang/rql/lang"
)

// result is one document that a search found; fields is nil if it is gone.
type result struct {
	key    string
	fields map[string]any
}

// found is the reply of a search. total counts all that match, in the reply of
// FT.SEARCH alone; cursor is 0 where none is open.
type found struct {
	rows   []result
	total  int64
	cursor int64
}

// searchReply reads the reply of FT.SEARCH, FT.AGGREGATE or FT.CURSOR READ, in
// the shape of RESP2 (a list that begins with a number) or RESP3 (maps). With
// a cursor the reply is a pair of that and a number.
func searchReply(v any) (out found, err error) {
	if pair, ok := v.([]any); ok && len(pair) == 2 {
		n, isInt := pair[1].(int64)
		switch pair[0].(type) {
		case []any, map[any]any:
			if isInt {
				v, out.cursor = pair[0], n
			}
		}
	}
	switch v := v.(type) {
	case []any:
		if len(v) > 0 {
			out.total, _ = v[0].(int64)
			v = v[1:]
		}
		return out, out.lists(v)
	case map[any]any:
		if err := partial(v); err != nil {
			return out, err
		}
		out.total, _ = v["total_results"].(int64)
		list, _ := v["results"].([]any)
		for _, x := range list {
			r, ok := x.(map[any]any)
			if !ok {
				return out, oddReply(x)
			}
			out.add(r["id"], mapOf(r["extra_attributes"]))
		}
		return out, nil
	}
	return out, oddReply(v)
}

// lists reads results as RESP2 has them: of FT.SEARCH a key and a list, or nil,
// of FT.AGGREGATE just a list.
func (f *found) lists(v []any) error {
	for i := 0; i < len(v); i++ {
		switch x := v[i].(type) {
		case []any:
			f.add(nil, namedValues(x))
		case string:
			i++
			if i == len(v) {
				return oddReply(x)
			}
			list, ok := v[i].([]any)
			fields := namedValues(list)
			if !ok {
				fields = nil
			}
			f.add(x, fields)
		default:
			return oddReply(x)
		}
	}
	return nil
}

// add adds a result, whose key may stand among its fields.
func (f *found) add(key any, fields map[string]any) {
	name, ok := key.(string)
	if !ok {
		name, _ = fields[keyName].(string)
	}
	f.rows = append(f.rows, result{key: name, fields: fields})
}

// mapOf is the fields of a result in RESP3; nil of a document that is gone.
func mapOf(v any) map[string]any {
	m, ok := v.(map[any]any)
	if !ok {
		return nil
	}
	out := make(map[string]any, len(m))
	for k, x := range m {
		if name, ok := k.(string); ok {
			out[name] = x
		}
	}
	return out
}

// searchTotal reads the number of results in the reply of FT.SEARCH.
func searchTotal(v any) (int64, error) {
	switch v := v.(type) {
	case []any:
		if len(v) > 0 {
			if n, ok := v[0].(int64); ok {
				return n, nil
			}
		}
	case map[any]any:
		if err := partial(v); err != nil {
			return 0, err
		}
		if n, ok := v["total_results"].(int64); ok {
			return n, nil
		}
	}
	return 0, oddReply(v)
}

// namedValues makes a map of a flat list of names and values.
func namedValues(list []any) map[string]any {
	out := make(map[string]any, len(list)/2)
	for i := 0; i+1 < len(list); i += 2 {
		if name, ok := list[i].(string); ok {
			out[name] = list[i+1]
		}
	}
	return out
}

// partial is the error of a reply that says it is not the whole answer.
func partial(reply map[any]any) error {
	list, _ := reply["warning"].([]any)
	if len(list) == 0 {
		return nil
	}
	e := errorf(lang.CodeServer, lang.Span{}, "Search gave a part of the answer only: %v", list[0])
	e.Hint = "look at the server's limits for Search: MAXSEARCHRESULTS, MAXAGGREGATERESULTS, TIMEOUT"
	return e
}

func oddReply(v any) error {
	return errorf(lang.CodeServer, lang.Span{}, "Search gave a reply that is not understood: %s", clip(strconv.Quote(fmt.Sprint(v)), 100))
}
