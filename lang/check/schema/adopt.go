package schema

import (
	"cmp"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// writers checks KEYS and WRITERS: the names of the documents, and who writes them.
func (c *Builder) writers(m *ir.Model, decl *lang.ModelStmt) {
	keys, who := optionOf(decl.Options, "KEYS"), optionOf(decl.Options, "WRITERS")
	if keys != nil {
		m.Adopted = c.keyPattern(m, keys)
	}
	if m.Adopted || who != nil && who.Word == "ANY" {
		for _, f := range m.Collections() {
			c.Errorf(lang.CodeBadModel, decl.Name.Sp, "%s is a collection in a separate key, which other programs would leave behind", f.Name)
		}
	}
	if m.Foreign = who != nil && who.Word == "ANY" || who == nil && keys != nil; !m.Foreign {
		return
	}
	m.Adopted = true
	for _, ix := range m.Uniques {
		c.Errorf(lang.CodeBadModel, decl.Name.Sp, "UNIQUE %s cannot be enforced while other programs also write %s", ix.Name, m.Name).
			WithHint("add WRITERS RQL if only RQL writes from now on")
	}
}

// keyPattern parses the pattern of KEYS: text around one {field}, which is the KEY.
func (c *Builder) keyPattern(m *ir.Model, o *lang.OptionDecl) bool {
	bad := func(format string, args ...any) bool {
		c.Errorf(lang.CodeBadModel, o.Sp, format, args...).WithHint("KEYS %s", lang.Quote(m.Name+":{"+m.Key.Name+"}"))
		return false
	}
	prefix, name, suffix, ok := splitPattern(o.Word)
	switch {
	case !ok:
		return bad("a KEYS pattern must contain {%s} once, in place of the key", m.Key.Name)
	case name != m.Key.Name:
		return bad("%s is not the KEY of %s", "{"+name+"}", m.Name)
	case strings.HasPrefix(prefix, "rql:") || strings.HasPrefix("rql:", prefix):
		return bad("keys that start with rql: are reserved, and this pattern may match one")
	}
	m.Prefix, m.Suffix = prefix, suffix
	return true
}

// splitPattern splits a pattern of names at its {field}. ok is false unless there is exactly one.
func splitPattern(pattern string) (prefix, field, suffix string, ok bool) {
	prefix, rest, open := strings.Cut(pattern, "{")
	field, suffix, closed := strings.Cut(rest, "}")
	return prefix, field, suffix, open && closed && !strings.ContainsAny(prefix+field+suffix, "{}")
}

// namesOf returns what precedes and follows the key in the names of a model's documents. The model may be declared later in the
// file.
func (c *Builder) namesOf(model string) []string {
	name := model
	for range 100 { // a cycle of EXTENDS is reported elsewhere
		decl := c.Later[name]
		if decl == nil {
			break
		}
		if o := optionOf(decl.Options, "KEYS"); o != nil {
			prefix, _, suffix, _ := splitPattern(o.Word)
			return []string{prefix, suffix}
		}
		if decl.Extends.Name == "" {
			return []string{c.placeOf(model) + ":", ""}
		}
		name = decl.Extends.Name
	}
	if m := c.Schema.Model(name); m != nil && (name == model || patterned(m)) {
		return []string{m.Prefix, m.Suffix}
	}
	return []string{c.placeOf(model) + ":", ""}
}

// placeOf returns a model's part of the names of keys.
func (c *Builder) placeOf(model string) string { return cmp.Or(c.otherNames(model).At, model) }

// overlaps rejects a model whose documents may have the names of another's.
func (c *Builder) overlaps(m *ir.Model, s *lang.ModelStmt) {
	if patterned(m) {
		c.patterned = true
	} else if c.onlyPlain() { // names with a model's name and a colon never overlap
		return
	}
	o := c.firstModel(func(o *ir.Model) bool {
		return o.Name != m.Name && within(m.Prefix, o.Prefix, strings.HasPrefix) && within(m.Suffix, o.Suffix, strings.HasSuffix)
	})
	if o != nil {
		c.Errorf(lang.CodeBadModel, s.Name.Sp, "a key such as %s could belong to a document of %s or of %s", lang.Quote(longer(m.Prefix, o.Prefix)+"…"+longer(m.Suffix, o.Suffix)), m.Name, o.Name)
	}
}

// within reports whether the longer of two texts begins, or ends, with the other.
func within(a, b string, has func(s, part string) bool) bool { return has(a, b) || has(b, a) }

func longer(a, b string) string {
	if len(a) < len(b) {
		return b
	}
	return a
}

// patterned reports whether the documents of m have names other than the default.
func patterned(m *ir.Model) bool { return m.Prefix != m.StoredName()+":" || m.Suffix != "" }

// onlyPlain reports whether no model of the schema, and none of the text so far, is patterned.
func (c *Builder) onlyPlain() bool {
	if !c.looked {
		c.looked = true
		for m := range c.Schema.Models() {
			c.patterned = c.patterned || patterned(m)
		}
	}
	return !c.patterned
}
