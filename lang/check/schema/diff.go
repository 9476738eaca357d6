package schema

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Changes are the differences of two definitions of a model.
type Changes struct {
	Words            []string    // a description of each; empty: the definitions are equal
	Indexes, Uniques []*ir.Index // new ones, to be backfilled
	Fields           []*ir.Field // new ones whose constant default every document gets
	Checks           []string    // new ones
	Dropped          []*ir.Field // of the stored model, missing in the new one
	Gone             []*ir.Index // removed INDEXes
	GoneUniques      []*ir.Index // removed UNIQUEs
	Converted        []*ir.Field // fields of the stored model whose values are converted
	Renamed          [][2]string // renamed fields: the name before, and the one after
	// Enters says that all documents are entered anew in the set of their keys and in all indexes, which may have been wrong until now.
	Enters bool
	// Empty is the error of the change if there are documents, which is known only when it is stored; nil: they do not matter. The
	// caller sets its span.
	Empty *lang.Diag
}

// describe copies the changes to a statement.
func (c *Changes) describe(d *ir.Define) {
	d.Changes, d.NewIndexes, d.NewUniques, d.NewFields, d.NewChecks, d.Dropped, d.Converted, d.Renamed = c.Words, c.Indexes, c.Uniques, c.Fields, c.Checks, c.Dropped, c.Converted, c.Renamed
	d.Empty, d.Enters = c.Empty, c.Enters
}

// Diff compares a stored model with a new declaration of it. Anything that could lose data or fail on existing documents is a
// diagnostic with the code model-changed, whose hint is the ALTER MODEL statement to write; the caller sets its span.
func Diff(was, now *ir.Model) (*Changes, *lang.Diag) { return difference(was, now, false, nil) }

// difference is Diff. If alter is set, removals and conversions are allowed, because they were requested by name.
func difference(was, now *ir.Model, alter bool, list []*conversion) (*Changes, *lang.Diag) {
	f := &differ{was: was, now: now, may: alter, converts: list}
	f.key()
	f.storage()
	for _, field := range was.Fields {
		f.oldField(field)
	}
	for _, field := range now.Fields {
		if was.Field(field.Name) == nil {
			f.newField(field)
		}
	}
	f.backlinks()
	f.Indexes, f.Gone = f.indexes("INDEX", was.Ordered(), now.Ordered())
	f.Uniques, f.GoneUniques = f.indexes("UNIQUE", was.Uniques, now.Uniques)
	if f.Enters {
		f.Indexes, f.Uniques = now.Ordered(), now.Uniques
	}
	f.checks()
	f.life()
	if f.reason != "" {
		return nil, f.changed(f.reason)
	}
	if f.lacking != "" {
		f.Empty = f.changed(f.lacking)
	}
	if f.Words == nil && was.Def != now.Def {
		f.Words = []string{"another order or spelling"}
	}
	return &f.Changes, nil
}

// Older returns an error if a program that declares an earlier definition of a model cannot continue with the current one: every
// field that it knows must still exist, with values that it expects.
func Older(was, now *ir.Model) *lang.Diag {
	d := &differ{was: was, now: now}
	d.key()
	d.storage()
	if d.reason != "" {
		return older(was, d.reason)
	}
	for _, f := range now.Fields {
		old := was.Lookup(f.Name)
		why := ""
		switch {
		case old == nil:
			why = "it has no field " + f.Name + " any more"
		case !widens(old.Type, f.Type):
			why = f.Name + " is " + old.Type.String() + " now, not " + f.Type.String()
		case f.Revision && !old.Revision:
			why = f.Name + " is no longer a REVISION"
		default:
			continue
		}
		return older(was, why)
	}
	return nil
}

func older(was *ir.Model, why string) *lang.Diag {
	d := lang.Errorf(lang.CodeModelChanged, lang.Span{}, "this program is older than the database and incompatible with it: this is an earlier definition of %s, and %s", was.Name, why)
	d.Hint = "start the matching program; SHOW MODEL " + was.Name + " prints the definition"
	return d
}

// differ collects the differences of two models.
type differ struct {
	Changes
	was, now *ir.Model
	may      bool // removals were requested
	converts []*conversion
	reason   string // the first change that MODEL cannot make
	lacking  string // the first change that does not go with documents
	alter    []*lang.AlterAction
	lost     []*ir.Field // fields that the ALTER drops
	computed []*ir.Field // fields that the ALTER adds, whose DEFAULT is not constant
	hopeless bool        // ALTER cannot make the change either
}

