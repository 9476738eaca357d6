package infer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
)

// Sampled is how many records or documents a proposal is made of.
const Sampled = 1000

// Records are the first records of a file.
type Records struct {
	Total int // so many
	Bad   int // that cannot be read

	// Comma says that floats are written with a decimal comma, and DateTime is the format of datetimes, if it is another than that of ISO 8601.
	// Fields sets both, for files of text.
	Comma    bool
	DateTime string

	text   bool // every value is text, as in CSV
	names  []string
	values map[string][]string // by column, of JSON files the values as JSON
}

// NewRecords returns records without any yet; columns are those of a file of text, nil of JSON.
func NewRecords(columns []string) *Records {
	return &Records{text: columns != nil, names: slices.Clone(columns), values: map[string][]string{}}
}

// Add adds a record.
func (r *Records) Add(row map[string]any) error {
	r.Total++
	for _, name := range slices.Sorted(maps.Keys(row)) {
		if !r.text && !slices.Contains(r.names, name) {
			r.names = append(r.names, name)
		}
		v := row[name]
		if v == nil {
			continue
		}
		text, ok := v.(string)
		if !ok || !r.text {
			var b bytes.Buffer
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false)
			if err := e.Encode(v); err != nil {
				return fmt.Errorf("the value of %s as JSON: %w", name, err)
			}
			text = strings.TrimSpace(b.String())
		}
		r.values[name] = append(r.values[name], text)
	}
	return nil
}

// Field is a proposal for one column.
type Field struct {
	Name string
	Type Type
	Key  bool
	Odd  bool // it has no name that a field can have, or its values fit no type

	texts []string
	total int
}

// Fields proposes a field for each column. One that has another value in each record is the KEY, if there is any.
func (r *Records) Fields() []*Field {
	r.formats()
	out := make([]*Field, len(r.names))
	for i, name := range r.names {
		f := &Field{Name: name, texts: r.values[name], total: r.Total, Odd: !Plain(name)}
		switch {
		case r.DateTime != "" && moments(f.texts, r.DateTime):
			f.Type = Type{Text: "datetime", Null: len(f.texts) < r.Total}
		case r.Comma && commas(f.texts):
			f.Type = Type{Text: "float", Null: len(f.texts) < r.Total}
		case r.text:
			f.Type = imported(Texts(name, f.texts, r.Total, nil), f.texts)
		default:
			f.Type = imported(Values(name, f.texts, r.Total, nil), f.texts)
		}
		out[i] = f
	}
	if f := keyOf(out); f != nil {
		f.Key = true
		f.Type.Notes = []string{"each another one"}
	}
	return out
}

var plain = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Plain reports a name that a field may have, if it is no keyword.
func Plain(name string) bool { return plain.MatchString(name) }

// imported is the type of a field that IMPORT fills: how documents of other programs hold a value is of no account, and numbers
// are no instants and no durations.
func imported(t Type, texts []string) Type {
	text := t.Text
	switch {
	case text == "bool<text>":
		t.Text = "bool"
	case text == "datetime<iso>":
		t.Text = "datetime"
	case strings.HasPrefix(text, "datetime<"), strings.HasPrefix(text, "duration<"):
		t.Text = "int"
		if slices.ContainsFunc(texts, func(s string) bool { return !integer.MatchString(s) }) {
			t.Text = "float"
		}
		t.Notes = []string{"seconds or milliseconds, by its name and size: IMPORT … AS makes a datetime or a duration of them"}
	}
	if len(t.Notes) == 1 && t.Notes[0] == noteDay {
		t.Notes = note("a date")
	}
	if t.Empty {
		t.Empty = false
		t.Null = t.Null || t.Text != "string" && !strings.HasPrefix(t.Text, "enum(")
		if strings.HasPrefix(t.Text, "enum(") {
			t.Text = "string"
		}
	}
	return t
}

