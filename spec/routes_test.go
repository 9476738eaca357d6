package spec

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/cli/importer"
	"github.com/rql-lang/rql/lang"
)

// edge is a value at the edge of its type, in every form in which it can be given; "" for a form that it does not have.
type edge struct {
	lit  string // an expression of RQL
	val  any    // a Go value
	json string // JSON text
	csv  string // the text of a cell; "-" for the empty one
	code lang.Code
}

func ok(lit string, val any, json, csv string) edge { return edge{lit, val, json, csv, ""} }

func bad(code lang.Code, lit string, val any, json, csv string) edge {
	return edge{lit, val, json, csv, code}
}

// alike is an edge whose forms are all one text.
func alike(text string, val any) edge { return ok(text, val, text, text) }

const longText = "9007199254740993"

// edges of each type; null is added to all.
func edges() map[string][]edge {
	quoted := func(s string) edge {
		b, _ := json.Marshal(s)
		cell := s
		if s == "" {
			cell = "-"
		}
		return ok(lang.Quote(s), s, string(b), cell)
	}
	over := func(text string, v any) edge { return bad(lang.CodeOverflow, text, v, text, "") }
	big := int64(9007199254740993)
	day := time.Date(2026, 1, 31, 8, 0, 0, 123e6, time.UTC)
	return map[string][]edge{
		"int": {alike("0", 0), alike("-1", int8(-1)), alike("9007199254740991", uint64(lang.MaxInt)), alike("-9007199254740991", -lang.MaxInt),
			over(longText, big), over("-9007199254740992", int64(-9007199254740992))},
		"int64": {alike("0", 0), alike("42", uint8(42)), alike(longText, big), alike("9223372036854775807", int64(math.MaxInt64)),
			ok("int64('-9223372036854775808')", int64(math.MinInt64), "-9223372036854775808", "-9223372036854775808"), bad(lang.CodeOverflow, "", uint64(1<<63), "9223372036854775808", "")},
		"float": {alike("0", 0), ok("-0.0", math.Copysign(0, -1), "-0.0", "-0.0"), alike("1", 1), alike("2.5", float32(2.5)), alike("0.1", 0.1), alike("15.200000000000001", 15.200000000000001),
			alike("-999999999999987.5", -999999999999987.5), alike("9007199254740991", lang.MaxInt), alike("9007199254740993.0", 9007199254740993.0), alike("1e300", 1e300),
			alike("5e-324", 5e-324), alike("1.7976931348623157e308", math.MaxFloat64), bad(lang.CodeOverflow, longText, big, longText, longText), over("1152921504606846976", int64(1<<60)),
			bad(lang.CodeNotFinite, "", math.Inf(1), "", ""), bad(lang.CodeNotFinite, "", math.NaN(), "", "")},
		"bool":   {alike("true", true), alike("false", false)},
		"string": {quoted("a"), quoted("ä€😀"), quoted("a\"b\\c\n\x01"), quoted("'"), quoted("true"), quoted("12"), bad(lang.CodeInvalidUTF8, ``, "\xff", "", "")},
		"bytes":  {ok("hex('00ff')", []byte{0, 255}, "", ""), ok("hex('')", []byte{}, "", ""), ok("'aä'", "aä", `"YcOk"`, "YcOk")},
		"datetime": {ok("'2026-01-31T08:00:00.123Z'", day, `"2026-01-31T08:00:00.123Z"`, "2026-01-31T08:00:00.123Z"), ok("datetime('1969-12-31')", time.Unix(-86400, 0), `"1969-12-31"`, "1969-12-31"),
			ok("'0001-01-01'", time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), `"0001-01-01"`, "0001-01-01"),
			ok("'9999-12-31T23:59:59.999Z'", time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC), `"9999-12-31T23:59:59.999Z"`, "9999-12-31T23:59:59.999Z"),
			bad(lang.CodeOverflow, "", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), "", ""), bad(lang.CodeBadConversion, "'2026-02-30'", "2026-02-30", `"2026-02-30"`, "2026-02-30")},
		"duration": {ok("0s", time.Duration(0), `"0s"`, "0s"), ok("1h30m", 90*time.Minute, `"1h30m"`, "1h30m"), ok("-1ms", -time.Microsecond, `"-1ms"`, "-1ms"),
			ok("9007199254740991ms", lang.Duration(lang.MaxInt), `"9007199254740991ms"`, "9007199254740991ms"), bad(lang.CodeOverflow, "", lang.Duration(lang.MaxInt+1), "", "")},
		"enum('a','b')":        {quoted("a"), bad(lang.CodeBadConversion, "'c'", "c", `"c"`, "c")},
		"geo":                  {ok("point(13.4, 52.5)", [2]float64{13.4, 52.5}, `"13.4,52.5"`, "13.4,52.5"), ok("'-180,0.1'", "-180,0.1", `"-180,0.1"`, "-180,0.1"), bad(lang.CodeBadConversion, "'181,0'", "181,0", `"181,0"`, "181,0")},
		"vector<2>":            {alike("[1,0.1]", []float32{1, 0.1})},
		"list<int>":            {alike("[]", []int{}), alike("[1,2]", []int{1, 2}), over("["+longText+"]", []int64{big})},
		"list<int64>":          {alike("["+longText+",1]", []int64{big, 1})},
		"list<float>":          {alike("[1,2.5]", []any{1, 2.5}), alike("[15.200000000000001]", []float64{15.200000000000001}), over("[1.5,"+longText+"]", []any{1.5, big}), over("["+longText+"]", []int64{big})},
		"list<datetime>":       {ok("['2026-01-31T08:00:00.123Z']", []time.Time{day}, `["2026-01-31T08:00:00.123Z"]`, "")},
		"list<bytes>":          {ok("[hex('00')]", [][]byte{{0}}, "", "")},
		"list<list<duration>>": {ok("[[1h],[]]", [][]time.Duration{{time.Hour}, {}}, `[["1h"],[]]`, "")},
		"map<float>":           {alike("{}", map[string]float64{}), ok("{b: 1, 'a.b': 2.5}", map[string]any{"b": 1, "a.b": 2.5}, `{"b":1,"a.b":2.5}`, `{"b":1,"a.b":2.5}`), bad(lang.CodeOverflow, "{a:"+longText+"}", map[string]int64{"a": big}, `{"a":`+longText+`}`, "")},
		"E": {ok("{f: 1, n: "+longText+", j: [1]}", struct {
			F int   `rql:"f"`
			N int64 `rql:"n"`
			J []any `rql:"j"`
		}{1, big, []any{1}}, `{"f":1,"n":`+longText+`,"j":[1]}`, ""), bad(lang.CodeOverflow, "{f: "+longText+"}", map[string]any{"f": big}, `{"f":`+longText+`}`, "")},
		"json": {alike("0", 0), alike("2.5", 2.5), ok("2.0", 2.0, "2.0", "2.0"), alike("true", true), quoted2("a"), alike("[]", []any{}), alike("[1,[2.5]]", []any{1, []float64{2.5}}), alike(longText, big),
			ok("{b: null, a: [1, 'x', "+longText+"]}", map[string]any{"b": nil, "a": []any{1, "x", big}}, `{"b":null,"a":[1,"x",`+longText+`]}`, `{"b":null,"a":[1,"x",`+longText+`]}`),
			ok("{t: datetime('2026-01-31T08:00:00.123Z'), d: 1h, y: hex('00')}", map[string]any{"t": day, "d": time.Hour, "y": []byte{0}}, "", ""),
			alike("15.200000000000001", 15.200000000000001), bad(lang.CodeOverflow, "", uint64(1<<63), "9223372036854775808", "9223372036854775808"),
			bad(lang.CodeDuplicateField, "{a:1,a:2}", nil, `{"a":1,"a":2}`, `{"a":1,"a":2}`)},
	}
}

