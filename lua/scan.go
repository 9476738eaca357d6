package lua

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// scanWriter writes a scan.
type scanWriter struct {
	*writer
	spec *plan.Read
	m    *model
	key  *ir.Column
	flat map[*ir.Col]*plan.Find // the queries of backlinks whose rows are sent as stored texts
	// first: it is a first step in the flat form, see NewFirstScan.
	first bool
}

// scanSlots is how many slots most scans have at most.
const scanSlots = 14

// NewScan generates the script of a scan.
//
// Reply: {'+', rows, values, warnings, choice, examined, scan, rangeAt, cursor};
// scan is 0 when everything was seen. Behind them stand counts where they are asked for.
func NewScan(schema *ir.Schema, spec *plan.Read, profile bool) (*Script, error) {
	g := &scanWriter{writer: newWriter(schema, spec.Uses), spec: spec}
	g.counting(profile)
	g.choosing, g.still, g.links = true, true, spec.Links
	if len(spec.Links) > 0 {
		g.memoLinks()
	}
	defer g.hoist(spec.Query.Where, nil)()
	g.slots = make([]plan.Slot, 0, scanSlots)
	g.m = g.model(spec.Query.Model)
	g.key = g.m.KeyColumn()
	g.p.Use("fail", "fault", "badvalue", "say")
	g.place(0, lang.Span{})
	if spec.Covered != nil {
		g.counts = true
		n := g.coveredCount(spec.Query, spec.Covered, g.name("n"), g.scope("nil", "nil"))
		g.replied = tree.Late()
		g.replied.Fill(st("return {'+',AF,{},%s,1,0,0,0,'',%s}", g.said, g.countReply()))
		g.w("AF=%s\n%s", n, g.replied)
		return g.scan()
	}
	run := func(name string) *tree.Node { return raw(g.slot(plan.Slot{Kind: plan.SlotRun, Name: name})) }
	if spec.Groups != nil {
		g.countGroups(spec.Groups, run)
		return g.scan()
	}
	g.w("Q=true\nlocal nr,out,no,bytes,seen=0,{},0,0,0")
	g.w("local choice,js,ai,cur=tonumber(%s),tonumber(%s),tonumber(%s),%s", run(plan.RunChoice), run(plan.RunScan), run(plan.RunRange), run(plan.RunCursor))
	g.w("local lim,left,maxb,top=tonumber(%s),tonumber(%s),tonumber(%s),tonumber(%s)", run(plan.RunLimit), run(plan.RunChunk), run(plan.RunBytes), run(plan.RunTop))
	g.walkAll()
	g.w("return %s", g.reply(tree.Int(0), tree.Int(0), tree.Str("")))
	return g.scan()
}

// scan puts the script together.
func (g *scanWriter) scan() (*Script, error) {
	if g.err != nil {
		return nil, g.err
	}
	p := &scriptParts{last: g.out.Block(), budget: 1 << 30}
	loads := g.loads(p.last)
	for _, m := range g.models {
		if g.counts || !loads {
			m.defined = tree.Late()
			p.models = append(p.models, st("local P%s=%s", m.n, g.docsOf(m.Model)), m.defined)
			continue
		}
		p.models = append(p.models, m.state(g.writer)...)
	}
	return g.withOuts(g.assemble(p))
}

// withOuts says what the columns of the rows are.
func (g *scanWriter) withOuts(s *Script) (*Script, error) {
	s.Outs = make([]Out, len(g.spec.Outs))
	for i, c := range g.spec.Outs {
		s.Outs[i] = Out{Path: ir.LeafPath(c), Type: c.T, Rows: g.flat[c]}
		if g.sent(c) && c.Col.JSON {
			s.Outs[i].Type.Variant = c.Col.Stored().Variant
		}
		if _, own := c.X.(*ir.Row); !own {
			s.Outs[i].Type.Null = true // a ref may dangle
		}
	}
	return s, g.err
}

// loads reports whether code uses more of a model than the prefix of its documents' names. A table or function that it does not use
// costs something in every run.
func (g *scanWriter) loads(code *tree.Node) (uses bool) {
	see := func(n *tree.Node) {
		uses = uses || n.Op == tree.OpName && modelName(n.Text) && n.Text[0] != 'P'
	}
	tree.Scan(code, see)
	for _, t := range g.p.tables {
		tree.Scan(t, see)
	}
	return uses
}

// walkAll writes the choice of a candidate and the walks of all of them.
func (g *scanWriter) walkAll() {
	rs, cands := g.allRanges(), g.spec.Query.Cands
	g.chooseBest(rs)
	for i, c := range cands {
		if c.Ordered {
			g.w("if choice==%d and top>0 and top<lim then lim=top end", i+1)
		}
	}
	g.predicates()
	for i, c := range cands {
		if i == 0 {
			g.w("if choice==%d then", i+1)
		} else {
			g.w("elseif choice==%d then", i+1)
		}
		g.candidate(c, rs[i])
	}
	g.w("end")
}