func (f *differ) refuse(reason string, actions ...*lang.AlterAction) {
	if f.reason == "" {
		f.reason = reason
	}
	f.alter = append(f.alter, actions...)
	f.hopeless = f.hopeless || len(actions) == 0
}

// changed is the error of a change that cannot be made.
func (f *differ) changed(reason string) *lang.Diag {
	d := lang.Errorf(lang.CodeModelChanged, lang.Span{}, "%s is stored in another form: %s", f.was.Name, reason)
	d.Hint = f.hint()
	return d
}

// lacks records a new field that existing documents lack. With WRITERS ANY no set of keys says whether there are any, and with
// partitions many do.
func (f *differ) lacks(b *ir.Field, why string, action *lang.AlterAction) {
	reason := "existing documents have no " + b.Name + ", " + why
	if f.was.Scanned() || f.was.Part != nil {
		f.refuse(reason, action)
		return
	}
	if f.lacking == "" {
		f.lacking = reason
	}
	f.alter = append(f.alter, action)
	f.change("new field " + b.Name + " " + b.Type.String())
}

// hint says what to do instead. It never proposes to lose a value: if a field would be dropped, it proposes to count its values.
func (f *differ) hint() string {
	switch {
	case f.was.Adopted && slices.ContainsFunc(f.alter, func(act *lang.AlterAction) bool { return act.Kind != "SET" }), f.was.Adopted && f.hopeless:
		return "DROP MODEL " + f.was.Name + ", which keeps its documents, and declare it again"
	case f.hopeless || len(f.alter) == 0:
		return "keep it as it is stored, or declare a model of another name and copy the documents"
	}
	for _, a := range f.lost {
		if b := f.renamed(a); b != nil {
			return "if " + b.Name + " is the field " + a.Name + ": " + lang.Print(rename(f.was.Name, a.Name, b.Name))
		}
	}
	if len(f.lost) > 0 {
		return "keep the field: " + holding(f.was, f.lost[0]) + " counts the documents that have a value in it"
	}
	text := lang.Print(&lang.AlterStmt{Model: lang.Ident{Name: f.was.Name}, Actions: f.alter})
	for _, b := range f.computed {
		d := f.decl(b.Name)
		change := &lang.AlterStmt{Model: lang.Ident{Name: f.was.Name}, Actions: []*lang.AlterAction{{Kind: "CHANGE FIELD", Field: d}}}
		text += "; UPDATE " + f.was.Name + " WHERE " + b.Name + " IS NULL SET " + b.Name + " = " + lang.Print(d.Default) + "; " + lang.Print(change)
	}
	return text
}

// backlinks compares fields of which nothing is stored. They can be added and removed freely.
func (f *differ) backlinks() {
	for _, a := range f.was.Links {
		if b := f.now.Link(a.Name); b == nil {
			f.change("no backlink " + a.Name)
		} else if *a != *b {
			f.change("backlink " + a.Name + ": by " + b.Model + "." + b.Ref)
		}
	}
	for _, b := range f.now.Links {
		if f.was.Link(b.Name) == nil {
			f.change("backlink " + b.Name)
		}
	}
}

// rename returns the statement that renames a field.
func rename(model, from, to string) *lang.AlterStmt {
	return &lang.AlterStmt{Model: lang.Ident{Name: model}, Actions: []*lang.AlterAction{{Kind: "RENAME FIELD", Name: lang.Ident{Name: from}, To: lang.Ident{Name: to}}}}
}

// holding returns the statement that counts the documents with a value in a field.
func holding(m *ir.Model, a *ir.Field) string {
	count := "COUNT " + m.Name + " WHERE "
	if a.Collection() {
		return count + "len(" + a.Name + ") > 0"
	}
	return count + a.Name + " IS NOT NULL"
}

// renamed returns the only new field with the type of a removed field, which may be the same field under a new name.
func (f *differ) renamed(a *ir.Field) *ir.Field {
	var found *ir.Field
	for _, b := range f.now.Fields {
		if f.was.Field(b.Name) == nil && widens(a.Type, b.Type) {
			if found != nil {
				return nil
			}
			found = b
		}
	}
	return found
}

func (c *Changes) change(words string) { c.Words = append(c.Words, words) }

// gone records a change that only ALTER MODEL can make: for ALTER it is a change, for MODEL an error.
func (f *differ) gone(words, reason string, actions ...*lang.AlterAction) {
	if f.may {
		f.change(words)
	} else {
		f.refuse(reason, actions...)
	}
}

