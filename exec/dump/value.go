package dump

import (
	"encoding/binary"
	"encoding/hex"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// text is a statement that grows, about how many words, literals and signs it has, and how deep its brackets are: the parser bounds
// all of them.
type text struct {
	schema *ir.Schema
	buf    []byte
	tokens int
	depth  int // of the brackets that are open
	deep   int // the most of them
}

// open and shut enter and leave a bracket.
func (x *text) open(s string) {
	x.add(s, 1)
	x.depth++
	x.deep = max(x.deep, x.depth)
}

func (x *text) shut(s string) {
	x.add(s, 1)
	x.depth--
}

func (x *text) add(s string, tokens int) {
	x.buf = append(x.buf, s...)
	x.tokens += tokens
}

// value appends a value of type t as an expression that has this value where t is required.
func (x *text) value(v any, t lang.Type) {
	switch v := v.(type) {
	case nil:
		x.add("null", 1)
	case bool:
		x.add(strconv.FormatBool(v), 1)
	case int64:
		x.buf = strconv.AppendInt(x.buf, v, 10)
		x.tokens += 2
	case float64:
		x.add(lang.LiteralText(v), 2)
	case string:
		x.add(lang.Quote(v), 1)
	case lang.Geo:
		x.add(lang.Quote(string(v)), 1)
	case lang.DateTime:
		x.add(instant(v), 1)
	case lang.Duration:
		x.add(lang.LiteralText(v), 2)
	case lang.Bytes:
		x.open("hex(")
		x.add("'"+hex.EncodeToString([]byte(v))+"'", 2)
		x.shut(")")
	case lang.Vector:
		x.vector(v)
	case []any:
		x.list(v, t)
	case map[string]any:
		x.object(v, t)
	}
}

// instant is a datetime as a text.
func instant(d lang.DateTime) string {
	return "'" + time.UnixMilli(int64(d)).UTC().Format("2006-01-02T15:04:05.000Z") + "'"
}

// vector appends its numbers, each the shortest that is the same float32.
func (x *text) vector(v lang.Vector) {
	x.open("[")
	for i := 0; i+4 <= len(v); i += 4 {
		if i > 0 {
			x.add(", ", 1)
		}
		f := math.Float32frombits(binary.LittleEndian.Uint32([]byte(v[i : i+4])))
		x.buf = strconv.AppendFloat(x.buf, float64(f), 'g', -1, 32)
		x.tokens += 2
	}
	x.shut("]")
}

func (x *text) list(list []any, t lang.Type) {
	elem := lang.TypeUnknown
	if t.Elem != nil {
		elem = *t.Elem
	}
	x.open("[")
	for i, e := range list {
		if i > 0 {
			x.add(", ", 1)
		}
		x.value(e, elem)
	}
	x.shut("]")
}

// object appends an embedded value by its fields, and anything else by its names.
func (x *text) object(v map[string]any, t lang.Type) {
	if m := x.schema.Model(t.Model); t.Kind == lang.KEmbedded && m != nil {
		x.fields(m.Inside(t), func(f *ir.Field) any { return v[f.Name] })
		return
	}
	names := slices.Sorted(maps.Keys(v))
	if t.Kind == lang.KRecord {
		names = names[:0]
		for _, c := range t.Cols {
			names = append(names, c.Name)
		}
	}
	x.open("{")
	for i, name := range names {
		if i > 0 {
			x.add(",", 1)
		}
		x.add(" "+lang.Quote(name)+": ", 2)
		x.value(v[name], t.Member(name))
	}
	x.shut(" }")
}

// fields appends an object by the fields of a model. A null is left out where that is what an absent field is.
func (x *text) fields(list []*ir.Field, value func(*ir.Field) any) {
	x.open("{")
	sep := " "
	for _, f := range list {
		v := value(f)
		if items, ok := v.([]any); f.Collection() && ok && len(items) == 0 || v == nil && (f.Default == nil || f.Collection()) {
			continue
		}
		x.add(sep+name(f.Name)+": ", 3)
		sep = ", "
		x.value(v, f.Value())
	}
	x.shut(" }")
}

// name is the name of a field as a member of an object.
func name(s string) string {
	if strings.HasPrefix(lang.NameText(s), "@") {
		return lang.Quote(s)
	}
	return s
}
