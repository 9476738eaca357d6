package run

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// A group proves nothing if Search may have put several values into it, or rounded.
func TestProofOfGroup(t *testing.T) {
	of := func(typ lang.Type, first, least, greatest string) string {
		p := proof{row: groupReply{"c0": first, "a0": least, "z0": greatest}}
		p.value(0, &ir.Column{Name: "k", Type: typ})
		return p.why
	}
	for _, c := range []struct {
		typ                    lang.Type
		first, least, greatest string
		proved                 bool
	}{
		{lang.TypeInt, "5", "5", "5", true},
		{lang.TypeInt, "5", "5", "6", false},
		{lang.TypeInt, "5", "4", "5", false},
		{lang.TypeInt, "5", "6", "6", false},
		{lang.TypeInt, "05", "05", "05", false},
		{lang.TypeInt, "-0", "-0", "-0", false},
		{lang.TypeInt, "", "", "", false},
		{lang.TypeInt64, "9007199254740993", "9007199254740993", "9007199254740993", true},
		{lang.TypeInt64, "9007199254740992", "9007199254740992", "9007199254740993", false},
		{lang.TypeString, "", "", "", true},
		{lang.TypeString, "a", "A", "a", false},
		{lang.TypeString, "a\x00b", "a\x00b", "a\x00b", false},
	} {
		require.Equal(t, c.proved, of(c.typ, c.first, c.least, c.greatest) == "", "%v", c)
	}
	absent := proof{row: groupReply{"a0": "", "z0": ""}}
	absent.value(0, &ir.Column{Name: "k", Type: lang.TypeString})
	require.NotEmpty(t, absent.why)

	for _, c := range []struct {
		n                    int64
		sum, least, greatest string
		proved               bool
	}{
		{2, "3", "1", "2", true},
		{1, "9007199254740991", "9007199254740991", "9007199254740991", true},
		{1, "-9007199254740991", "-9007199254740991", "-9007199254740991", true},
		{2, "9007199254740991", "0", "9007199254740991", false},
		{2, "-9007199254740991", "-9007199254740991", "0", false},
		{2, "9.00719925474e+15", "1", "2", false},
		{1, "9007199254740992", "9007199254740992", "9007199254740992", false},
		{2, "", "1", "2", false},
	} {
		p := proof{row: groupReply{"t0": strconv.FormatInt(c.n, 10), "s0": c.sum, "l0": c.least, "g0": c.greatest}}
		p.aggregate(&ir.Agg{Fn: "sum", T: lang.TypeInt}, 0, c.n)
		require.Equal(t, c.proved, p.why == "", "%v", c)
	}
	p := proof{row: groupReply{"t0": "1", "s0": "2", "l0": "1", "g0": "1"}}
	p.aggregate(&ir.Agg{Fn: "sum", T: lang.TypeInt}, 0, 2)
	require.NotEmpty(t, p.why)
}