// reply is the reply of a step that goes on where the arguments say.
func (g *scanWriter) reply(scan, rangeAt, cursor *tree.Node) *tree.Node {
	return ex("{'+',nr,out,%s,choice,seen,%s,%s,%s,%s}", g.said, scan, rangeAt, cursor, g.countReply())
}

// predicates writes w(c), the whole predicate, and j<i>_<k>(c), the parts of an OR.
func (g *scanWriter) predicates() {
	s := g.scope("c", "nil")
	q := g.spec.Query
	need := false
	for i, c := range q.Cands {
		need = need || !c.Exact
		for k, sc := range c.Scans {
			if sc.Disjunct != nil && len(c.Scans) > 1 {
				g.w("local function j%d_%d(c)\nreturn %s\nend", i+1, k+1, g.cond(sc.Disjunct, s))
			}
		}
	}
	if need && q.Where != nil {
		g.w("local function w(c)\n%s\nreturn %s\nend", g.weighed(q.Where), g.cond(q.Where, s))
	}
}

// candidate writes the walk of one candidate.
func (g *scanWriter) candidate(c *plan.Candidate, rs []string) {
	ci := 0
	for i, x := range g.spec.Query.Cands {
		if x == c {
			ci = i
		}
	}
	for j, sc := range c.Scans {
		g.w("if js<=%d then", j+1)
		g.w("local from=js==%d and ai or 0", j+1)
		g.w("local start=js==%d and cur or ''", j+1)
		switch {
		case !sc.Walks():
			g.take(c, ci, j, sc, rs[j])
			g.w("if from==0 then from=1 end\nfor i=from,%s.n do\nleft=left-1\nseen=seen+1", rs[j])
			g.w("if take(%s[i],nil) then return %s end\nend", rs[j], g.reply(tree.Int(j+1), ex("i+1"), tree.Str("")))
		case c.Loose > 0:
			g.take(c, ci, j, sc, rs[j])
			g.skimScan(c, j, sc, rs[j])
		case c.Merge:
			g.take(c, ci, j, sc, rs[j])
			g.mergeScan(c, j, sc, rs[j])
		default:
			g.pages(c, ci, j, sc, rs[j])
		}
		g.w("end")
	}
}

// take writes take(t, m), which examines the document with the key text t found
// by entry m, and returns true when the step is full.
func (g *scanWriter) take(c *plan.Candidate, ci, j int, sc *plan.Scan, r string) {
	x := g.examined(c, sc)
	g.w("local function take(t,m,id)")
	full := g.examine(x, c, ci, j, sc, r)
	g.w("return %s\nend", full)
}

// examination is what is done with each document of a scan.
type examination struct {
	asked, load, raw bool // its entry is compared; it is loaded; what is compared is read with what is sent on
	outs             []output
	by               *entryTest
}

// examined writes what stands before the loop over documents.
func (g *scanWriter) examined(c *plan.Candidate, sc *plan.Scan) *examination {
	asked := g.comparesEntry(c, sc)
	load := !c.Exact || len(c.Scans) > 1 || asked && !g.m.comparable(sc.Index)
	outs := g.outputs(load)
	for _, o := range outs {
		load = load || o.typed != nil && !(o.ofKey && !g.m.JSON)
	}
	x := &examination{asked: asked, load: load, raw: asked && !load && !g.spec.Count, outs: outs}
	if x.raw {
		x.by = g.compare(sc)
	}
	return x
}

// examine writes what is done with the document with the key text t, and returns when the step is full behind it.
func (g *scanWriter) examine(x *examination, c *plan.Candidate, ci, j int, sc *plan.Scan, r string) *tree.Node {
	if x.load || g.spec.Count {
		g.w("do local d=L%s(t)\nlocal c=d.c\nD%s[t]=nil\nif c then", g.m.n, g.m.n)
	} else {
		g.w("do do")
	}
	conds := []*tree.Node{}
	if !c.Exact && g.spec.Query.Where != nil {
		conds = append(conds, ex("w(c)"))
	}
	if !c.Exact && j < len(c.Scans)-1 && sc.Disjunct != nil { // else a later part may give it once more
		conds = append(conds, ex("j%d_%d(c)", ci+1, j+1))
	}
	for k := 0; k < j; k++ {
		if c.Scans[k].Disjunct != nil {
			conds = append(conds, ex("not j%d_%d(c)", ci+1, k+1))
		}
	}
	if x.asked && !x.raw {
		conds = append(conds, g.entered(sc, "c"))
		if sc.Index.List && !sc.Single() {
			g.p.Use("firstentry")
			conds = append(conds, ex("firstentry(m,%s,id,%s)", g.entriesOf(sc.Index, "c"), r))
		}
	}
	g.w("if %s then", all(conds))
	if g.spec.Count {
		g.w("nr=nr+1")
	} else {
		g.emitOuts(x.outs, g.scope("c", "nil"), x.load, x.by)
	}
	full := ex("left<=0 or nr>=lim or bytes>=maxb or LB>=maxb or WK>=%d", plan.RestWork)
	if g.first {
		full = ex("left<=0 or nr>=lim or bytes>=%d", plan.StepBytes)
	}
	if g.p.Has("c_list") { // members of collections count too
		full = ex("%s or M>20000", full)
	}
	g.w("end\nend\nend")
	return full
}

