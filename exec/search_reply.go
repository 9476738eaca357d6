package exec

import (
	"fmt"
	"strconv"

	"github.com/rql-lang/rql/lang"
)

// searchRows reads the reply of FT.AGGREGATE or FT.CURSOR READ in the shape of
// RESP2 (a number, then a list of names and values for each result) or RESP3
// (maps). With a cursor the reply is a pair; cursor is 0 where none is open.
func searchRows(v any) (rows []map[string]any, cursor int64, err error) {
	if pair, ok := v.([]any); ok && len(pair) == 2 {
		if n, isInt := pair[1].(int64); isInt {
			v, cursor = pair[0], n
		}
	}
	switch v := v.(type) {
	case []any:
		for i, x := range v {
			if list, ok := x.([]any); ok {
				rows = append(rows, namedValues(list))
			} else if i > 0 {
				return nil, cursor, oddReply(x)
			}
		}
		return rows, cursor, nil
	case map[any]any:
		if err := partial(v); err != nil {
			return nil, cursor, err
		}
		list, _ := v["results"].([]any)
		for _, x := range list {
			r, ok := x.(map[any]any)
			if !ok {
				return nil, cursor, oddReply(x)
			}
			fields, _ := r["extra_attributes"].(map[any]any)
			row := make(map[string]any, len(fields))
			for k, f := range fields {
				if name, ok := k.(string); ok {
					row[name] = f
				}
			}
			rows = append(rows, row)
		}
		return rows, cursor, nil
	}
	return nil, cursor, oddReply(v)
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
