package schema

import (
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// TypeOf resolves a type as written. It also returns the model of an embedded value.
func (c *Builder) TypeOf(t *lang.TypeExpr) (lang.Type, *ir.Model) {
	out, emb := c.namedType(c.present(t))
	out.Null = out.Null || t.Null
	return out, emb
}

func (c *Builder) namedType(t *lang.TypeExpr) (lang.Type, *ir.Model) {
	if t.Part.Name != "" || t.Form.Name != "" {
		return c.linkType(t), nil
	}
	kind, simple := simpleKind(t.Name)
	switch {
	case t.Name != strings.ToLower(t.Name) && c.Schema.Model(t.Name) != nil: // type names are case-insensitive, but Text may be a model
		return c.embeddedType(t)
	case simple:
		if t.Of != nil && kind.Info().Variants != nil {
			c.variant(t, kind)
		} else {
			c.bare(t)
		}
		return lang.Type{Kind: kind}, nil
	case isType(t.Name, "enum"):
		return c.enumType(t), nil
	case isType(t.Name, "list"), isType(t.Name, "map"):
		return c.containerType(t), nil
	case isType(t.Name, "ref"):
		return c.refType(t), nil
	case isType(t.Name, "set"):
		return c.collectionType(t, lang.KSet), nil
	case isType(t.Name, "pqueue"):
		return c.collectionType(t, lang.KPQueue), nil
	case isType(t.Name, "vector"):
		return c.vectorType(t), nil
	}
	return c.embeddedType(t)
}

// linkType resolves a type with a name after a dot or a comma: refs<Post.author>, the documents whose ref points to this one, and
// ref<Author, key>, whose values other programs store as the names of its documents.
func (c *Builder) linkType(t *lang.TypeExpr) lang.Type {
	switch {
	case t.Part.Name != "" && isType(t.Name, "refs"):
		if t != c.fieldType || t.Of.Of != nil || t.Of.Null || t.Null || len(t.Of.Args)+len(t.Args) > 0 {
			c.Errorf(lang.CodeBadModel, t.Sp, "refs<…> must name a ref of a model, and be the whole type of a field").WithHint("refs<Post.author>")
			return lang.TypeUnknown
		}
		return lang.Type{Kind: lang.KRefs, Model: t.Of.Name, Values: []string{t.Part.Name}}
	case t.Form.Name != "" && isType(t.Name, "ref") && isType(t.Form.Name, lang.VariantKey):
		if t != c.fieldType {
			c.Errorf(lang.CodeBadModel, t.Sp, "ref<%s, key> must be the whole type of a field, not part of another type", t.Of.Name).WithHint("write ref<%s>", t.Of.Name)
		}
		return c.refType(t)
	case t.Part.Name != "":
		c.Errorf(lang.CodeBadModel, t.Part.Sp, "the type %s takes no field of a model", t.Name)
	default:
		c.Errorf(lang.CodeBadModel, t.Form.Sp, "the type %s has no form %s", t.Name, t.Form.Name)
	}
	return lang.TypeUnknown
}

func isType(name, want string) bool { return strings.EqualFold(name, want) }

// simpleKind returns the kind of a type that consists of its name only.
func simpleKind(name string) (lang.Kind, bool) {
	k, ok := lang.FindKind(name)
	return k, ok && k.Info().Bare
}

// vectorType resolves vector<N>.
func (c *Builder) vectorType(t *lang.TypeExpr) lang.Type {
	if t.N < 1 || t.N > maxDimensions || t.Of != nil || len(t.Args) > 1 {
		c.Errorf(lang.CodeBadModel, t.Sp, "a vector must state its number of dimensions, 1 to %d", maxDimensions).WithHint("vector<768>")
		return lang.TypeUnknown
	}
	out := lang.VectorOf(t.N)
	if len(t.Args) == 0 {
		return out
	}
	l, _ := t.Args[0].(*lang.Literal)
	if l == nil || l.Value != lang.MetricCosine {
		c.Errorf(lang.CodeBadModel, t.Args[0].Span(), "the only metric to name is 'cosine'; without one it is the Euclidean distance").WithHint("vector<%d>('cosine')", t.N)
		return out
	}
	out.Metric = lang.MetricCosine
	return out
}

// maxDimensions is the maximum number of elements of a vector.
const maxDimensions = 32768

// variant checks the form in which other programs write the values of a field, which is not part of their type.
func (c *Builder) variant(t *lang.TypeExpr, kind lang.Kind) {
	form, name := strings.ToLower(t.Of.Name), strings.ToLower(t.Name)
	known := kind.Info().Variants
	switch {
	case t.Of.Of != nil || t.Of.N != 0 || t.Of.Null || len(t.Of.Args)+len(t.Args) > 0 || !slices.Contains(known, form):
		c.Errorf(lang.CodeBadModel, t.Sp, "the brackets of %s must name the form in which other programs write it", name).WithHint("%s<%s>", name, strings.Join(known, "> or "+name+"<"))
	case t != c.fieldType:
		c.Errorf(lang.CodeBadModel, t.Sp, "%s<%s> must be the whole type of a field, not part of another type", name, form).WithHint("write %s", name)
	}
}

// bare rejects brackets after a type that takes none.
func (c *Builder) bare(t *lang.TypeExpr) {
	if t.Of != nil || t.N != 0 || len(t.Args) > 0 {
		c.Errorf(lang.CodeBadModel, t.Sp, "the type %s takes no brackets", t.Name)
	}
}

func (c *Builder) enumType(t *lang.TypeExpr) lang.Type {
	out := lang.Type{Kind: lang.KEnum}
	if len(t.Args) == 0 || t.Of != nil {
		c.Errorf(lang.CodeBadModel, t.Sp, "an enum must list its values").WithHint("enum('a', 'b')")
		return lang.TypeUnknown
	}
	if c.TooMany(len(t.Args), lang.MaxFields, t.Sp, "an enum") {
		return lang.TypeUnknown
	}
	seen := make(map[string]bool, len(t.Args))
	for _, a := range t.Args {
		l, ok := a.(*lang.Literal)
		s, isString := "", false
		if ok {
			s, isString = l.Value.(string)
		}
		if !isString {
			c.Errorf(lang.CodeTypeMismatch, a.Span(), "a value of an enum must be a string")
			continue
		}
		if seen[s] {
			c.Errorf(lang.CodeBadModel, a.Span(), "%s appears twice in this enum", lang.Quote(s))
		}
		seen[s] = true
		out.Values = append(out.Values, s)
	}
	return out
}

func (c *Builder) containerType(t *lang.TypeExpr) lang.Type {
	name := strings.ToLower(t.Name)
	if t.Of == nil || len(t.Args) > 0 {
		c.Errorf(lang.CodeBadModel, t.Sp, "the type %s must state its element type", name).WithHint("%s<string>", name)
		return lang.TypeUnknown
	}
	elem, emb := c.TypeOf(t.Of)
	if f := foreignField(emb); f != nil {
		c.Errorf(lang.CodeBadModel, t.Of.Sp, "%s of %s is stored in the form of another program, which does not apply inside a %s", f.Name, emb.Name, name)
	}
	if emb != nil && (len(emb.Indexes) > 0 || len(emb.Checks) > 0) {
		c.Errorf(lang.CodeBadModel, t.Of.Sp, "%s has an INDEX or a CHECK, which do not apply inside a %s", emb.Name, name)
	}
	if elem.Kind == lang.KText || elem.Kind == lang.KVector || hasVector(emb) {
		c.Errorf(lang.CodeBadModel, t.Of.Sp, "a %s cannot hold a text or a vector, which Search can index only as fields", name).WithHint("%s", c.insteadOf(elem, name))
	}
	if name == "map" {
		return lang.MapOf(elem)
	}
	if t.Of.Null {
		c.Errorf(lang.CodeBadModel, t.Of.Sp, "the elements of a list are never null").WithHint("write list<%s>", strings.TrimSuffix(lang.Print(t.Of), "?"))
	}
	return lang.ListOf(elem)
}

// foreignField returns a field of a model, or of one that it embeds, that is not stored in RQL's own form.
func foreignField(m *ir.Model) *ir.Field {
	if m == nil {
		return nil
	}
	for _, col := range m.Columns {
		if !col.Own() {
			return col.Leaf
		}
	}
	return nil
}

// hasVector reports whether a value of the embedded model contains a vector.
func hasVector(m *ir.Model) bool {
	if m == nil {
		return false
	}
	for _, col := range m.Columns {
		if col.Type.Kind == lang.KVector {
			return true
		}
	}
	return false
}

func (c *Builder) insteadOf(t lang.Type, name string) string {
	if t.Kind == lang.KText {
		return name + "<string>"
	}
	return name + "<float>, or a model of its own with a ref"
}

func (c *Builder) refType(t *lang.TypeExpr) lang.Type {
	if t.Of == nil || t.Of.Of != nil || t.Of.Null || len(t.Args) > 0 || len(t.Of.Args) > 0 {
		c.Errorf(lang.CodeBadModel, t.Sp, "a ref must name the model it points to").WithHint("ref<User>")
		return lang.TypeUnknown
	}
	name := t.Of.Name
	key, ok := c.keyOf(name)
	if !ok && !c.Loading {
		d := c.Errorf(lang.CodeUnknownModel, t.Of.Sp, "there is no model %s", name)
		if n := lang.Nearest(name, c.modelNames()); n != "" {
			d.WithHint("did you mean %s?", n)
		}
	}
	return lang.Type{Kind: lang.KRef, Model: name, Elem: &key}
}

// modelNames returns the names of the models of the schema and of the file.
func (c *Builder) modelNames() []string {
	names := c.Schema.Names()
	declared := make([]string, 0, len(c.Later))
	for name := range c.Later {
		declared = append(declared, name)
	}
	slices.Sort(declared)
	return append(names, declared...)
}

// keyOf returns the type of the key of a model, which may be declared later in the file.
func (c *Builder) keyOf(name string) (lang.Type, bool) {
	if t, known := c.keys[name]; known {
		return t, true
	}
	t, known := c.findKey(name)
	if known && c.Later[name] != nil { // a model of the schema may change meanwhile
		if c.keys == nil {
			c.keys = map[string]lang.Type{}
		}
		c.keys[name] = t
	}
	return t, known
}

func (c *Builder) findKey(name string) (lang.Type, bool) {
	for range 100 { // a cycle of EXTENDS is reported elsewhere
		decl := c.Later[name]
		if decl == nil {
			break
		}
		for _, f := range decl.Fields {
			if f.Key {
				if kind, ok := simpleKind(f.Type.Name); ok {
					return lang.Type{Kind: kind}, true
				}
				return lang.TypeString, true
			}
		}
		if decl.Extends.Name == "" {
			return lang.TypeString, true
		}
		name = decl.Extends.Name
	}
	if m := c.Schema.Model(name); m != nil && m.Key != nil {
		return m.Key.Type.NotNull(), true
	}
	return lang.TypeString, c.Schema.Model(name) != nil
}

// embeddedType resolves an embedded model.
func (c *Builder) embeddedType(t *lang.TypeExpr) (lang.Type, *ir.Model) {
	for b := c.building; b != nil; b = b.around {
		if b.name == t.Name {
			c.Errorf(lang.CodeBadModel, t.Sp, "%s cannot hold itself", t.Name).WithHint("point to it: ref<%s>", t.Name)
			return lang.TypeUnknown, nil
		}
	}
	m := c.Schema.Model(t.Name)
	if m == nil {
		c.unknownType(t)
		return lang.TypeUnknown, nil
	}
	c.bare(t)
	for _, f := range m.Fields {
		switch {
		case f.Key && declaresKey(m.Decl):
			c.Errorf(lang.CodeBadModel, t.Sp, "%s declares the KEY %s, but an embedded value has no key", m.Name, f.Name).WithHint("point to it: ref<%s>", m.Name)
		case f.Revision:
			c.Errorf(lang.CodeBadModel, t.Sp, "%s.%s is a REVISION, which has no meaning in an embedded model", m.Name, f.Name)
		case f.Unique:
			c.Errorf(lang.CodeBadModel, t.Sp, "%s.%s is UNIQUE, which has no meaning in an embedded model", m.Name, f.Name)
		case f.Default != nil && c.variousRef(f.Type):
			c.Errorf(lang.CodeBadModel, t.Sp, "%s.%s has a DEFAULT, which names a document of one partition or of each, depending on where the value is", m.Name, f.Name).
				WithHint("leave the DEFAULT out")
		}
	}
	if list := m.Collections(); len(list) > 0 {
		c.Errorf(lang.CodeBadModel, t.Sp, "%s has the collection %s, which is stored in a separate key and cannot be embedded", m.Name, list[0].Name).
			WithHint("point to it: ref<%s>", m.Name)
	}
	if len(m.Links) > 0 {
		c.Errorf(lang.CodeBadModel, t.Sp, "%s has the backlink %s, but no document refers to an embedded value", m.Name, m.Links[0].Name)
	}
	if len(m.Uniques) > 0 && len(m.Uniques[len(m.Uniques)-1].Cols) > 1 {
		c.Errorf(lang.CodeBadModel, t.Sp, "%s has a UNIQUE rule, which has no meaning in an embedded model", m.Name)
	}
	emb := c.Embedded(t.Name)
	return types.EmbeddedOf(emb), emb
}

// variousRef reports whether a type is a ref that holds keys in documents of some models, and full keys in those of others.
func (c *Builder) variousRef(t lang.Type) bool {
	ref, ok := refIn(t)
	if !ok {
		return false
	}
	to := c.placeNamed(ref.Model)
	return to.by != "" && !to.key
}

func declaresKey(decl *lang.ModelStmt) bool {
	for _, f := range decl.Fields {
		if f.Key {
			return true
		}
	}
	return false
}

func (c *Builder) unknownType(t *lang.TypeExpr) {
	d := c.Errorf(lang.CodeUnknownType, t.Sp, "there is no type and no model %s", t.Name)
	if c.Later[t.Name] != nil {
		d.WithHint("MODEL %s is declared further down; declare an embedded model first", t.Name)
		return
	}
	if n := lang.Nearest(t.Name, append(lang.TypeNames(), c.Schema.Names()...)); n != "" {
		d.WithHint("did you mean %s?", n)
	} else if k := lang.KindByAlias(t.Name); k != "" {
		d.WithHint("write %s", k)
	}
}

// Embedded returns a model as it is embedded in another one: without a key of its own.
func (c *Builder) Embedded(name string) *ir.Model {
	if m := c.embs[name]; m != nil {
		return m
	}
	m := c.Schema.Model(name)
	if m == nil || m.Decl == nil {
		return nil
	}
	var out *ir.Model
	c.Quietly(func() { out = c.build(m.Decl, true) })
	if c.embs == nil {
		c.embs = map[string]*ir.Model{}
	}
	c.embs[name] = out
	return out
}

// collectionType resolves set<T> or pqueue<T>: the whole type of a field, stored under a key of its own.
func (c *Builder) collectionType(t *lang.TypeExpr, kind lang.Kind) lang.Type {
	name := strings.ToLower(t.Name)
	if t.Of == nil || len(t.Args) > 0 {
		c.Errorf(lang.CodeBadModel, t.Sp, "the type %s must state its element type", name).WithHint("%s<string>", name)
		return lang.TypeUnknown
	}
	if t != c.fieldType {
		c.Errorf(lang.CodeBadModel, t.Sp, "a %s is stored in a separate key, so it must be a field of a stored model, not part of another type", name).
			WithHint("a list is allowed anywhere: list<%s>", strings.TrimSuffix(lang.Print(t.Of), "?"))
		return lang.TypeUnknown
	}
	elem, _ := c.TypeOf(t.Of)
	switch {
	case elem.Kind == lang.KUnknown:
		return lang.TypeUnknown
	case !elem.Kind.Info().Member:
		c.Errorf(lang.CodeBadModel, t.Of.Sp, "a %s holds single values, not %s", name, types.Describe(elem))
		return lang.TypeUnknown
	}
	if t.Of.Null {
		c.Errorf(lang.CodeBadModel, t.Of.Sp, "the elements of a %s are never null", name)
	}
	if t.Null {
		c.Errorf(lang.CodeBadModel, t.Sp, "a %s is never null: it is empty without members", name).WithHint("leave the ? out")
	}
	elem.Null = false
	return lang.Type{Kind: kind, Elem: &elem}
}