// output is how one column of a row is written: as the text of the second
// HMGET (raw), or from a typed value.
type output struct {
	raw   *ir.Column
	typed *tree.Node
	t     lang.Type
	ofKey bool // of the document, typed needs its key alone
	flat  bool // it is a list of stored texts: see flatLink
}

// sent reports an output that is sent on as it is stored, for Go to read.
func (g *scanWriter) sent(x *ir.Col) bool {
	_, row := x.X.(*ir.Row)
	return row && x.Col.Coll == nil && !(g.m.Adopted && x.Col == g.key) && (x.Col.Own() || x.Col.JSON && (x.Col.Leaf == nil || x.Col.Leaf.Own()))
}

// outputs decides for each output column.
func (g *scanWriter) outputs(load bool) []output {
	s := g.scope("c", "nil")
	outs := make([]output, len(g.spec.Outs))
	for i, x := range g.spec.Outs {
		if g.sent(x) {
			outs[i].raw = x.Col
			continue
		}
		_, row := x.X.(*ir.Row)
		outs[i].ofKey = row && x.Col.Coll != nil && x.Col.Coll.Query != nil
		outs[i].t = x.T
		if f := g.flatLink(x, s); f != nil {
			outs[i].typed, outs[i].flat = f, true
			continue
		}
		outs[i].typed = g.expr(x, s)
	}
	if g.m.JSON { // read whole anyway, and sent on as it is stored
		for i := range outs {
			if c := outs[i].raw; c != nil {
				g.m.raws[c.Slot] = true
			}
		}
	}
	if !load || g.m.JSON {
		return outs
	}
	// When the predicate already decoded every own column, there is no second HMGET.
	for _, o := range outs {
		if o.raw != nil && o.raw != g.key && !g.m.typed[o.raw.Slot] {
			return outs
		}
	}
	for i := range outs {
		if c := outs[i].raw; c != nil {
			outs[i] = output{typed: cell("c", c), t: c.Type}
		}
	}
	return outs
}

// rowUnrolled is up to how many columns of a row are copied without a loop.
const rowUnrolled = 12

// copyCells writes the first columns of what was read as a row of the reply.
func (g *scanWriter) copyCells(n int) {
	if n > rowUnrolled {
		g.w("for i=1,%d do local v=r[i] no=no+1 out[no]=v if v then bytes=bytes+#v end end", n)
		return
	}
	sum := tree.Name("bytes")
	for i := 1; i <= n; i++ {
		g.w("local v%[1]d=r[%[1]d]\nout[no+%[1]d]=v%[1]d", i)
		sum = tree.Join("+", sum, ex("(v%[1]d and #v%[1]d or 0)", i))
	}
	g.w("no=no+%d\nbytes=%s", n, sum)
}

// emitOuts writes the values of one row; with by, of a document that has the entry m.
func (g *scanWriter) emitOuts(outs []output, s *scope, loaded bool, by *entryTest) {
	var cols []*ir.Column
	pos := map[*ir.Column]int{}
	st := g.m.store()
	add := func(c *ir.Column) {
		if c != nil && pos[c] == 0 {
			cols = append(cols, c)
			pos[c] = len(cols)
		}
	}
	for _, o := range outs {
		add(o.raw)
	}
	own := len(cols)
	if by != nil {
		for _, c := range by.scan.Index.Cols {
			add(c)
		}
	}
	switch {
	case len(cols) == 0:
		g.w("do")
	case loaded && g.m.JSON:
		g.p.Use("j_doc")
		g.w("do\nlocal r=c.r\nr=%s", jsonDocs{g.m}.parse(g.writer, cols))
	default:
		g.w("local k=%s\n%s\nif %s then", g.m.name("t"), st.read(g.writer, cols), st.there())
		if !loaded && slices.ContainsFunc(outs, func(o output) bool { return o.ofKey }) {
			g.w("BK=k\nlocal c={id=%s}", g.m.readID(g.writer))
		}
	}
	if by != nil {
		by.write(func(c *ir.Column) *tree.Node { return st.cell(pos[c]-1, c) })
		g.w("if has then")
	}
	filling := false
	for _, o := range outs {
		filling = filling || o.raw != nil && o.raw.Fill != nil
	}
	// In the common case the reply is the row itself.
	if own == len(outs) && !filling && !g.m.JSON {
		g.copyCells(own)
	} else {
		for _, o := range outs {
			var v *tree.Node
			switch {
			case o.flat: // its bytes are counted already
				g.w("no=no+1\nout[no]=%s", o.typed)
				continue
			case o.raw == nil:
				v = Reply(o.t, o.typed, g.p)
			case o.raw.Fill != nil:
				v = ex("%s or %s", st.cell(pos[o.raw]-1, o.raw), tree.Str(*o.raw.Fill))
			default:
				v = ex("%s or false", st.cell(pos[o.raw]-1, o.raw))
			}
			g.w("do local v=%s no=no+1 out[no]=v if v then bytes=bytes+#v end end", v)
		}
	}
	g.w("nr=nr+1\nend")
	if by != nil {
		g.w("end")
	}
}
