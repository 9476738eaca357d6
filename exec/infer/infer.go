package infer

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rql-lang/rql/lang"
)

// Target is a model to which a field may refer.
type Target struct {
	Model  string
	Prefix string          // of the names of its documents
	Keys   map[string]bool // of some of its documents
}

// Type is a proposed type.
type Type struct {
	Text  string   // as written in MODEL, without ?
	Null  bool     // the field is missing in some documents
	Empty bool     // null is stored as the empty string
	Notes []string // alternatives and oddities
}

// String returns the type with its attributes.
func (t Type) String() string {
	s := t.Text
	if t.Null || t.Empty {
		s += "?"
	}
	if t.Empty {
		s += " EMPTY IS NULL"
	}
	return s
}

var (
	integer  = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)
	fraction = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)
	moment   = regexp.MustCompile(`^[0-9]{4}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?(Z|[-+][0-2][0-9]:?[0-5][0-9])?$`)
	day      = regexp.MustCompile(`^[0-9]{4}-[01][0-9]-[0-3][0-9]$`)
	timely   = regexp.MustCompile(`(_at|At|time|Time|date|Date|created|updated|expires|seen|since|ts)$|^(ts|time|at)`)
	lasting  = regexp.MustCompile(`(ttl|timeout|duration|elapsed|interval|latency|_ns|Ns)$`)
)

const (
	maxEnum      = 12 // values of an enum
	eachEnum     = 20 // mean number of occurrences that each of them needs
	maxEnumBytes = 24
	leastRef     = 5 // different keys that a field must contain to be a ref
)

// Texts proposes a type for the field with this name. texts are its stored values in those of the total documents that have it.
// Every text fits the type.
func Texts(name string, texts []string, total int, targets []Target) Type {
	t := Type{Null: len(texts) < total}
	values := slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return s == "" })
	if len(values) == 0 {
		return Type{Text: "string", Null: true, Notes: []string{"only empty texts"}}
	}
	t.Empty = len(values) < len(texts)
	t.Text = "string"
	t.first(newField(name, values, targets), (*field).bytes, (*field).named, (*field).integer, (*field).float, (*field).boolean, (*field).time, (*field).json, (*field).keys, (*field).enum)
	return t
}

// first sets the first type that one of the tests finds.
func (t *Type) first(f *field, tests ...func(*field) (string, []string)) {
	for _, try := range tests {
		if text, notes := try(f); text != "" {
			t.Text, t.Notes = text, notes
			return
		}
	}
}

func newField(name string, values []string, targets []Target) *field {
	f := &field{name: name, values: values, targets: targets, distinct: map[string]bool{}}
	for _, v := range values {
		f.distinct[v] = true
	}
	return f
}

// Distinct returns the number of different texts.
func Distinct(texts []string) int {
	seen := map[string]bool{}
	for _, s := range texts {
		seen[s] = true
	}
	return len(seen)
}

// field holds the texts of one field, none of them empty, and what the tests need to know about them.
type field struct {
	name     string
	values   []string
	distinct map[string]bool
	targets  []Target
}

func (f *field) all(ok func(string) bool) bool {
	return !slices.ContainsFunc(f.values, func(s string) bool { return !ok(s) })
}

func note(s string) []string { return []string{s} }

// bytes is for texts of which one is not valid UTF-8.
func (f *field) bytes() (string, []string) {
	if f.all(utf8.ValidString) {
		return "", nil
	}
	n := len(f.values[0])
	if n%4 == 0 && n >= 16 && f.all(func(s string) bool { return len(s) == n }) {
		return "bytes", note("or vector<" + strconv.Itoa(n/4) + ">: all have " + strconv.Itoa(n) + " bytes")
	}
	return "bytes", nil
}

// named is for texts that are complete names of documents.
func (f *field) named() (string, []string) {
	for _, t := range f.targets {
		if t.Prefix == "" || !f.all(func(s string) bool { return strings.HasPrefix(s, t.Prefix) }) {
			continue
		}
		missing := 0
		for s := range f.distinct {
			if !t.Keys[strings.TrimPrefix(s, t.Prefix)] {
				missing++
			}
		}
		var notes []string
		if missing > 0 {
			notes = note(strconv.Itoa(missing) + " of " + strconv.Itoa(len(f.distinct)) + " name no document that was looked at")
		}
		return "ref<" + t.Model + ", key>", notes
	}
	return "", nil
}

