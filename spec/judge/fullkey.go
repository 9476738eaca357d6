package judge

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// fullKey makes the full key of a document.
func (s *scope) fullKey(x *ir.FullKey) (any, error) {
	part, err := s.eval(x.Part)
	if err != nil {
		return nil, err
	}
	key, err := s.eval(x.Key)
	if part == nil || key == nil || err != nil {
		return nil, err
	}
	return escaped(fmt.Sprint(part)) + ":" + fmt.Sprint(key), nil
}

// escaped writes a partition as a full key has it.
func escaped(part string) string {
	var b strings.Builder
	for _, c := range []byte(part) {
		if c <= 0x20 || c == 0x7f || strings.IndexByte("%:{}", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// keyParts reads a full key.
func (s *scope) keyParts(x *ir.KeyParts) (any, error) {
	v, err := s.eval(x.X)
	text, is := v.(string)
	if !is || err != nil {
		return nil, err
	}
	part, key, bad := splitFull(x.Model, text)
	if bad != "" {
		return s.fault(fail(bad, "%q is no full key of %s", text, x.Model.Name), x)
	}
	return map[string]any{x.Model.Part.Name: partValue(x.Model, part), x.Model.Key.Name: key}, nil
}

// splitFull returns the partition and the key in a full key, or why it is none.
func splitFull(m *ir.Model, text string) (part string, key any, bad lang.Code) {
	cell, rest, ok := strings.Cut(text, ":")
	part, err := url.PathUnescape(cell)
	if !ok || err != nil || part == "" || escaped(part) != cell {
		return "", nil, lang.CodePartitionNeeded
	}
	if v, ok := valueOf(m.Part.Type, part); !ok || v == nil {
		return "", nil, lang.CodeBadKey
	}
	if key, ok = valueOf(m.Key.Type, rest); !ok {
		return "", nil, lang.CodeBadKey
	}
	return part, key, ""
}

// valueOf reads a key, or a partition, that is written in its only form.
func valueOf(t lang.Type, text string) (any, bool) {
	if t.Kind == lang.KEnum && !slices.Contains(t.Values, text) {
		return nil, false
	}
	switch t = t.Scalar(); t.Kind {
	case lang.KInt, lang.KInt64:
		n, err := strconv.ParseInt(text, 10, 64)
		return n, err == nil && strconv.FormatInt(n, 10) == text && (t.Kind == lang.KInt64 || n <= 1<<53-1 && n >= 1-1<<53)
	}
	return text, true
}

// referred is the document that a ref with this value leads to.
func (r *run) referred(x *ir.Deref, v any) doc {
	if text, is := v.(string); is && x.X.Type().Full {
		part, key, bad := splitFull(x.Target, text)
		if bad != "" {
			return nil
		}
		return r.db.data[x.Target.Name+"\x00"+part][key]
	}
	return r.db.table(x.Target)[v]
}
