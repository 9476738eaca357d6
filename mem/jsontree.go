package mem

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
)

// A JSON value is a string, bool, nil, json.Number (which keeps the text as
// written), *object or *array: the maps of encoding/json would lose the order
// of names.

// object is a JSON object with its names in insertion order.
type object struct {
	names  []string
	values map[string]any
}

// ValueForKey, SetValueForKey, RemoveValueForKey and Keys implement jp.Keyed,
// so that paths can walk the object.
func (o *object) ValueForKey(key string) (value any, has bool) {
	value, has = o.values[key]
	return value, has
}

func (o *object) SetValueForKey(key string, value any) {
	if _, has := o.values[key]; !has {
		o.names = append(o.names, key)
	}
	o.values[key] = value
}

func (o *object) RemoveValueForKey(key string) {
	if i := slices.Index(o.names, key); i >= 0 {
		o.names = slices.Delete(o.names, i, i+1)
		delete(o.values, key)
	}
}

func (o *object) Keys() []string { return o.names }

// array is a JSON array.
type array struct{ items []any }

// ValueAtIndex, SetValueAtIndex, Size and RemoveValueAtIndex implement
// jp.RemovableIndexed, so that paths can walk the array.
func (a *array) ValueAtIndex(index int) any           { return a.items[index] }
func (a *array) SetValueAtIndex(index int, value any) { a.items[index] = value }
func (a *array) Size() int                            { return len(a.items) }
func (a *array) RemoveValueAtIndex(index int)         { a.items = slices.Delete(a.items, index, index+1) }

// maxDepth is the nesting limit of RedisJSON for arrays and objects.
const maxDepth = 127

// parseTree parses JSON text and rejects what RedisJSON rejects.
func parseTree(text string) (any, error) {
	if !utf8.ValidString(text) {
		return nil, errors.New("invalid unicode code point")
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	v, err := treeValue(d, text, 0)
	if err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, errors.New("EOF while parsing a value")
		}
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("trailing characters at column " + strconv.FormatInt(d.InputOffset(), 10))
	}
	return v, nil
}

func treeValue(d *json.Decoder, text string, depth int) (any, error) {
	before := d.InputOffset()
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Delim:
		if depth++; depth > maxDepth {
			return nil, errors.New("recursion limit exceeded")
		}
		if t == '[' {
			return treeArray(d, text, depth)
		}
		return treeObject(d, text, depth)
	case json.Number:
		if _, err := strconv.ParseFloat(string(t), 64); err != nil {
			return nil, errors.New("number out of range")
		}
	case string:
		return t, lone(t, text[before:d.InputOffset()])
	}
	return t, nil
}

// lone rejects half of a surrogate pair, which the decoder would replace.
func lone(s, raw string) error {
	if strings.Contains(raw, `\u`) && strings.Contains(s, "\uFFFD") && !strings.Contains(raw, "\uFFFD") && !strings.Contains(strings.ToLower(raw), `\ufffd`) {
		return errors.New("lone leading surrogate in hex escape")
	}
	return nil
}

func treeArray(d *json.Decoder, text string, depth int) (any, error) {
	a := &array{}
	for d.More() {
		v, err := treeValue(d, text, depth)
		if err != nil {
			return nil, err
		}
		a.items = append(a.items, v)
	}
	_, err := d.Token()
	return a, err
}

func treeObject(d *json.Decoder, text string, depth int) (any, error) {
	o := &object{values: map[string]any{}}
	for d.More() {
		before := d.InputOffset()
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, ok := t.(string)
		if !ok {
			return nil, errors.New("key must be a string")
		}
		if err := lone(name, text[before:d.InputOffset()]); err != nil {
			return nil, err
		}
		v, err := treeValue(d, text, depth)
		if err != nil {
			return nil, err
		}
		o.SetValueForKey(name, v)
	}
	_, err := d.Token()
	return o, err
}

// appendTree appends a value without white space, with numbers as they were written.
func appendTree(dst []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, v)
	case json.Number:
		return append(dst, v...)
	case string:
		return appendString(dst, v)
	case *array:
		dst = append(dst, '[')
		for i, e := range v.items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendTree(dst, e)
		}
		return append(dst, ']')
	case *object:
		dst = append(dst, '{')
		for i, name := range v.names {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendString(dst, name), ':')
			dst = appendTree(dst, v.values[name])
		}
		return append(dst, '}')
	}
	return dst
}

// appendString appends a string, which came from JSON and so is valid UTF-8.
func appendString(dst []byte, s string) []byte {
	out, err := codec.AppendJSON(dst, s, lang.TypeString)
	if err != nil {
		return append(dst, `""`...)
	}
	return out
}

// typeName returns the name of a value's type in JSON.TYPE.
func typeName(v any) string {
	switch v := v.(type) {
	case bool:
		return "boolean"
	case json.Number:
		if strings.ContainsAny(string(v), ".eE") {
			return "number"
		}
		return "integer"
	case string:
		return "string"
	case *array:
		return "array"
	case *object:
		return "object"
	}
	return "null"
}
