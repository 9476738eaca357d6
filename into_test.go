package rql_test

import (
	"database/sql"
	"encoding/json"
	"math/big"
	"net/netip"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/lang"
)

// A uid is a UUID as libraries define it: an array with a text.
type uid [16]byte

func (u uid) MarshalText() ([]byte, error) {
	return []byte("00000000-0000-4000-8000-0000000000" + string("0123456789"[u[0]%10]) + "0"), nil
}

func (u *uid) UnmarshalText(b []byte) error { u[0] = b[34] - '0'; return nil }

// point is an object by its own JSON.
type point struct{ x, y int }

func (p point) MarshalJSON() ([]byte, error) { return json.Marshal([2]int{p.x, p.y}) }
func (p *point) UnmarshalJSON(b []byte) error {
	var a [2]int
	err := json.Unmarshal(b, &a)
	p.x, p.y = a[0], a[1]
	return err
}

type (
	level  int
	color  string
	stamp  time.Time
	nested struct {
		Street string
		ZipNo  *int
	}
	embedded struct{ A int }
	outer    struct {
		embedded // not exported, so its fields are
		*Inner
		C int `rql:"-"`
	}
	Inner struct {
		B string `json:"b,omitempty"`
	}
)

var (
	day  = time.Date(2026, 11, 29, 12, 0, 0, 5e6, time.UTC)
	one  = 1
	text = "x"
)

// goTypes has for each row of the table in spec/go.md values that go in and come
// out of a field of each of its types.
var goTypes = map[string]func(t *testing.T, v *trip){
	"`bool`":               func(t *testing.T, v *trip) { both(t, v, "bool", true) },
	"`int` … `int64`":      func(t *testing.T, v *trip) { both(t, v, "int", int8(5)); both(t, v, "int64", int64(1)<<60) },
	"`uint` … `uint64`":    func(t *testing.T, v *trip) { both(t, v, "int", uint16(5)); both(t, v, "int64", uint64(1)<<60) },
	"`float32`, `float64`": func(t *testing.T, v *trip) { both(t, v, "float", 1.5); both(t, v, "float", float32(0.5)) },
	"`string`": func(t *testing.T, v *trip) {
		both(t, v, "string", "é")
		both(t, v, "enum('a', 'b')", "b")
		both(t, v, "text", "a b")
	},
	"`[]byte`":        func(t *testing.T, v *trip) { both(t, v, "bytes", []byte{0, 255}) },
	"`time.Time`":     func(t *testing.T, v *trip) { both(t, v, "datetime", day) },
	"`time.Duration`": func(t *testing.T, v *trip) { both(t, v, "duration", 90*time.Minute) },
	"`lang.Duration`": func(t *testing.T, v *trip) { both(t, v, "duration", lang.Duration(lang.MaxInt)) },
	"`[]T`": func(t *testing.T, v *trip) {
		both(t, v, "list<int>", []int{1, 2})
		both(t, v, "list<string>", []*string{&text})
	},
	"`[N]T`": func(t *testing.T, v *trip) {
		both(t, v, "list<int>", [2]int{1, 2})
		both(t, v, "geo", [2]float64{1.5, 2})
	},
	"`[N]byte`": func(t *testing.T, v *trip) { both(t, v, "bytes", [3]byte{1, 2, 3}) },
	"`[]float32`, `[]float64`": func(t *testing.T, v *trip) {
		both(t, v, "vector<2>", []float32{1, 0.5})
		both(t, v, "list<float>", []float64{1.5})
	},
	"`map[K]T`": func(t *testing.T, v *trip) {
		both(t, v, "map<int>", map[string]int{"a": 1})
		both(t, v, "map<int>", map[color]int{"a": 1})
		both(t, v, "map<int>", map[int]uint8{-3: 1})
		both(t, v, "map<bool>", map[netip.Addr]bool{netip.MustParseAddr("::1"): true})
	},
	"struct": func(t *testing.T, v *trip) {
		both(t, v, "Address", nested{Street: "s", ZipNo: &one})
		both(t, v, "list<Address>", []nested{{Street: "s"}})
		both(t, v, "json", struct{ A []int }{[]int{1}})
	},
	"embedded struct": func(t *testing.T, v *trip) {
		both(t, v, "json", outer{embedded: embedded{A: 1}, Inner: &Inner{B: "b"}})
	},
	"`*T`": func(t *testing.T, v *trip) {
		both(t, v, "int?", &one)
		both(t, v, "int?", (*int)(nil))
		both(t, v, "Address?", &nested{Street: "s"})
	},
	"`sql.Null[T]`": func(t *testing.T, v *trip) {
		both(t, v, "int?", sql.Null[int8]{V: 3, Valid: true})
		both(t, v, "duration?", sql.Null[time.Duration]{})
		both(t, v, "datetime?", sql.Null[time.Time]{V: day, Valid: true})
	},
	"`sql.Scanner`, `driver.Valuer`": func(t *testing.T, v *trip) {
		both(t, v, "string?", sql.NullString{String: "x", Valid: true})
		both(t, v, "int?", sql.NullInt64{})
		both(t, v, "datetime?", sql.NullTime{Time: day, Valid: true})
	},
	"`json.Marshaler`, `json.Unmarshaler`": func(t *testing.T, v *trip) {
		both(t, v, "list<int>", point{1, 2})
		both(t, v, "json", point{3, 4})
		both(t, v, "int", *big.NewInt(7))
		both(t, v, "int", big.NewInt(7))
	},
	"`encoding.TextMarshaler`, `encoding.TextUnmarshaler`": func(t *testing.T, v *trip) {
		both(t, v, "string", uid{7})
		both(t, v, "string", netip.MustParseAddr("10.0.0.1"))
		both(t, v, "list<string>", []netip.Addr{})
	},
	"`json.RawMessage`": func(t *testing.T, v *trip) {
		both(t, v, "json", json.RawMessage(`{"a":[1,"<b>"]}`))
		both(t, v, "list<int>", json.RawMessage(`[1,2]`))
		both(t, v, "string", json.RawMessage(`"x"`))
	},
	"`json.Number`": func(t *testing.T, v *trip) {
		both(t, v, "int", json.Number("12"))
		both(t, v, "float", json.Number("1.5"))
	},
	"named types": func(t *testing.T, v *trip) {
		both(t, v, "int", level(3))
		both(t, v, "string", color("red"))
		both(t, v, "datetime", stamp(day))
	},
	"`any`": func(t *testing.T, v *trip) {
		both[any](t, v, "int", int64(3))
		both[any](t, v, "datetime", day)
		both[any](t, v, "json", map[string]any{"a": []any{nil, 1.5}})
	},
}