func (f *field) integer() (string, []string) {
	if !f.all(integer.MatchString) {
		return "", nil
	}
	low, high := int64(math.MaxInt64), int64(math.MinInt64)
	thousands := true
	for _, s := range f.values {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return "string", note("numbers beyond 64 bits")
		}
		if s == "-0" {
			return "string", note("-0 is no int")
		}
		low, high, thousands = min(low, n), max(high, n), thousands && n%1000 == 0
	}
	switch named := timely.MatchString(f.name); {
	case named && low > 9e8 && high < 4e9:
		return "datetime<s>", note("by its name and size; or int")
	case named && low > 9e11 && high < 4e12:
		return "datetime<ms>", note("by its name and size; or int")
	case lasting.MatchString(f.name) && low >= 1000 && thousands:
		return "duration<ns>", note("by its name; or int")
	case low < -lang.MaxInt || high > lang.MaxInt:
		return "int64", nil
	case low >= 0 && high <= 1:
		return "int", note("or bool: only 0 and 1")
	}
	for _, t := range f.targets {
		if strings.EqualFold(strings.TrimSuffix(strings.TrimSuffix(f.name, "_id"), "Id"), t.Model) && f.found(t) {
			return "ref<" + t.Model + ">", note("by its name, and all name documents; or int")
		}
	}
	return "int", nil
}

// found reports whether the texts are keys of documents, and enough of them to exclude chance.
func (f *field) found(t Target) bool {
	return len(f.distinct) >= leastRef && f.all(func(s string) bool { return t.Keys[s] })
}

func (f *field) float() (string, []string) {
	decimals, zeros := map[int]bool{}, false
	if !f.all(func(s string) bool {
		x, err := strconv.ParseFloat(s, 64)
		if _, after, ok := strings.Cut(s, "."); ok {
			decimals[len(after)] = true
			zeros = zeros || strings.HasSuffix(s, "0")
		} else {
			decimals[0] = true
		}
		return fraction.MatchString(s) && err == nil && !math.IsInf(x, 0)
	}) {
		return "", nil
	}
	switch {
	case zeros && len(decimals) > 1:
		return "string", note("or float: 1.10 may be a version, not a number")
	case timely.MatchString(f.name) && f.all(func(s string) bool { x, _ := strconv.ParseFloat(s, 64); return x > 9e8 && x < 4e9 }):
		return "datetime<s>", note("by its name and size; or float")
	}
	return "float", nil
}

func (f *field) boolean() (string, []string) {
	if f.all(func(s string) bool { return s == "true" || s == "false" }) {
		return "bool<text>", nil
	}
	return "", nil
}

func (f *field) time() (string, []string) {
	switch {
	case f.all(moment.MatchString):
		return "datetime<iso>", nil
	case f.all(day.MatchString):
		return "string", note(noteDay)
	}
	return "", nil
}

// keys is for texts that are keys of a model's documents.
func (f *field) keys() (string, []string) {
	for _, t := range f.targets {
		if f.found(t) {
			return "ref<" + t.Model + ">", note("all name documents; or string")
		}
	}
	return "", nil
}

func (f *field) enum() (string, []string) {
	n := len(f.distinct)
	if n < 2 || n > maxEnum || len(f.values) < eachEnum*n || !f.all(func(s string) bool { return len(s) <= maxEnumBytes }) {
		return "", nil
	}
	var values []string
	for s := range f.distinct {
		values = append(values, lang.Quote(s))
	}
	slices.Sort(values)
	return "enum(" + strings.Join(values, ", ") + ")", note("or string: " + strconv.Itoa(n) + " values in " + strconv.Itoa(len(f.values)))
}

// noteDay is for dates in documents of other programs.
const noteDay = "a date; datetime<iso> would write a time into it"
