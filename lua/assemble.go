package lua

import (
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// parts are the texts that a script is put together from.
type parts struct {
	models []string // definitions of what is kept of the models
	body   []string // statements
	apart  bool     // they are definitions of functions F[i] and H[i]
	plain  string   // the same statements one after the other, where nothing leaves them early
	end    []string // what is checked and gathered when all statements have run
	last   string   // the end of main
	access Access
	budget int
	work   int  // units of work that the script may do; 0: stepWork
	warns  bool // a fault may be met where rows are chosen or shown
	brief  bool // the reply ends with the number of changed documents
}

// Limits of the generator, which leave room below those of Lua: 60 names from
// outside in one function and 200 locals in one, of which the frame of a script
// takes some thirty.
const (
	namesInFunction  = 30
	namesInScript    = 160
	argsInFunction   = 100
	modelsInFunction = 2
)

// assemble writes the frame around the parts of a script.
func (g *writer) assemble(p *parts) *Script {
	var b strings.Builder
	args := g.arguments()
	g.prune(p, args)
	g.frame(&b, p)
	own := g.compose(&b, g.units(p, args))
	b.WriteString(frameMain + "if ok then return r end\nif E then return E end\nif type(r)=='table' then r=r.err end\nreturn redis.error_reply(r)\n")
	s := &Script{Text: b.String(), Own: own, Access: p.access, Slots: g.slots, Keys: g.keys, Places: g.places, Within: g.withins, Stmts: g.stmts, Procs: g.procs, Sites: g.sites}
	for _, m := range g.models {
		s.Models = append(s.Models, m.Model)
		for _, f := range m.Collections() {
			if m.colls[f.Pos] {
				s.Collections = append(s.Collections, m.Name+"."+f.Name)
			}
		}
	}
	s.finish()
	return s
}

// prune leaves out the pieces that the texts do not need: to make a function
// costs something in every run. Where no fault can be met there are no warnings.
func (g *writer) prune(p *parts, args []string) {
	needed := make(names, len(g.p.order))
	var need func(n string)
	need = func(n string) {
		if g.p.used[n] && !needed[n] {
			needed[n] = true
			for _, u := range g.p.all[n].uses {
				need(u)
			}
		}
	}
	var may initials
	for _, n := range g.p.order {
		may.add(n)
	}
	g.own = names{}
	for _, list := range [][]string{p.models, p.body, p.end, {p.last}, args, g.p.tables} {
		for _, text := range list {
			eachWord(text, func(w string) {
				if may.begin(w) {
					need(w)
				}
				if modelName(w) {
					g.own[w] = true
				}
			})
		}
	}
	if p.warns = needed["fault"] && p.choose(); !p.warns {
		g.p.certain = true
		if p.warns = g.p.lenient; !p.warns {
			p.last = strings.ReplaceAll(p.last, "say()", "{}")
			for i := range p.body {
				p.body[i] = strings.ReplaceAll(p.body[i], "say()", "{}")
			}
			delete(needed, "say")
		}
	}
	p.shorten()
	order := g.p.order[:0]
	for _, n := range g.p.order {
		if needed[n] {
			order = append(order, n)
		}
	}
	g.p.order = order
}

// shorten leaves out of the reply what is empty in every run: warnings, values and cursor.
func (p *parts) shorten() {
	rest, ok := strings.CutSuffix(p.last, "return {'+',AF,{},OUT,CUR}\n")
	for _, text := range append([]string{p.plain, rest}, p.body...) {
		ok = ok && !strings.Contains(text, "OUT=") && !strings.Contains(text, "CUR=")
	}
	if ok {
		p.brief, p.last = true, rest+"return {'+',AF}\n"
	}
}

// choose reports whether rows are chosen or shown somewhere.
func (p *parts) choose() bool {
	for _, list := range [][]string{p.models, p.body, p.end, {p.last}} {
		for _, text := range list {
			if strings.Contains(text, "Q=true") {
				return true
			}
		}
	}
	return false
}

// initials tells most words that are not in a set of words from those that are:
// bit c%64 of element n is set when a word of n bytes begins with c.
type initials [32]uint64

func (x *initials) add(w string)        { x[len(w)%len(x)] |= 1 << (w[0] % 64) }
func (x *initials) begin(w string) bool { return x[len(w)%len(x)]&(1<<(w[0]%64)) != 0 }

// eachWord calls f for every word of a text that stands outside of strings.
func eachWord(text string, f func(string)) {
	for i := 0; i < len(text); {
		c, j := text[i], i+1
		if !isWord(c) {
			if c == '\'' || c == '"' {
				j = endOfToken(text, i)
			}
			i = j
			continue
		}
		for j < len(text) && isWord(text[j]) {
			j++
		}
		if c > '9' {
			f(text[i:j])
		}
		i = j
	}
}

// frame writes the names that every script has; a table only where it is used.
func (g *writer) frame(b *strings.Builder, p *parts) {
	nm := len(g.models) + len(g.procs)
	table := func(used bool) string {
		if used {
			return "{}"
		}
		return "nil"
	}
	values := false
	for i := range g.slots {
		values = values || g.slots[i].Kind == SlotValue && !g.inline
	}
	b.WriteString(frameHead)
	fmt.Fprintf(b, "local NS,E,S,Q,N,M,BUD,W,BK,Z=A[1],nil,0,false,0,0,%d,%s,'',%d\n", p.budget, table(p.warns), nm+1)
	fmt.Fprintf(b, "local WK,WL,LS=0,%d\n", max(p.work, stepWork))
	fmt.Fprintf(b, "local O,AF,OUT,CUR,QN,B,V,UN,LB,FN=%s,0,%s,'',0,%s,%s,0,0,0\n", table(p.access != Reads && !g.direct), table(!p.brief), table(len(g.vars) > 0), table(values))
	b.WriteString(g.counted("local PF={n=0,b=0,e=0,r=0,f=0,m=0,d=0,w=0,k={},s={}}\n"))
	if g.instant {
		b.WriteString("local NOW=tonumber(" + raw(g.nowSlot) + ")\n")
	}
	if seed := g.seed(); seed != "" {
		b.WriteString("local SEED=" + seed + "\n")
	}
	// The catalog is asked before anything else: a plan of another version does nothing.
	if nm > 0 {
		names := make([]string, 0, nm)
		for _, m := range g.models {
			names = append(names, Quote("v:"+m.Name))
		}
		for _, p := range g.procs {
			names = append(names, Quote("pv:"+p.Name))
		}
		if nm == 1 {
			fmt.Fprintf(b, "if (call('HGET',K[1],%[1]s) or '')~=A[2] or (call('HGET',K[1],'format') or '%[2]s')~='%[2]s' then return {'!','stale',0,'','',''} end\n", names[0], Format)
		} else {
			fmt.Fprintf(b, "do local v=call('HMGET',K[1],%[1]s,'format')\nlocal s=(v[%[2]d] or '%[3]s')~='%[3]s'\nfor i=1,%[4]d do s=s or (v[i] or '')~=A[1+i] end\nif s then return {'!','stale',0,'','',''} end end\n",
				strings.Join(names, ","), nm+1, Format, nm)
		}
	}
	if g.kept != nil {
		b.WriteString(g.known(g.kept))
	}
}

// argument is the text that reads the value sent in a slot, which is null where its type allows it.
func (g *writer) argument(slot int) string {
	s := &g.slots[slot]
	t := s.X.Type()
	if k := t.Scalar().Kind; !t.Null && (k == lang.KString || k == lang.KBytes) {
		return g.p.call("sub", raw(slot), "2")
	}
	return Arg(t, raw(slot), g.p)
}

// arguments are the statements that read the values sent with the script, so many in each text.
func (g *writer) arguments() []string {
	var out []string
	if g.inline {
		return nil
	}
	var b strings.Builder
	n := 0
	for i := range g.slots {
		if s := &g.slots[i]; s.Kind == SlotValue {
			fmt.Fprintf(&b, "V[%d]=%s\n", i+1, g.argument(i))
			if n++; n%argsInFunction == 0 {
				out = append(out, b.String())
				b.Reset()
			}
		}
	}
	if b.Len() > 0 {
		out = append(out, b.String())
	}
	return out
}

// units are the functions of a script, main the last. Main does as much itself as fits into one function.
func (g *writer) units(p *parts, args []string) []string {
	units := append([]string(nil), p.models...)
	names := g.names()
	body, run := p.body, ""
	if len(body) > 0 {
		run = "do\n" + strings.Join(body, "") + "end\n"
	}
	if p.apart {
		units = append(units, "local F,G,H={},{},{}\n")
		run = "for i=1,#F do if F[i]() then break end end\n"
	}
	rest := strings.Join(p.end, "") + p.last
	if p.plain != "" && len(args) <= 1 && len(p.end) <= modelsInFunction {
		if main := strings.Join(args, "") + p.plain + rest; names.used(main) <= namesInFunction {
			return append(append([]string(nil), p.models...), "local function main()\n", main, "end\n")
		}
	}
	main := strings.Join(args, "") + run + rest
	if len(args) <= 1 && len(p.end) <= modelsInFunction && names.used(main) <= namesInFunction {
		if p.apart {
			units = append(units, body...)
		}
		return append(units, "local function main()\n", main, "end\n")
	}
	define := func(in string, texts []string) {
		for _, t := range texts {
			if t != "" {
				units = append(units, in+"[#"+in+"+1]=function()\n"+t+"end\n")
			}
		}
	}
	if !p.apart {
		units = append(units, "local F,G={},{}\n")
	}
	define("F", args)
	if p.apart {
		units = append(units, body...)
	} else {
		define("F", body)
	}
	define("G", p.end)
	return append(units, "local function main()\nfor i=1,#F do if F[i]() then break end end\nfor i=1,#G do G[i]() end\n"+p.last+"end\n")
}

// names are what a script defines outside its functions besides its frame.
type names map[string]bool

// modelName reports a name that belongs to a model or to one of its uniques
// and collections: L1, H1_2.
func modelName(w string) bool {
	if len(w) < 2 || w[1] > '9' || strings.IndexByte("PDTLRCWUXHY", w[0]) < 0 {
		return false
	}
	underscores := 0
	for i := 1; i < len(w); i++ {
		if c := w[i]; c == '_' {
			underscores++
		} else if c < '0' || c > '9' {
			return false
		}
	}
	return underscores <= 1
}

func (g *writer) names() names {
	all := make(names, len(g.own)+len(g.p.order)+len(g.p.tables))
	for n := range g.own {
		all[n] = true
	}
	for _, n := range g.p.order {
		all[n] = true
	}
	for _, t := range g.p.tables {
		if t, ok := strings.CutPrefix(t, "local "); ok {
			all[t[:endOfToken(t, 0)]] = true
		}
	}
	return all
}

// used counts the different names in a text.
func (n names) used(text string) int {
	if len(n) <= namesInFunction {
		return len(n)
	}
	seen := names{}
	eachWord(text, func(w string) {
		if n[w] {
			seen[w] = true
		}
	})
	return len(seen)
}

// endRoom is more than the end of a script needs.
const endRoom = 256

// compose writes the shared pieces and the functions of a script, and returns
// where the latter begin. When there are more names than Lua lets one function
// reach or define, all of them become members of one table.
func (g *writer) compose(b *strings.Builder, units []string) int {
	all := g.names()
	crowded := len(all) > namesInScript
	size := 0
	for _, u := range units {
		crowded = crowded || all.used(u) > namesInFunction
		size += len(u)
	}
	if crowded {
		b.WriteString("local R_={}\n")
		b.WriteString(all.inTable(g.p.Text()))
		for i, u := range units {
			units[i] = all.inTable(u)
		}
	} else {
		g.p.write(b, size+endRoom)
	}
	own := b.Len()
	for _, u := range units {
		b.WriteString(u)
	}
	return own
}

// inTable turns the names in a text into members of the table R_: definitions
// lose their local, members of other tables and what stands in strings stay.
func (n names) inTable(text string) string {
	out := make([]byte, 0, len(text)+len(text)/4)
	define := -1 // where `local` stands that goes when one of the names follows
	function := false
	for i := 0; i < len(text); {
		j := endOfToken(text, i)
		w := text[i:j]
		switch member := i > 0 && text[i-1] == '.' && (i < 2 || text[i-2] != '.'); {
		case w == "local":
			define, function = len(out), false
		case define >= 0 && w == "function":
			function = true
		case w == " ":
		case n[w] && !member:
			if define >= 0 {
				out = out[:define]
				if function {
					out = append(out, "function "...)
				}
			}
			define = -1
			out = append(out, "R_."...)
		default:
			define = -1
		}
		out = append(out, w...)
		i = j
	}
	return string(out)
}

// endOfToken is where the string, word, number or single character at i ends.
func endOfToken(text string, i int) int {
	c, j := text[i], i+1
	if c != '\'' && c != '"' {
		for isWord(c) && j < len(text) && isWord(text[j]) {
			j++
		}
		return j
	}
	for j < len(text) && text[j] != c {
		if text[j] == '\\' {
			j++
		}
		j++
	}
	return min(j+1, len(text))
}

func isWord(c byte) bool { return c|0x20-'a' < 26 || c-'0' < 10 || c == '_' }
