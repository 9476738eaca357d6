package parser

import (
	"cmp"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

// Each grammar converts itself to its statement of package lang; sp is the
// statement's span.

func (g *expr) value() lang.Expr {
	if g == nil {
		return nil
	}
	return g.X
}

func (g *operand) value() lang.Expr {
	if g == nil {
		return nil
	}
	return g.X
}

func (g *key) value() lang.Expr {
	if g == nil {
		return nil
	}
	return g.X
}

func (g *name) value() lang.Ident {
	if g == nil {
		return lang.Ident{}
	}
	return g.Ident
}

func (g *items) value() *lang.Returns {
	if g == nil {
		return nil
	}
	return &g.Returns
}

func fetchesOf(gs []fetch) (out []lang.Fetch) {
	for _, g := range gs {
		out = append(out, g.F)
	}
	return out
}

func itemsOf(gs []item) (out []lang.Item) {
	for _, g := range gs {
		out = append(out, g.Item)
	}
	return out
}

func ordersOf(gs []order) (out []lang.Order) {
	for _, g := range gs {
		out = append(out, g.Order)
	}
	return out
}

func setsOf(gs []set) (out []lang.Set) {
	for _, g := range gs {
		out = append(out, g.Set)
	}
	return out
}

// spanOfAll returns the span of the tokens of a grammar node.
func spanOfAll(tokens []lexer.Token) lang.Span {
	if len(tokens) == 0 {
		return lang.Span{}
	}
	return spanOf(&tokens[0]).To(spanOf(&tokens[len(tokens)-1]))
}

func (g *getGrammar) lower(sp lang.Span) lang.Stmt {
	return &lang.GetStmt{Sp: sp, Model: g.Model.Ident, Key: g.Key.X, SkipMissing: g.Skip, Fetch: fetchesOf(g.Fetch), Return: g.Return.value()}
}

func (g *findGrammar) lower(sp lang.Span) lang.Stmt { return g.find(sp) }

func (g *findGrammar) find(sp lang.Span) *lang.FindStmt {
	return &lang.FindStmt{
		Sp: sp, Model: g.Model.Ident, Near: g.Near.value(), Stale: g.Stale, Where: g.Where.value(),
		GroupBy: itemsOf(g.GroupBy), Having: g.Having.value(), Fetch: fetchesOf(g.Fetch), Return: g.Return.value(),
		OrderBy: ordersOf(g.OrderBy), Limit: g.Limit.value(), Offset: g.Offset.value(), After: g.After.value(),
	}
}

func (g *countGrammar) lower(sp lang.Span) lang.Stmt {
	return &lang.CountStmt{Sp: sp, Model: g.Model.Ident, Where: g.Where.value()}
}

func (g *existsGrammar) lower(sp lang.Span) lang.Stmt {
	return &lang.ExistsStmt{Sp: sp, Model: g.Model.Ident, Where: g.Where.value(), Key: g.Key.value()}
}

func (g *createGrammar) lower(sp lang.Span) lang.Stmt {
	s := &lang.CreateStmt{Sp: sp, Model: g.Model.Ident, Doc: g.Doc.X, Life: g.Life.value(), Return: g.Return.value()}
	if on := g.Conflict; on != nil {
		s.Conflict = conflictOf(spanOfAll(on.Tokens), on.Action, on.Sets)
	}
	return s
}

// conflictOf returns an ON CONFLICT, whose action is SET if no other word is given.
func conflictOf(sp lang.Span, action string, sets []set) *lang.Conflict {
	return &lang.Conflict{Sp: sp, Action: strings.ToUpper(cmp.Or(action, "SET")), Sets: setsOf(sets)}
}

func (g *putGrammar) lower(sp lang.Span) lang.Stmt {
	return &lang.PutStmt{Sp: sp, Model: g.Model.Ident, Doc: g.Doc.X, Life: g.Life.value(), Return: g.Return.value()}
}

func (g *restoreGrammar) lower(sp lang.Span) lang.Stmt {
	return &lang.PutStmt{Sp: sp, Model: g.Model.Ident, Doc: g.Doc.X, Life: g.Life.value(), Restore: true}
}

func (g *life) value() *lang.Life {
	if g == nil {
		return nil
	}
	return &lang.Life{Sp: spanOfAll(g.Tokens), At: g.At, X: g.X.X}
}

func (g *targetGrammar) target() lang.Target {
	return lang.Target{
		Sp: spanOfAll(g.Tokens), Where: g.Where.value(), OrderBy: ordersOf(g.OrderBy), Limit: g.Limit.value(),
		All: g.All, Key: g.Key.value(), SkipMissing: g.Skip,
	}
}

func (g *updateGrammar) lower(sp lang.Span) lang.Stmt {
	return &lang.UpdateStmt{Sp: sp, Model: g.Model.Ident, Target: g.Target.target(), Sets: setsOf(g.Sets), Return: g.Return.value()}
}

func (g *deleteGrammar) lower(sp lang.Span) lang.Stmt {
	return &lang.DeleteStmt{Sp: sp, Model: g.Model.Ident, Target: g.Target.target(), Return: g.Return.value()}
}

func (g *copyGrammar) lower(sp lang.Span) lang.Stmt {
	return &lang.CopyStmt{
		Sp: sp, Model: g.Model.Ident, Key: g.Key.X, SkipMissing: g.Skip, Times: g.Times.value(), Life: g.Life.value(),
		Sets: setsOf(g.Sets), Return: g.Return.value(),
	}
}

func (g *expireGrammar) lower(sp lang.Span) lang.Stmt {
	return &lang.ExpireStmt{Sp: sp, Model: g.Model.Ident, Target: g.Target.target(), After: g.After.value(), At: g.At.value()}
}

func (g *persistGrammar) lower(sp lang.Span) lang.Stmt {
	return &lang.PersistStmt{Sp: sp, Model: g.Model.Ident, Target: g.Target.target()}
}

func (g *callGrammar) lower(sp lang.Span) lang.Stmt {
	return &lang.CallStmt{Sp: sp, Name: g.Name.Ident, Args: g.Args.Xs}
}

func (g *importGrammar) lower(sp lang.Span) lang.Stmt {
	s := &lang.ImportStmt{Sp: sp, Model: g.Model.Ident, With: withOf(g.With)}
	for _, f := range g.Files {
		s.Files = append(s.Files, f.X)
	}
	if g.As != nil {
		s.As = g.As.X
	}
	for i := range g.Ons {
		on := &g.Ons[i]
		switch of := spanOfAll(on.Tokens); on.word() {
		case "ERROR":
			s.Rejects = &lang.Rejects{Sp: of, File: on.File.X, Limit: on.Limit.value()}
		default:
			s.Conflict = conflictOf(of, on.Action, on.Sets)
		}
	}
	return s
}

func (g *includeGrammar) lower(sp lang.Span) lang.Stmt {
	return &lang.IncludeStmt{Sp: sp, File: stringValue(g.File.Value), FileSp: spanOf(&g.File)}
}

func (g *printGrammar) lower(sp lang.Span) lang.Stmt {
	items := make([]lang.Item, len(g.Items))
	for i := range g.Items {
		items[i] = g.Items[i].Item
	}
	return &lang.PrintStmt{Sp: sp, Items: &lang.Returns{Sp: sp, Items: items}}
}

func (g *exportGrammar) lower(sp lang.Span) lang.Stmt {
	return &lang.ExportStmt{Sp: sp, Find: g.Find.Find.find(spanOfAll(g.Find.Tokens)), File: g.File.X, With: withOf(g.With)}
}

func withOf(list []with) (out []lang.With) {
	for _, o := range list {
		out = append(out, o.With)
	}
	return out
}

func (g *modelGrammar) lower(sp lang.Span) lang.Stmt {
	s := &lang.ModelStmt{Sp: sp, Name: g.Name.Ident, Extends: g.Extends.value(), Fields: g.Body.Fields, Rules: g.Body.Rules}
	for i := range g.Options {
		s.Options = append(s.Options, g.Options[i].option())
	}
	return s
}

func (g *optionGrammar) option() *lang.OptionDecl {
	o := &lang.OptionDecl{Sp: spanOfAll(g.Tokens), Kind: strings.ToUpper(g.Tokens[0].Value), TTL: g.TTL.value(), Refresh: strings.ToUpper(g.Refresh)}
	switch o.Kind {
	case "KEYS":
		o.Word = stringValue(g.Keys.Value)
	case "PARTITION":
		o.Field = g.Partition.Ident
	default:
		o.Word = strings.ToUpper(g.Stored + g.Indexed + g.Writers)
	}
	return o
}

func (g *alterGrammar) lower(sp lang.Span) lang.Stmt {
	s := &lang.AlterStmt{Sp: sp, Model: g.Model.Ident}
	for i := range g.Actions {
		s.Actions = append(s.Actions, g.Actions[i].action())
	}
	switch {
	case g.DryRun:
		s.Mode = lang.AlterDryRun
	case g.Undo:
		s.Mode = lang.AlterUndo
	}
	return s
}

func (g *actionGrammar) action() *lang.AlterAction {
	a := &lang.AlterAction{Sp: spanOfAll(g.Tokens)}
	switch {
	case g.Add != nil:
		a.Kind = "ADD " + strings.ToUpper(g.Tokens[1].Value)
		if g.Add.Field != nil {
			a.Field = g.Add.Field.F
		}
		a.Paths, a.Global = g.Add.Index.or(g.Add.Unique), g.Add.Global
		a.Check = g.Add.Check.value()
	case g.Drop != nil:
		a.Kind = "DROP " + strings.ToUpper(g.Tokens[1].Value)
		a.Name = g.Drop.Field.value()
		if g.Drop.Alias != nil {
			a.Name = g.Drop.Alias.Ident
		}
		a.Paths, a.Global = g.Drop.Index.or(g.Drop.Unique), g.Drop.Global
		a.Check = g.Drop.Check.value()
	case g.Rename != nil && g.Rename.Field == nil:
		a.Kind, a.To = "RENAME", g.Rename.To.Ident
	case g.Rename != nil:
		a.Kind, a.Name, a.To = "RENAME FIELD", g.Rename.Field.Ident, g.Rename.To.Ident
	case g.Change != nil:
		a.Kind, a.Field, a.Using = "CHANGE FIELD", g.Change.F, g.Using.value()
	default:
		a.Kind, a.Option = "SET", g.Set.option()
	}
	return a
}

// or returns the paths of the first argument that is present.
func (g *columns) or(h *columns) []lang.Path {
	if g != nil {
		return g.paths()
	}
	if h != nil {
		return h.paths()
	}
	return nil
}

func (g *dropGrammar) lower(sp lang.Span) lang.Stmt {
	return &lang.DropStmt{Sp: sp, What: strings.ToUpper(g.What), Name: g.Name.Ident, All: g.All}
}

func (g *verifyGrammar) lower(sp lang.Span) lang.Stmt {
	return &lang.VerifyStmt{Sp: sp, Model: g.Model.Ident, Repair: g.Repair, Refs: g.Refs}
}

func (g *adoptGrammar) lower(sp lang.Span) lang.Stmt {
	s := &lang.AdoptStmt{Sp: sp}
	if a := g.Of; a != nil {
		s.Pattern, s.PatternSp, s.Name, s.Apply = stringValue(a.Pattern.Value), spanOf(&a.Pattern), a.Name.Ident, a.Apply
	}
	return s
}

func (g *showGrammar) lower(sp lang.Span) lang.Stmt {
	s := &lang.ShowStmt{Sp: sp, What: strings.ToUpper(g.What + g.One), Memory: g.Memory, Name: g.Name.value()}
	if g.Stats {
		s.What = "STATS"
	}
	return s
}

func (g *columns) paths() []lang.Path {
	out := make([]lang.Path, len(g.Paths))
	for i, p := range g.Paths {
		out[i] = p.P
	}
	return out
}
