package infer

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// manyNames is the number of different member names from which objects are taken for maps, not records.
const manyNames = 8

// Values proposes a type for a member with this name of JSON documents. texts are its values as JSON in those of the total
// documents that have it. Null does not count as a value.
func Values(name string, texts []string, total int, targets []Target) Type {
	kinds, inner := map[byte]bool{}, make([]string, 0, len(texts))
	for _, s := range texts {
		kind := s[0]
		switch {
		case kind == '"':
			var x string
			if json.Unmarshal([]byte(s), &x) == nil {
				s = x
			}
		case kind == '-' || kind >= '0' && kind <= '9':
			kind = '0'
		case kind == 't' || kind == 'f':
			kind = 't'
		}
		kinds[kind] = true
		inner = append(inner, s)
	}
	t := Type{Text: "json", Null: len(texts) < total}
	if len(kinds) != 1 {
		t.Notes = note("values of " + strconv.Itoa(len(kinds)) + " kinds")
		return t
	}
	f := newField(name, inner, targets)
	switch {
	case kinds['0']:
		t.first(f, (*field).integer, (*field).float)
		if t.Text == "string" || t.Text == "int64" { // JSON numbers are not of these types
			t.Text, t.Notes = "float", append(t.Notes, "whole numbers beyond 2^53 lose digits as float; a json keeps them")
		}
	case kinds['t']:
		t.Text = "bool"
	case kinds['"']:
		return textual(t, name, inner, targets)
	default:
		t.first(f, (*field).json)
	}
	return t
}

// textual proposes a type for strings of JSON documents.
func textual(t Type, name string, values []string, targets []Target) Type {
	full := slices.DeleteFunc(slices.Clone(values), func(s string) bool { return s == "" })
	t.Text = "string"
	if len(full) == 0 {
		t.Notes = note("only empty texts")
		return t
	}
	f := newField(name, full, targets)
	if t.first(f, (*field).named, (*field).time, (*field).keys, (*field).enum); t.Text != "string" {
		t.Empty = len(full) < len(values)
	}
	if f.all(integer.MatchString) && t.Text == "string" {
		t.Notes = append(t.Notes, "numbers in quotes; or int64")
	}
	return t
}

// json is for texts that are JSON arrays or objects.
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
