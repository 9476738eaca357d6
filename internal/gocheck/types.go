package gocheck

import (
	"encoding/json"
	"go/types"
	"reflect"
	"strings"
	"time"

	"github.com/rql-lang/rql/lang"
)

// known maps names to types that have a meaning of their own.
func known(name string) reflect.Type {
	switch name {
	case "time.Time":
		return reflect.TypeFor[time.Time]()
	case "time.Duration":
		return reflect.TypeFor[time.Duration]()
	case "encoding/json.RawMessage":
		return reflect.TypeFor[json.RawMessage]()
	case "encoding/json.Number":
		return reflect.TypeFor[json.Number]()
	case library + "/lang.Duration":
		return reflect.TypeFor[lang.Duration]()
	}
	return nil
}

// converter builds types equal to those of the checked program, to which the library's own rules can be applied. A type that it
// cannot build becomes any, about which nothing is known.
type converter struct{ inside map[*types.Named]bool }

func reflected(t types.Type) reflect.Type {
	c := converter{inside: map[*types.Named]bool{}}
	return c.of(t)
}

func (c *converter) of(t types.Type) reflect.Type {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if k := known(types.TypeString(t, nil)); k != nil {
			return k
		}
		if c.inside[t] || readsItself(t) {
			return anyType
		}
		c.inside[t] = true
		defer delete(c.inside, t)
		return c.of(t.Underlying())
	case *types.Basic:
		return basic(t)
	case *types.Pointer:
		return reflect.PointerTo(c.of(t.Elem()))
	case *types.Slice:
		return reflect.SliceOf(c.of(t.Elem()))
	case *types.Array:
		if t.Len() < 1<<20 {
			return reflect.ArrayOf(int(t.Len()), c.of(t.Elem()))
		}
	case *types.Map:
		if key := c.of(t.Key()); key.Comparable() {
			return reflect.MapOf(key, c.of(t.Elem()))
		}
	case *types.Struct:
		return c.structOf(t)
	}
	return anyType
}

// structOf returns a struct type with the exported fields of another.
func (c *converter) structOf(t *types.Struct) reflect.Type {
	var fields []reflect.StructField
	names := map[string]bool{}
	for i := range t.NumFields() {
		f := t.Field(i)
		if !f.Exported() && !f.Embedded() {
			continue
		}
		name := strings.ToUpper(f.Name()[:1]) + f.Name()[1:]
		of := c.of(f.Type())
		if names[name] {
			return anyType
		}
		names[name] = true
		// An embedded type whose fields are not promoted is a field like any other.
		fields = append(fields, reflect.StructField{Name: name, Type: of, Tag: reflect.StructTag(t.Tag(i)), Anonymous: f.Embedded() && of.Kind() == reflect.Struct && of.PkgPath() == ""})
	}
	return reflect.StructOf(fields)
}

// readsItself reports whether a type has its own methods for conversion.
func readsItself(t *types.Named) bool {
	set := types.NewMethodSet(types.NewPointer(t))
	for _, name := range []string{"Scan", "Value", "UnmarshalJSON", "MarshalJSON", "UnmarshalText", "MarshalText"} {
		if set.Lookup(t.Obj().Pkg(), name) != nil {
			return true
		}
	}
	return false
}

// basic returns a predeclared type.
func basic(t *types.Basic) reflect.Type {
	switch t.Kind() {
	case types.Bool:
		return reflect.TypeFor[bool]()
	case types.Int:
		return reflect.TypeFor[int]()
	case types.Int8:
		return reflect.TypeFor[int8]()
	case types.Int16:
		return reflect.TypeFor[int16]()
	case types.Int32:
		return reflect.TypeFor[int32]()
	case types.Int64:
		return reflect.TypeFor[int64]()
	case types.Uint:
		return reflect.TypeFor[uint]()
	case types.Uint8:
		return reflect.TypeFor[uint8]()
	case types.Uint16:
		return reflect.TypeFor[uint16]()
	case types.Uint32:
		return reflect.TypeFor[uint32]()
	case types.Uint64:
		return reflect.TypeFor[uint64]()
	case types.Float32:
		return reflect.TypeFor[float32]()
	case types.Float64:
		return reflect.TypeFor[float64]()
	case types.String:
		return reflect.TypeFor[string]()
	}
	return anyType
}
