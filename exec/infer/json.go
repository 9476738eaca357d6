package infer

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// manyNames is how many names the members of objects have that are a map, not a record.
const manyNames = 8

// json are texts that are JSON arrays or objects.
func (f *field) json() (string, []string) {
	if !f.all(func(s string) bool { return s[0] == '[' || s[0] == '{' }) {
		return "", nil
	}
	var elements, members []any
	names := map[string]bool{}
	arrays, objects := true, true
	for _, s := range f.values {
		d := json.NewDecoder(bytes.NewReader([]byte(s)))
		d.UseNumber()
		var v any
		if d.Decode(&v) != nil || d.More() {
			return "", nil
		}
		switch v := v.(type) {
		case []any:
			objects = false
			elements = append(elements, v...)
		case map[string]any:
			arrays = false
			for name, x := range v {
				names[name] = true
				members = append(members, x)
			}
		}
	}
	if arrays {
		for _, k := range []struct {
			name string
			is   func(any) bool
		}{{"string", isString}, {"int", isInt}, {"float", isNumber}} {
			if len(elements) > 0 && every(elements, k.is) {
				return "list<" + k.name + ">", nil
			}
		}
	}
	if objects && len(names) > manyNames && every(members, isString) {
		return "map<string>", nil
	}
	if objects {
		return "json", note("objects with " + strconv.Itoa(len(names)) + " names of members")
	}
	return "json", nil
}

func every(list []any, is func(any) bool) bool {
	for _, x := range list {
		if !is(x) {
			return false
		}
	}
	return true
}

func isString(v any) bool { _, ok := v.(string); return ok }

func isNumber(v any) bool { _, ok := v.(json.Number); return ok }

func isInt(v any) bool {
	n, ok := v.(json.Number)
	return ok && !strings.ContainsAny(string(n), ".eE")
}
