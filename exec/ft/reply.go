package ft

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
)

// Result is one document that a search found; fields is nil if the document no longer exists.
type Result struct {
	Key    string
	Fields fields
}

// fields holds names and values: an alternating list (RESP2) or a map (RESP3); nil if there are none.
type fields interface {
	Each(f func(name string, value any))
}

type fieldList []any

func (l fieldList) Each(f func(string, any)) {
	for i := 0; i+1 < len(l); i += 2 {
		if name, ok := l[i].(string); ok {
			f(name, l[i+1])
		}
	}
}

type fieldMap map[any]any

func (m fieldMap) Each(f func(string, any)) {
	for k, v := range m {
		if name, ok := k.(string); ok {
			f(name, v)
		}
	}
}

// fieldsOf converts the part of a reply that holds the fields.
func fieldsOf(v any) fields {
	switch v := v.(type) {
	case []any:
		return fieldList(v)
	case map[any]any:
		return fieldMap(v)
	}
	return nil
}

// Text returns the value of a field; "" if it is missing.
func (x *Result) Text(name string) (text string) {
	if x.Fields != nil {
		x.Fields.Each(func(n string, v any) {
			if n == name {
				text, _ = v.(string)
			}
		})
	}
	return text
}

// Found is the reply to a search. total is the number of all matches; only FT.SEARCH reports it.
type Found struct {
	Rows  []Result
	Total int64
}

// ReadNames reads the reply to FT.SEARCH … NOCONTENT: the keys of documents, and the number of all matches.
func ReadNames(v any) (names []string, total int64, err error) {
	if list, ok := v.([]any); ok && len(list) > 0 { // RESP2
		names = make([]string, 0, len(list))
		for _, x := range list[1:] {
			name, ok := x.(string)
			if !ok {
				return nil, 0, oddReply(x)
			}
			names = append(names, name)
		}
		total, err = ReadTotal(v)
		return names, total, err
	}
	r, err := ReadReply(v)
	names = make([]string, len(r.Rows))
	for i := range r.Rows {
		names[i] = r.Rows[i].Key
	}
	return names, r.Total, err
}

// ReadReply reads the reply to FT.SEARCH or FT.AGGREGATE, in the form of RESP2 (a list that begins with a number) or RESP3
// (maps).
func ReadReply(v any) (out Found, err error) {
	switch v := v.(type) {
	case []any:
		if len(v) > 0 {
			out.Total, _ = v[0].(int64)
			v = v[1:]
		}
		return out, out.lists(v)
	case map[any]any:
		if err := partial(v); err != nil {
			return out, err
		}
		out.Total, _ = v["total_results"].(int64)
		list, _ := v["results"].([]any)
		for _, x := range list {
			r, ok := x.(map[any]any)
			if !ok {
				return out, oddReply(x)
			}
			out.add(r["id"], fieldsOf(r["extra_attributes"]))
		}
		return out, nil
	}
	return out, oddReply(v)
}

// lists reads results in the form of RESP2: for FT.SEARCH a key and a list or nil, for FT.AGGREGATE just a list.
func (f *Found) lists(v []any) error {
	for i := 0; i < len(v); i++ {
		switch x := v[i].(type) {
		case []any:
			f.add(nil, fieldList(x))
		case string:
			i++
			if i == len(v) {
				return oddReply(x)
			}
			f.add(x, fieldsOf(v[i]))
		default:
			return oddReply(x)
		}
	}
	return nil
}

// add adds a result; the key may be one of its fields.
func (f *Found) add(key any, fields fields) {
	r := Result{Fields: fields}
	var ok bool
	if r.Key, ok = key.(string); !ok {
		r.Key = r.Text(KeyName)
	}
	f.Rows = append(f.Rows, r)
}

// ReadTotal reads the number of results in the reply to FT.SEARCH.
func ReadTotal(v any) (int64, error) {
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

// partial returns an error if a reply says that it is incomplete.
func partial(reply map[any]any) error {
	list, _ := reply["warning"].([]any)
	if len(list) == 0 {
		return nil
	}
	e := fail.Errorf(lang.CodeServer, lang.Span{}, "Search returned only a part of the results: %v", list[0])
	e.Hint = "check the server's limits for Search: MAXSEARCHRESULTS, MAXAGGREGATERESULTS, TIMEOUT"
	return e
}

func oddReply(v any) error {
	return fail.Errorf(lang.CodeServer, lang.Span{}, "Search returned an unexpected reply: %s", fail.Clip(strconv.Quote(fmt.Sprint(v)), 100))
}

// keyName and docName are names of fields in results; columns are c0, c1 …
const (
	KeyName = "__key"
	DocName = "doc"
)

// Exceeds reports whether a search failed because the server limits the number of results in one reply.
func Exceeds(err error) bool { return err != nil && strings.Contains(err.Error(), "LIMIT exceeds") }
