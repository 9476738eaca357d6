package lua

import (
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

//go:embed scripts/*.lua
var scripts embed.FS

// runtimeFunc is one local function or constant of the runtime.
type runtimeFunc struct {
	name  string
	uses  []string                     // other functions it calls, as its header says
	text  string                       // without comments and blank lines
	full  string                       // with the lines that only a profiled script has
	plain string                       // text of a script whose columns are not LENIENT: what does not fit ends it
	lines string                       // its header
	trees [3]atomic.Pointer[tree.Node] // of plain, text and full, once they are asked for
	known atomic.Pointer[functionFacts]
}

// Runtime collects the parts of the Lua runtime that one script uses. The
// script defines fault(code, always) and badvalue(column, text) before Text.
type Runtime struct {
	schema    *ir.Schema
	all       map[string]*runtimeFunc
	order     []string // used functions, each after those it uses
	used      map[string]bool
	types     map[string]string // text of a type table → its local name
	tables    []*tree.Node      // local definitions of type tables and of hoisted values, in order
	locals    []string          // their names
	names     int
	lenient   bool // a value that does not fit may be null with a warning
	certain   bool // no rows are chosen or shown: each fault ends the script
	profile   bool // the script counts what it does
	returning bool // what fail gives is returned: see writer.straight
	// counting are functions of a flat script that may exceed the work of a script without ending it: that is asked before it writes.
	counting map[string]bool
}

// mostUsed is how many runtime functions most scripts have at most.
const mostUsed = 28

// NewRuntime returns an empty set. The schema tells the members of the embedded
// models and rows that types name.
func NewRuntime(schema *ir.Schema) *Runtime {
	return &Runtime{schema: schema, all: library(), used: make(map[string]bool, mostUsed), order: make([]string, 0, mostUsed), types: map[string]string{}}
}

// Use adds the named runtime functions and what they need. A name that does not exist is
// a mistake in the program, which the tests of this package find; it is ignored.
func (p *Runtime) Use(names ...string) {
	for _, n := range names {
		x := p.all[n]
		if x == nil || p.used[n] {
			continue
		}
		p.used[n] = true
		p.Use(x.uses...)
		p.order = append(p.order, n)
	}
}

// Has reports whether a function is used.
func (p *Runtime) Has(name string) bool { return p.used[name] }

// Text is the Lua text of all used functions, each after those it calls.
func (p *Runtime) Text() string {
	b, _ := p.append(nil)
	return string(b)
}

// append appends it to b.
func (p *Runtime) append(b []byte) ([]byte, error) {
	for _, n := range p.order {
		switch x, form := p.all[n], p.form(n); form {
		case formNone:
		case formCertain:
			b = append(b, certainFault...)
		default:
			b = append(b, x.form(form)...)
		}
	}
	return tree.Append(b, tree.Block(p.tables...))
}

// tree is Text as a tree.
func (p *Runtime) tree() *tree.Node {
	b := tree.Block()
	for _, n := range p.order {
		switch x, form := p.all[n], p.form(n); form {
		case formNone:
		case formCertain:
			b.Add(st(certainFault))
		default:
			b.Add(x.tree(form))
		}
	}
	b.Add(p.tables...)
	return b
}

// definitions are the statements of Text.
func (p *Runtime) definitions() []*tree.Node {
	var out []*tree.Node
	for _, n := range p.order {
		switch x, form := p.all[n], p.form(n); form {
		case formNone:
		case formCertain:
			out = append(out, st(certainFault).Filled())
		case formReturning:
			out = append(out, returningFail(x.tree(formPlain)))
		default:
			out = append(out, x.tree(form))
		}
	}
	return tree.Flat(append(out, p.tables...))
}

// Forms of a function.
const (
	formPlain = iota // of a script whose columns are not LENIENT
	formText
	formFull      // of a profiled script
	formCertain   // of fault, where each ends the script
	formReturning // of fail, which gives what the script returns
	formNone      // it is left out
)

// returningFail is fail with its end, E={…} error('RQL',0), replaced: it returns that.
func returningFail(fail *tree.Node) *tree.Node {
	at := func(n *tree.Node) bool { return n.Op == tree.OpAssign && n.Kids[0].Kids[0].Text == "E" }
	return tree.Rewrite(fail, func(n *tree.Node) *tree.Node {
		if n.Op != tree.OpBlock || !slices.ContainsFunc(n.Kids, at) {
			return n
		}
		i := slices.IndexFunc(n.Kids, at)
		return tree.Block(append(slices.Clone(n.Kids[:i]), &tree.Node{Op: tree.OpReturn, Kids: n.Kids[i].Kids[1].Kids})...)
	})
}

const certainFault = "local fault=fail\n"

// form says which form of a used function the script needs.
func (p *Runtime) form(name string) int {
	switch {
	case name == "fault" && p.certain:
		return formCertain
	case name == "fail" && p.returning:
		return formReturning
	case p.profile:
		return formFull
	case p.lenient:
		return formText
	case name == "badvalue":
		return formNone
	}
	return formPlain
}

func (x *runtimeFunc) form(form int) string { return [...]string{x.plain, x.text, x.full}[form] }

// tree is a form of the function as a tree.
func (x *runtimeFunc) tree(form int) *tree.Node {
	if n := x.trees[form].Load(); n != nil {
		return n
	}
	n, err := tree.Parse(x.form(form))
	if err != nil {
		n = tree.Bad(err)
	}
	x.trees[form].Store(n)
	return n
}

// call uses a function and gives its call.
func (p *Runtime) call(name string, args ...any) *tree.Node {
	p.Use(name)
	nodes := make([]*tree.Node, len(args))
	for i, a := range args {
		nodes[i] = tree.Arg(a)
	}
	return tree.CallName(name, nodes...)
}

// table gives the local name of a constant Lua value, defining it once.
func (p *Runtime) table(value *tree.Node) *tree.Node {
	text := tree.PrintExpr(value)
	n, ok := p.types[text]
	if !ok {
		n = p.fresh("T")
		p.types[text] = n
		p.define(n, value)
	}
	return tree.Name(n)
}

// define keeps a constant value in a local.
func (p *Runtime) define(name string, value *tree.Node) {
	p.locals = append(p.locals, name)
	p.tables = append(p.tables, st("local %s=%s", name, value))
}

// fresh makes a Lua name that nothing else in the script has.
func (p *Runtime) fresh(prefix string) string {
	p.names++
	return prefix + "_" + strconv.Itoa(p.names)
}

// library reads the embedded scripts once.
var library = sync.OnceValue(func() map[string]*runtimeFunc {
	all := map[string]*runtimeFunc{}
	files, err := scripts.ReadDir("scripts")
	if err != nil {
		return all
	}
	for _, f := range files {
		b, err := scripts.ReadFile("scripts/" + f.Name())
		if err != nil {
			return all
		}
		for _, x := range parseRuntime(string(b)) {
			all[x.name] = x
		}
	}
	return all
})

var (
	pieceHead = regexp.MustCompile(`^local (?:function )?([A-Za-z_][A-Za-z_0-9]*)`)
	usesLine  = regexp.MustCompile(`^-- Uses:? (.*?)\.?$`)
)

// parseRuntime cuts a script file into runtime functions: each begins with `local` at the
// start of a line, under its header of comment lines. A line that begins with
// --+ is part of a profiled script and of no other.
func parseRuntime(src string) []*runtimeFunc {
	var out []*runtimeFunc
	var head []string
	var cur *runtimeFunc
	for _, line := range strings.Split(src, "\n") {
		switch {
		case strings.HasPrefix(line, "--"):
			head = append(head, line)
		case pieceHead.MatchString(line):
			cur = &runtimeFunc{name: pieceHead.FindStringSubmatch(line)[1], lines: strings.Join(head, "\n")}
			for _, h := range head {
				if m := usesLine.FindStringSubmatch(h); m != nil {
					cur.uses = append(cur.uses, strings.Split(m[1], ", ")...)
				}
			}
			out, head = append(out, cur), nil
			cur.text = line + "\n"
			cur.full = cur.text
		case cur != nil && strings.HasPrefix(strings.TrimSpace(line), "--+"):
			cur.full += strings.TrimSpace(strings.TrimSpace(line)[3:]) + "\n"
		case strings.TrimSpace(line) == "":
			head = nil
		case cur != nil && !strings.HasPrefix(strings.TrimSpace(line), "--"):
			cur.text += strings.TrimLeft(line, " ") + "\n"
			cur.full += strings.TrimLeft(line, " ") + "\n"
		}
	}
	for _, x := range out {
		x.plain = strings.ReplaceAll(x.text, "badvalue(", "fail('bad-value', BK, ")
	}
	return out
}

// errorf says what an expression could not be written for.
func errorf(format string, args ...any) error {
	return fmt.Errorf("lua: "+format, args...)
}