// trip has a database, and counts the models made in it.
type trip struct {
	db *rql.DB
	n  int
}

// both writes a value into a field of a type, by itself and as a member of a
// document, and reads it back in both ways.
func both[T any](t *testing.T, v *trip, kind string, want T) {
	t.Helper()
	v.n++
	m := "M" + string(rune('A'+v.n/26)) + string(rune('A'+v.n%26))
	_, err := v.db.Exec(t.Context(), "MODEL "+m+" { id int KEY, the_value "+kind+" }")
	require.NoError(t, err)
	type doc struct {
		ID       int
		TheValue T
	}
	_, err = v.db.Exec(t.Context(), "CREATE "+m+" { id: 1, the_value: $v }", rql.Args{"v": want})
	require.NoError(t, err, "%T in %s", want, kind)
	_, err = v.db.Exec(t.Context(), "CREATE "+m+" $d", rql.Args{"d": doc{ID: 2, TheValue: want}})
	require.NoError(t, err, "%T in %s", want, kind)
	one, err := rql.One[doc](t.Context(), v.db, "GET "+m+" 1")
	require.NoError(t, err, "%s into %T", kind, want)
	require.Equal(t, doc{1, want}, one)
	two, err := rql.One[T](t.Context(), v.db, "GET "+m+" 2 RETURN the_value")
	require.NoError(t, err, "%s into %T", kind, want)
	require.Equal(t, want, two)
	res, err := v.db.Exec(t.Context(), "FIND "+m)
	require.NoError(t, err)
	list, err := rql.Rows[doc](res)
	require.NoError(t, err)
	require.Equal(t, []doc{{1, want}, {2, want}}, list)
}

// TestGoTypes holds the table of Go types in spec/go.md.
func TestGoTypes(t *testing.T) {
	md, err := os.ReadFile("spec/go.md")
	require.NoError(t, err)
	_, table, ok := strings.Cut(string(md), "| Go | RQL |")
	require.True(t, ok)
	table, _, _ = strings.Cut(table, "\n\n")
	rows := regexp.MustCompile(`(?m)^\| ([^|]+) \|`).FindAllStringSubmatch(table, -1)
	require.Len(t, rows, len(goTypes))
	for _, row := range rows {
		test := goTypes[row[1]]
		require.NotNil(t, test, row[1])
		t.Run(row[1], func(t *testing.T) {
			db := open(t)
			_, err := db.Exec(t.Context(), "MODEL Address { street string, zip_no int? }")
			require.NoError(t, err)
			test(t, &trip{db: db})
		})
	}
}