func (f *differ) key() {
	a, b := f.was.Key, f.now.Key
	if a != nil && b != nil && (a.Name != b.Name || a.Type.Kind != b.Type.Kind) {
		f.refuse("its KEY is " + a.Name + " " + a.Type.String())
	}
	switch {
	case (patterned(f.was) || patterned(f.now)) && (f.was.Prefix != f.now.Prefix || f.was.Suffix != f.now.Suffix):
		f.refuse("its keys are named " + f.was.Prefix + "…" + f.was.Suffix)
	case f.was.Adopted && !f.now.Adopted: // RQL could not tell its documents by the field of their key
		f.refuse("other programs may have written it, so documents may lack "+f.was.Key.Name, setOption("KEYS", f.was.Prefix+"{"+f.was.Key.Name+"}"+f.was.Suffix), setOption("WRITERS", "RQL"))
	case f.was.Foreign && !f.now.Foreign:
		f.gone("WRITERS RQL", "other programs may have written it, so its indexes may lack documents", setOption("WRITERS", "RQL"))
		f.Enters = f.may
	case f.was.Foreign != f.now.Foreign:
		f.change("WRITERS ANY")
	}
}

// storage compares how documents are stored. A change would have to rewrite every document.
func (f *differ) storage() {
	if a, b := partName(f.was), partName(f.now); a != b {
		f.refuse(map[bool]string{true: "it has no PARTITION BY", false: "it is PARTITION BY " + a}[a == ""])
	}
	words := map[bool]string{false: "HASH", true: "JSON"}
	if f.was.JSON != f.now.JSON {
		f.refuse("its documents are STORED AS " + words[f.was.JSON] + ", not " + words[f.now.JSON])
	}
}

// life compares TTL and REFRESH. Existing documents keep their expiration.
func (f *differ) life() {
	switch a, b := f.was, f.now; {
	case a.TTL == b.TTL && a.Refresh == b.Refresh:
	case a.TTL > 0 && b.TTL == 0:
		f.gone("no TTL", "its documents have a TTL", &lang.AlterAction{Kind: "DROP TTL"})
	default:
		f.change("another TTL")
	}
}

func (f *differ) decl(name string) *lang.FieldDecl {
	for _, d := range f.now.Decl.Fields {
		if d.Name.Name == name {
			return d
		}
	}
	return nil
}

func setOption(kind, word string) *lang.AlterAction {
	return &lang.AlterAction{Kind: "SET", Option: &lang.OptionDecl{Kind: kind, Word: word}}
}

func dropField(name string) *lang.AlterAction {
	return &lang.AlterAction{Kind: "DROP FIELD", Name: lang.Ident{Name: name}}
}

func (f *differ) addField(name string) *lang.AlterAction {
	return &lang.AlterAction{Kind: "ADD FIELD", Field: f.decl(name)}
}

// addRequired returns the action that adds a field with a DEFAULT for existing documents.
func (f *differ) addRequired(b *ir.Field) *lang.AlterAction {
	a := f.addField(b.Name)
	d := *a.Field
	if zero := b.Type.Kind.Info().Zero; zero != nil {
		d.Default = zero(b.Type)
	}
	a.Field = &d
	return a
}

// addNullable returns the action that adds a field that can be computed for existing documents after that.
func (f *differ) addNullable(b *ir.Field) *lang.AlterAction {
	a := f.addField(b.Name)
	d, t := *a.Field, *a.Field.Type
	t.Null, d.Default, d.Type = true, nil, &t
	a.Field = &d
	return a
}