// quoted2 is a string as a json, whose cell is JSON text.
func quoted2(s string) edge { return ok(lang.Quote(s), s, `"`+s+`"`, `"`+s+`"`) }

// The ways that a value can take into the field v of a document whose key is $id.
// %s is its literal, $v the value, $d a document with it, $l and $m lists of these.
var routes = []string{
	"CREATE R { id: $id, v: %s }",
	"CREATE R { id: $id, v: $v }",
	"CREATE R $d",
	"PUT R $m",
	"CREATE R { id: $id }; UPDATE R $id SET v = %s",
	"CREATE R { id: $id }; UPDATE R $id SET v = $v",
	"LET a = $d; CREATE R a",
	"ATOMIC < CREATE R { id: $id, v: %s } >",
	"ATOMIC < CREATE R { id: $id, v: $v } >",
	"ATOMIC < CREATE R { id: $id }; UPDATE R $id SET v = $v >",
	"ATOMIC < LET x = $v; CREATE R { id: $id, v: x } >",
	"ATOMIC < LET x = $d; CREATE R x >",
	"ATOMIC < LET x = $d; CREATE R { id: $id, v: x.v } >",
	"ATOMIC < FOR x IN $l DO CREATE R { id: $id, v: x } END >",
	"ATOMIC < FOR x IN $m DO CREATE R x END >",
	"ATOMIC < CREATE R { id: $id }; FOR x IN $m DO UPDATE R $id SET v = x.v END >",
	"CALL made($id, %s)",
	"CALL made($id, $v)",
	"ATOMIC < CALL made($id, $v) >",
}

// TestRoutes asks that a value has one stored form and one answer, or one error code, by whatever way it comes.
func TestRoutes(t *testing.T) {
	t.Run("embedded", func(t *testing.T) { allRoutes(t, embedded().(*engineBackend)) })
	t.Run("embedded json", func(t *testing.T) { allRoutes(t, embeddedJSON()) })
	t.Run("redis", func(t *testing.T) { allRoutes(t, startRedis(t).(*engineBackend)) })
	t.Run("servers", func(t *testing.T) {
		onServers(t, func(t *testing.T, b *engineBackend) {
			if !b.alike {
				allRoutes(t, b)
			}
		})
	})
}

