package lua

import (
	"fmt"
	"strconv"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// flat is a block whose documents are all named by different keys that are known before it is sent (plan.Block.Flat): each
// document is a set of locals of straight-line code. Templates use the same names for every document: t is its key text, k
// its name, r what was read of it, o its row before a change and n the row behind it. In the end each name becomes the document's own.
type flat struct {
	docs  []*flatDoc
	parts map[*tree.Node]*flatPart // by the late node that holds it
	last  *flatPart                // the part that was written last
	// collected changes a collection; nil: nothing does.
	collected *flatCollected
	asked     *tree.Node   // before the first write: see askWork
	changes   int          // how many documents are changed
	row       []*tree.Node // the values of the reply
	sized     *tree.Node   // refuses values that are too long; nil: none can be
}

// flatDoc is one of its documents.
type flatDoc struct {
	model     *model
	n         string // its number in names
	key       ir.Expr
	read, row *tree.Node // known when all columns are
	now       string     // the row that holds it
	changes   int
	place     int // of the last change
}

// flatPart is code in which names stand for others.
type flatPart struct{ names map[string]string }

// Limits of the flat form: the locals that members of documents become, and the names outside its functions.
const (
	flatMembers = 60
	flatNames   = 110
)

// with writes code in which the names of a document are its own; next is the row that a change makes.
func (g *blockWriter) with(d *flatDoc, next string, f func()) {
	code := g.captured(f)
	part := &flatPart{names: map[string]string{"t": "t" + d.n, "k": "k" + d.n, "r": "r" + d.n, "o": d.now}}
	if next != "" {
		part.names["n"] = next
	}
	at := tree.Late()
	at.Fill(code)
	g.flat.parts[at], g.flat.last = part, part
	g.out.Add(at)
}

// document returns the document of a key, which is read where it is named first.
func (g *blockWriter) document(m *model, key ir.Expr, skip bool) *flatDoc {
	param, isParam := paramOf(key)
	for _, d := range g.flat.docs {
		if p, ok := paramOf(d.key); d.model == m && (d.key == key || ok && isParam && p == param) {
			return d
		}
	}
	m.named = true
	d := &flatDoc{model: m, n: strconv.Itoa(len(g.flat.docs) + 1), key: key, read: tree.Late(), row: tree.Late()}
	g.flat.docs = append(g.flat.docs, d)
	at := g.docKey(m.Model, key)
	d.now = "o" + d.n
	g.with(d, "", func() {
		g.w("local k=K[%d]", at)
		g.out.Add(d.read)
		if skip {
			g.w("if not %s then return 0 end", m.store().there())
		} else {
			g.w("if not %s then fail('key-not-found',k) end", m.store().there())
		}
		g.out.Add(d.row)
	})
	return d
}

// flatUpdate writes UPDATE.
func (g *blockWriter) flatUpdate(st *plan.Update, outer *scope, out string) {
	m := g.model(st.Model)
	g.wrote = true
	d := g.document(m, st.Target.Key, st.Target.SkipMissing)
	d.changes++
	g.flat.changes++
	next := fmt.Sprintf("n%s_%d", d.n, d.changes)
	g.with(d, next, func() {
		g.change(m, st.Sets, outer)
		g.row(out, st.Items, st.AllFields, false, outer)
	})
	d.now, d.place = next, len(g.places)-1
}

// flatRead returns the statements that read a document, and those that make its row.
func (m *model) flatRead(g *writer) (read, row *tree.Node) {
	cols, stored, key := m.read(), m.store(), m.KeyColumn()
	weigh := tree.None()
	if g.lazy {
		weigh = stored.weigh(g, cols)
	}
	text := ex("%s", g.p.call("sub", "k", ex("#P%s+1", m.n)))
	if m.Suffix != "" {
		text = g.p.call("sub", "k", ex("#P%s+1", m.n), tree.Int(-len(m.Suffix)-1))
	}
	id, same := m.ownKey(g)
	head := st("local t=%s\n%s\nlocal x=%s", text, same, id)
	if !m.JSON && !m.Adopted { // the name of the document is made of its key rather than the key of the name: that needs no prefix
		name := ex("%s..t", g.docsOf(m.Model))
		if m.Suffix != "" {
			name = ex("%s..%s", name, tree.Str(m.Suffix))
		}
		head = st("local t=%[1]s\nif %[2]s~=k then fail('bad-value',k,%[3]s,t) end\nlocal x=%[4]s", stored.cell(0, key), name, tree.Str(key.Name), id)
	}
	return stored.read(g, cols), st("BK=k\n%s\n%s\nlocal o=%s", weigh, head, m.rowRead(g, cols, tree.Name("x")))
}

// flatCommand is a command of the write phase: its words, of which the second is the key, and when it is needed; nil: always.
type flatCommand struct {
	when  *tree.Node
	word  string
	key   *tree.Node
	words *tree.Node // all of them, or what unpacks them
}

// flatChange is the only column that the block sets in documents of a model; nil where there are more, or it has no single command.
func (g *blockWriter) flatChange(m *model) *ir.Column {
	for _, ix := range m.Indexes {
		if ix.List && m.touches(ix) {
			return nil
		}
	}
	return m.oneChange(g.writer)
}

// flatFlush writes the write phase: what is to be sent is computed, and may fail, before the first command.
func (g *blockWriter) flatFlush() {
	var written []*model
	simple := true
	for _, m := range g.models {
		if m.written {
			written = append(written, m)
			simple = simple && g.flatChange(m) != nil
		}
	}
	if len(written) == 0 && g.flat.collected == nil {
		return
	}
	if !simple {
		for _, m := range written {
			g.flatQueue(m)
		}
		g.flatCollections()
		g.out.Add(g.flat.asked)
		g.p.Use("commit")
		g.w("commit()")
		return
	}
	var cmds []flatCommand
	for _, m := range written {
		cmds = append(cmds, g.flatCommands(m, g.flatChange(m))...)
	}
	cmds = g.withCollected(cmds)
	g.out.Add(g.flat.asked)
	if len(cmds) > 1 {
		g.w("local may=redis.acl_check_cmd\nif may then")
		for _, c := range cmds[1:] { // if the first is needed, it is the one whose failure ends the script
			allowed := ex("not may(%s,%s)", tree.Str(c.word), c.key)
			if c.when != nil {
				allowed = tree.Binary("and", c.when, allowed)
			}
			g.w("if %[1]s then fail('denied',%[2]s,%[3]s) end", allowed, c.key, tree.Str(c.word))
		}
		g.w("end")
	}
	g.sendFlat(cmds)
}

// sendFlat sends the commands of the write phase: the first of those that are needed by pcall, for its failure ends the script.
func (g *blockWriter) sendFlat(cmds []flatCommand) {
	guarded := func(send string, c flatCommand) *tree.Node {
		return st("local z=%[1]s(%[2]s)\nif z~=0 and z~=1 and type(z)=='table' and z.err then fail(nil,%[3]s,{%[2]s},z) end", tree.Name(send), c.words, c.key)
	}
	if len(cmds) == 1 || cmds[0].when == nil {
		g.w("%s", when(cmds[0].when, guarded("pcl", cmds[0])))
		for _, c := range cmds[1:] {
			g.w("%s", when(c.when, st("call(%s)", c.words)))
		}
		return
	}
	g.w("local send=pcl")
	for i, c := range cmds {
		next := st("send=call")
		if i == len(cmds)-1 {
			next = tree.None()
		}
		g.w("%s", when(c.when, tree.Block(guarded("send", c), next)))
	}
}

// when are statements under a condition; nil: always.
func when(cond, stmts *tree.Node) *tree.Node {
	if cond == nil {
		return tree.Do(stmts)
	}
	return st("if %s then %s end", cond, stmts)
}

// changedDocs are the documents of a model that the block changes.
func (g *blockWriter) changedDocs(m *model) []*flatDoc {
	var docs []*flatDoc
	for _, d := range g.flat.docs {
		if d.model == m && d.changes > 0 {
			docs = append(docs, d)
		}
	}
	return docs
}

// flatCommands writes what the commands for the changed documents of a model need, and returns them: those
// for a sorted set whose type nobody asked for come first.
func (g *blockWriter) flatCommands(m *model, c *ir.Column) []flatCommand {
	var first, rest []flatCommand
	docs := g.changedDocs(m)
	for i, ix := range m.Indexes {
		if m.touches(ix) {
			add, gone := g.flatEntries(m, docs, i, ix)
			key := g.key(plan.KeyIndex, m.Model, ix)
			if !g.unprobed {
				g.unprobed = true
				first = []flatCommand{add, gone}
				continue
			}
			g.w("if %s then %s end", add.when, g.probe("ZCARD", key))
			rest = append(rest, add, gone)
		}
	}
	for _, d := range docs {
		value := tree.Name("w" + d.n)
		args, _ := m.store().one(g.writer, c, "n_")
		last := len(args.Kids) - 1
		g.w("local %s", value)
		g.with(d, d.now, func() {
			g.w("S=%d\nif %s~=%s then\nlocal n_=%s\n%s=%s\nend", d.place, cell("n", c), cell("o", c), cell("n", c), value, args.Kids[last])
		})
		g.renameOld(d)
		key := tree.Name("k" + d.n)
		words := append([]*tree.Node{args.Kids[0], key}, args.Kids[2:last]...)
		rest = append(rest, flatCommand{when: value, word: args.Kids[0].Text, key: key, words: tree.List(append(words, value)...)})
	}
	return append(first, rest...)
}

// flatEntries writes the entries of an index that come and go, and returns the two commands.
func (g *blockWriter) flatEntries(m *model, docs []*flatDoc, i int, ix *ir.Index) (add, gone flatCommand) {
	key, n := g.key(plan.KeyIndex, m.Model, ix), fmt.Sprintf("%s_%d", m.n, i)
	rx, ax := tree.Name("rx"+n), tree.Name("ax"+n)
	add = flatCommand{when: ax, word: "ZADD", key: key, words: tree.List(tree.Str("ZADD"), key, tree.Str("0"), ax)}
	gone = flatCommand{when: rx, word: "ZREM", key: key, words: tree.List(tree.Str("ZREM"), key, rx)}
	g.w("local %s,%s", rx, ax)
	enter, leave := "%[1]s=%[2]s..id", "%[1]s=%[2]s..id"
	if len(docs) > 1 {
		g.w("%s,%s={'ZREM',%s},{'ZADD',%s}", rx, ax, key, key)
		enter, leave = "local l=#%[1]s %[1]s[l+1]='0' %[1]s[l+2]=%[2]s..id", "%[1]s[#%[1]s+1]=%[2]s..id"
		add.when, add.words = ex("%s[3]", ax), ex("unpack(%s)", ax)
		gone.when, gone.words = ex("%s[3]", rx), ex("unpack(%s)", rx)
	}
	same := make([]*tree.Node, len(ix.Cols))
	for j, c := range ix.Cols {
		same[j] = tree.Binary("==", cell("o", c), cell("n", c))
	}
	for _, d := range docs {
		g.with(d, d.now, func() {
			g.w("S=%d\ndo local id=%s", d.place, g.idMember(m.Model, "t"))
			into, out := st(enter, ax, g.measured(ix, m.member(g.writer, ix, "n"))), st(leave, rx, m.member(g.writer, ix, "o"))
			if m.Foreign { // the entry may be that of another value
				g.w("if not (%s) then %s end\n%s", all(same), out, into)
			} else {
				g.w("if not (%s) then\n%s\n%s\nend", all(same), out, into)
			}
			g.w("end")
		})
		g.renameOld(d)
	}
	return add, gone
}

// flatQueue writes the commands for the changed documents of a model into a list that is sent in the end.
func (g *blockWriter) flatQueue(m *model) {
	g.w("do")
	for i, ix := range m.Indexes {
		if m.touches(ix) {
			key := g.key(plan.KeyIndex, m.Model, ix)
			g.w("local rx%d,ax%d={'ZREM',%s},{'ZADD',%s}", i, i, key, key)
		}
	}
	for _, d := range g.changedDocs(m) {
		g.with(d, d.now, func() {
			g.w("do\nS=%d", d.place)
			if m.anyIndex() {
				g.w("local id=%s", g.idMember(m.Model, "t"))
			}
			for i, ix := range m.Indexes {
				if m.touches(ix) {
					m.flushIndex(g.writer, g.w, i, ix)
				}
			}
			m.flushChange(g.writer, g.w)
			g.w("end")
		})
		g.renameOld(d)
	}
	for i, ix := range m.Indexes {
		if !m.touches(ix) {
			continue
		}
		key, rx, ax := g.key(plan.KeyIndex, m.Model, ix), fmt.Sprintf("rx%d", i), fmt.Sprintf("ax%d", i)
		g.w("if #%s>2 or #%s>2 then\n%s\n%s\n%s\n%s\nend", rx, ax, g.probe("ZCARD", key), g.queue(rx, ix.List), g.queue(ax, ix.List), g.first("ZCARD"))
	}
	g.w("end")
}

// renameOld makes o of the part written last the document as it was read.
func (g *blockWriter) renameOld(d *flatDoc) {
	g.flat.last.names["o"] = "o" + d.n
}

// flatScript puts the statements of a flat block together; nil where they are too much for one function.
func (g *blockWriter) flatScript() (*Script, error) {
	p := &scriptParts{budget: plan.MaxBlock, work: plan.BlockWork, access: plan.Reads}
	for _, m := range g.models {
		if m.written = len(m.assigned) > 0; m.written {
			m.plan()
			p.access = plan.Writes
		}
		m.fillChanges(true)
		if m.loaded {
			return nil, nil
		}
	}
	if g.flat.collected != nil {
		p.access = plan.Writes
	}
	body := tree.Block(g.units...)
	flush := g.captured(g.flatFlush)
	for _, d := range g.flat.docs {
		read, row := d.model.flatRead(g.writer)
		d.read.Fill(read)
		d.row.Fill(row)
		g.p.Use("fail")
	}
	g.flat.asked.Fill(g.askWork())
	names := map[string]bool{}
	tree.Scan(tree.Block(body, flush), func(n *tree.Node) { names[n.Text] = names[n.Text] || n.Op == tree.OpName })
	for _, m := range g.models {
		if names["P"+m.n] {
			p.models = append(p.models, st("local P%s=%s", m.n, g.docsOf(m.Model)))
		}
	}
	for n := range len(g.vars) {
		p.models = append(p.models, st("local B%d", n+1))
	}
	p.body, p.end, p.last = []*tree.Node{body}, []*tree.Node{tree.Block(g.flat.sized), flush}, g.flatReply()
	s := g.straight(p, g.flat.parts)
	if s != nil {
		s.Affected = g.flat.changes
	}
	return s, g.err
}

// Limits of a row of the reply: the values that are locals of their own, and the bytes that it may have.
const (
	flatValues = 16
	mostBytes  = 16 << 20
)

// flatRow writes the values of the reply, which has one row.
func (g *blockWriter) flatRow(items []ir.Item, s *scope) {
	values, long := make([]*tree.Node, len(items)), []*tree.Node{}
	g.w("Q=true")
	for i, it := range items {
		values[i] = g.returned(it.X, s)
		if len(items) > flatValues {
			continue
		}
		values[i] = tree.Name(g.local(values[i]))
		if !brief(it.X.Type()) {
			long = append(long, ex("(%[1]s and #%[1]s or 0)", values[i]))
		}
	}
	switch {
	case len(items) > flatValues:
		row := tree.Name(g.local(tree.Table(values...)))
		if g.spec.Atomic {
			g.flat.sized = g.p.call("sized", row)
		}
		values = []*tree.Node{ex("unpack(%s,1,%d)", row, len(items))}
	case len(long) > 0 && g.spec.Atomic:
		g.p.Use("fail")
		g.flat.sized = st("if %s>%d then fail('result-too-large') end", tree.Join("+", long...), mostBytes)
	}
	g.w("Q=false")
	g.flat.row = values
}

// brief reports a type whose texts are short.
func brief(t lang.Type) bool {
	switch t.Repr() {
	case lang.ReprBool, lang.ReprInt, lang.ReprLong, lang.ReprFloat:
		return true
	}
	return false
}

// flatReply ends the script: with a number where there are neither values nor warnings, and without warnings with a list of that and the values.
func (g *blockWriter) flatReply() *tree.Node {
	g.shortly = st("return %d", g.flat.changes)
	switch len(g.flat.row) {
	case 0:
	case 1:
		g.shortly = st("return %[2]s or {%[1]d,false}", g.flat.changes, g.flat.row[0])
	default:
		g.shortly = st("return {%d,%s}", g.flat.changes, tree.List(g.flat.row...))
	}
	g.replied = tree.Late()
	g.replied.Fill(st("return {'+',%d,%s,{%s},'',''}", g.flat.changes, g.said, tree.List(g.flat.row...)))
	return g.replied
}

// flatLet writes LET: a document that is named is one of the block's.
func (g *blockWriter) flatLet(st *plan.Let, outer *scope) {
	if get, ok := st.Stmt.(*plan.Get); ok {
		g.place(g.stmt, get.Sp)
		g.rows[st.Var.ID] = g.get(get, outer)
		return
	}
	g.place(g.stmt, st.X.Span())
	g.w("%s=%s", g.variable(st.Var), g.expr(st.X, outer))
}

// newFlat generates the script of a flat block; nil where that is too much for one function.
func newFlat(schema *ir.Schema, spec *plan.Block) (*Script, error) {
	g := &blockWriter{writer: newWriter(schema, spec.Uses), spec: spec, flat: &flat{parts: map[*tree.Node]*flatPart{}, asked: tree.Late()}}
	g.rows = map[int]*tree.Node{}
	g.p.Use("fail", "fault", "badvalue", "say")
	g.lazy, g.bounded, g.fewArgs, g.top = spec.Atomic, true, true, !spec.Atomic
	g.textLists()
	for i, stmt := range spec.Stmts {
		g.stmt = i
		unit := g.captured(func() {
			g.place(i, stmt.Info().Sp)
			g.statement(stmt)
		})
		g.units = append(g.units, unit)
	}
	if g.err != nil || len(g.slots) > valuesInline {
		return nil, g.err
	}
	return g.flatScript()
}