// oldField compares a field that the stored model has.
func (f *differ) oldField(a *ir.Field) {
	b := f.now.Field(a.Name)
	switch {
	case b == nil && a.Key:
		return // reported as the key
	case b == nil:
		f.gone("no field "+a.Name, "it has the field "+a.Name, dropField(a.Name))
		f.Dropped, f.lost = append(f.Dropped, a), append(f.lost, a)
		return
	case f.converted(a):
		f.change("field " + a.Name + ": type " + b.Type.String() + ", stored anew")
		f.Converted = append(f.Converted, a)
		return
	case !widens(a.Type, b.Type) && !(f.may && f.narrows(a, b)):
		var how []*lang.AlterAction
		if f.narrows(a, b) {
			how = append(how, &lang.AlterAction{Kind: "CHANGE FIELD", Field: f.decl(a.Name)})
		}
		f.refuse(a.Name+" is "+a.Type.String()+", not "+b.Type.String(), how...)
		return
	case a.Variant != b.Variant || a.EmptyNull != b.EmptyNull:
		f.refuse("the values of " + a.Name + " are stored in another form")
		return
	case a.Type.String() != b.Type.String():
		f.change("field " + a.Name + ": type " + b.Type.String())
	}
	if a.Lenient != b.Lenient {
		f.change("field " + a.Name + ": " + map[bool]string{true: "LENIENT", false: "not LENIENT"}[b.Lenient])
	}
	if a.CascadeTTL != b.CascadeTTL {
		f.change("field " + a.Name + ": " + map[bool]string{true: "CASCADE TTL", false: "no CASCADE TTL"}[b.CascadeTTL])
	}
	switch {
	case a.OnDelete == b.OnDelete:
	case b.OnDelete != "":
		f.change("field " + a.Name + ": ON DELETE " + b.OnDelete)
	case a.Collection(): // its index is removed
		f.gone("field "+a.Name+": no ON DELETE", a.Name+" has ON DELETE", &lang.AlterAction{Kind: "CHANGE FIELD", Field: f.decl(a.Name)})
	default:
		f.change("field " + a.Name + ": no ON DELETE")
	}
	switch {
	case b.Revision && !a.Revision: // its existing values are arbitrary
		f.refuse(a.Name + " is not a REVISION")
		return
	case a.Revision && !b.Revision:
		f.change("field " + a.Name + ": no REVISION")
	}
	if x, y := f.defaultText(f.was, a.Name), f.defaultText(f.now, a.Name); x != y {
		if y == "" {
			f.change("field " + a.Name + ": no DEFAULT")
		} else {
			f.change("field " + a.Name + ": DEFAULT " + y)
		}
	}
}

// converted reports whether the values of a field are converted.
func (f *differ) converted(a *ir.Field) bool {
	return slices.ContainsFunc(f.converts, func(c *conversion) bool { return c.name == a.Name })
}

// narrows reports whether a change of type requires a check of the documents.
func (f *differ) narrows(a, b *ir.Field) bool {
	_, ok := narrows(a.Type, b.Type, lang.Ident{Name: a.Name})
	return ok
}

// widens reports whether every stored value of type a is one of type b.
func widens(a, b lang.Type) bool {
	if a.Null && !b.Null || a.Kind != b.Kind || a.Model != b.Model || a.N != b.N {
		return false
	}
	switch a.Kind {
	case lang.KEnum:
		for _, v := range a.Values {
			if !slices.Contains(b.Values, v) {
				return false
			}
		}
	case lang.KList, lang.KMap, lang.KSet, lang.KPQueue:
		return a.Elem != nil && b.Elem != nil && widens(*a.Elem, *b.Elem)
	case lang.KRef:
		return a.Elem == nil || b.Elem == nil || a.Elem.Kind == b.Elem.Kind
	case lang.KEmbedded:
		return a.Null == b.Null // the presence column comes with the question mark
	}
	return true
}

func (f *differ) defaultText(m *ir.Model, name string) string {
	for _, d := range m.Decl.Fields {
		if d.Name.Name == name && d.Default != nil {
			return lang.Print(d.Default)
		}
	}
	return ""
}

// newField compares a field that the stored model lacks.
func (f *differ) newField(b *ir.Field) {
	switch {
	case b.Key:
		return
	case f.was.Aliases[b.Name] != "":
		f.refuse(b.Name+" is an alias of its field "+f.was.Aliases[b.Name], dropAlias("", b.Name).Actions...)
	case b.Collection():
		f.change("new field " + b.Name + " " + b.Type.String())
	case needed(b):
		f.lacks(b, "which is required", f.addRequired(b))
	case f.converted(b):
		f.change("new field " + b.Name + " " + b.Type.String() + ": computed")
	case b.Default != nil && !ir.Closed(b.Default) && !f.may && b.Emb == nil:
		f.lacks(b, "and its DEFAULT is not constant", f.addField(b.Name))
	case b.Default != nil && !ir.Closed(b.Default):
		f.lacks(b, "and its DEFAULT is not constant", f.addNullable(b))
		f.computed = append(f.computed, b)
	default:
		f.change("new field " + b.Name + " " + b.Type.String())
		if b.Default != nil {
			f.Fields = append(f.Fields, b)
		}
	}
}

// needed reports a field for which a document must be given a value. nil, of a backlink, is none.
func needed(f *ir.Field) bool {
	return f != nil && f.Default == nil && !f.Type.Null && !f.Collection()
}

// Filled returns the fields that documents without them get: those that are not nullable and have a constant DEFAULT.
func Filled(m *ir.Model) []*ir.Field {
	var out []*ir.Field
	for _, f := range m.Stored() {
		if !f.Key && !f.Collection() && !f.Type.Null && f.Default != nil && ir.Closed(f.Default) {
			out = append(out, f)
		}
	}
	return out
}