func allRoutes(t *testing.T, b *engineBackend) {
	for typ, list := range edges() {
		require.NoError(t, b.Reset(t.Context()))
		x := &routed{b: b, dir: t.TempDir()}
		_, err := b.Exec(t.Context(), fmt.Sprintf("MODEL E { f float, n int64?, j json? }; MODEL R { id string KEY, v %[1]s? }; PROCEDURE made(id string, v %[1]s?) ATOMIC < CREATE R { id: $id, v: $v } >", typ), nil)
		require.NoError(t, err, typ)
		for _, e := range append(list, ok("null", nil, "null", "")) {
			x.edge(t, typ, e)
		}
		require.NoError(t, b.Finish(t.Context()))
	}
}

type routed struct {
	b   *engineBackend
	dir string
	n   int
}

// edge takes a value along all its ways.
func (x *routed) edge(t *testing.T, typ string, e edge) {
	what, want := "", ""
	check := func(way, id string, err error) {
		got := x.outcome(t, id, err)
		if e.code == lang.CodeOverflow && got == "error type-mismatch" && (strings.Contains(way, "v: x }") || strings.Contains(way, "CALL")) {
			return // a name has the type of its value, which is asked before the value
		}
		switch {
		case e.code != "":
			want = "error " + string(e.code)
		case want == "":
			what, want = way, got
			if err != nil {
				t.Errorf("%s %q: %v", typ, e.lit, err)
			}
		}
		if want != got {
			t.Errorf("%s %q %v\n%s: %s\n%s: %s %v", typ, e.lit, e.val, what, want, way, got, err)
		}
	}
	for _, way := range routes {
		literal := strings.Contains(way, "%s")
		if literal && e.lit == "" || !literal && e.val == nil && e.lit != "null" {
			continue
		}
		if _, text := e.val.(string); (text || typ == "geo") && strings.Contains(way, "v: x }") && typ != "string" && typ != "json" {
			continue // a name of a string is a string
		}
		id := x.next()
		text := strings.ReplaceAll(way, "%s", e.lit)
		doc := map[string]any{"id": id, "v": e.val}
		args := rql.Args{}
		for name, v := range map[string]any{"id": id, "v": e.val, "d": doc, "l": []any{e.val}, "m": []any{doc}} {
			if strings.Contains(text, "$"+name) {
				args[name] = v
			}
		}
		_, err := x.b.db.Exec(t.Context(), text, args)
		check(way, id, err)
	}
	if e.json != "" {
		id := x.next()
		check("IMPORT JSON", id, x.load(t, "r.json", `{"id":"`+id+`","v":`+e.json+`}`))
	}
	if e.csv != "" && e.csv != "-" { // an empty cell is null
		id := x.next()
		var b strings.Builder
		w := csv.NewWriter(&b)
		require.NoError(t, w.WriteAll([][]string{{"id", "v"}, {id, e.csv}}))
		check("IMPORT CSV", id, x.load(t, "r.csv", b.String()))
	}
}

func (x *routed) next() string {
	x.n++
	return fmt.Sprintf("d%d", x.n)
}

// load imports a file.
func (x *routed) load(t *testing.T, name, text string) error {
	require.NoError(t, os.WriteFile(filepath.Join(x.dir, name), []byte(text), 0o600))
	e, err := exec.Open(t.Context(), x.b.url+"?ns="+url.QueryEscape(strings.TrimSuffix(x.b.prefix, ":")), exec.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, e.Close()) }()
	s := e.NewSession(exec.SessionOptions{Program: true, OpenImport: func(file string, o lang.FileOptions) (exec.RowSource, error) {
		return importer.Open(x.dir, file, nil, o)
	}})
	return s.Run(t.Context(), lang.NewSource("", "IMPORT '"+name+"' INTO R"), nil, func(r *exec.Rows) error { return r.Err() })
}

// outcome is what is stored in v and what GET gives, or the code of the error.
func (x *routed) outcome(t *testing.T, id string, err error) string {
	if err != nil {
		var record *exec.RecordError
		if errors.As(err, &record) {
			return "error " + string(record.Code)
		}
		var own *exec.Error
		if errors.As(err, &own) {
			return "error " + string(own.Code)
		}
		var many Errors
		var one *Error
		switch err = fromError(err); {
		case errors.As(err, &many):
			return "error " + string(many[0].Code)
		case errors.As(err, &one):
			return "error " + string(one.Code)
		}
		return "error " + err.Error()
	}
	res, err := x.b.db.Exec(t.Context(), "GET R $id RETURN v", rql.Args{"id": id})
	if err != nil {
		return "stored, and " + err.Error()
	}
	key := x.b.prefix + "R:" + id
	var stored string
	if kind := x.b.plain().Type(t.Context(), key).Val(); kind == "hash" {
		all, err := x.b.plain().HGetAll(t.Context(), key).Result()
		require.NoError(t, err)
		delete(all, "id")
		stored = fmt.Sprintf("%q", all)
	} else {
		text, err := x.b.plain().Do(t.Context(), "JSON.GET", key).Text()
		require.NoError(t, err)
		stored = strings.Replace(text, `"id":"`+id+`"`, "", 1)
	}
	return fmt.Sprintf("%s %#v", stored, res.Rows)
}