// keyNames are names of keys, before which no other column is taken.
var keyNames = []string{"id", "key", "uuid", "guid", "code", "slug", "email"}

// keyOf is the column that can be the KEY: by its name, or the first.
func keyOf(fields []*Field) *Field {
	rank := func(f *Field) int {
		name := strings.ToLower(f.Name)
		if i := slices.Index(keyNames, name); i >= 0 {
			return i
		}
		if strings.HasSuffix(name, "_id") || strings.HasSuffix(f.Name, "Id") {
			return len(keyNames)
		}
		return len(keyNames) + 1
	}
	var best *Field
	for _, f := range fields {
		switch f.Type.Text {
		case "string", "int", "int64":
		default:
			continue
		}
		if f.Odd || f.Type.Null || len(f.texts) == 0 || Distinct(f.texts) < len(f.texts) || slices.ContainsFunc(f.texts, func(s string) bool { return s == "" || s == `""` || len(s) > maxKey }) {
			continue
		}
		if best == nil || rank(f) < rank(best) {
			best = f
		}
	}
	return best
}

// maxKey is the length of a key in bytes.
const maxKey = 1024

// Widen gives the field the next type that holds more, where its values did not fit, and reports false where there is none.
func (f *Field) Widen() bool {
	was := f.Type.String()
	switch f.Type.Text {
	case "string":
		f.Type = Type{Text: "json", Null: f.Type.Null}
	case "json":
		f.Odd, f.Key = true, false
		return false
	default:
		f.Type = Type{Text: "string", Null: f.Type.Null}
	}
	f.Type.Notes = []string{"some do not fit " + was}
	f.Key = f.Key && f.Type.Text == "string"
	return true
}

// Line is the line of the field in a MODEL, and behind it what it is based on.
func (f *Field) Line() string {
	if f.Odd {
		return "  -- " + lang.Visible(f.Name) + ": no field can have this name, or these values; IMPORT refuses a column without a field, so name it otherwise in the file\n"
	}
	if f.Key {
		return Line(f.Name, f.Type.Text+" KEY", f.Type, f.texts, f.total)
	}
	return Line(f.Name, f.Type.String(), f.Type, f.texts, f.total)
}

// Line is the line of a field in a MODEL, and behind it what it is based on: in how many of total its texts are, where not in all,
// an example, and the notes of its type.
func Line(name, declared string, t Type, texts []string, total int) string {
	var said []string
	share := ""
	if len(texts) < total {
		share = strconv.Itoa(len(texts)) + " of " + strconv.Itoa(total) + ", "
	}
	if len(texts) > 0 {
		said = append(said, share+"such as "+lang.Quote(fail.Clip(slices.Min(texts), 30)))
	}
	said = append(said, t.Notes...)
	if n := Distinct(texts); n > 1 && n*4 <= len(texts) && !strings.HasPrefix(t.Text, "bytes") {
		said = append(said, "INDEX? "+strconv.Itoa(n)+" values in "+strconv.Itoa(len(texts)))
	}
	return "  " + name + " " + declared + "  -- " + strings.Join(said, "; ") + "\n"
}

// Memory is about what the documents take, each with its place in the list of keys, without indexes.
func (r *Records) Memory(fields []*Field, documents int64) int64 {
	if r.Total == 0 {
		return 0
	}
	n := 0
	for _, f := range fields {
		if f.Odd {
			continue
		}
		for _, s := range f.texts {
			n += len(f.Name) + len(s) + eachValue
			if f.Key {
				n += 2 * len(s)
			}
			if len(s) > longValue {
				n += eachLong
			}
		}
	}
	return documents * int64(n/r.Total+eachDocument)
}

// What a document takes in memory besides names and values: see TestMemory.
const (
	eachDocument = 190
	eachValue    = 4
	// A hash with a value longer than longValue is stored less densely.
	longValue = 64
	eachLong  = 70
	// EachEntry is about what an entry of an index takes.
	EachEntry = 120
)
