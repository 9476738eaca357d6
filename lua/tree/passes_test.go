package tree

import (
	"testing"

	"github.com/stretchr/testify/require"
	lua "github.com/yuin/gopher-lua"
)

// of parses statements.
func of(t *testing.T, text string) *Node {
	t.Helper()
	n, err := Parse(text)
	require.NoError(t, err)
	return n
}

// eval runs a chunk and gives what it returns as text.
func eval(t *testing.T, text string) string {
	t.Helper()
	l := lua.NewState()
	defer l.Close()
	require.NoError(t, l.DoString(text), text)
	return l.ToStringMeta(l.Get(-1)).String()
}

// A body in the place of its call computes the same, whatever the names in it.
func TestInline(t *testing.T) {
	for _, text := range []string{
		"local function f(a,b) if not a then if b then return nil end return 'none' end local v=a+1 if v>3 then return v end return v*10 end",
		"local function f(a,b) a=a or b for i=1,3 do a=(a or 0)+i end do return a end end",
		"local function f(a) if a then return a end end",
		"local function f(a,b) local t={n=a} if t.n then t.n=1 else t.n=b end return t.n end",
	} {
		fn := of(t, text)
		for _, use := range []string{"local v=f(2) return tostring(v)", "local v,a=5,9 local x=f(a,v) return x..'/'..a..v", "local b=7 if f(nil,b)==nil then return 'nil' end return 'some'",
			"local x={f(1,2),(f(3))} return tostring(x[1])..tostring(x[2])", "f(1) return 'done'"} {
			in := Inliner{Funcs: map[string]*Node{"f": fn.Kids[0]}}
			once := Print(in.Block(of(t, use)))
			require.NotContains(t, once, "f(", once)
			require.Equal(t, eval(t, text+"\n"+use), eval(t, once), once)
		}
	}
	for text, use := range map[string]string{
		"local function f(a) for i=1,3 do if i==a then return i end end end":                     "return f(2)",
		"local function f(...) return ... end":                                                   "return f(2)",
		"local function f(a) if a>1 then a=2 elseif a>0 then a=3 else return 4 end return a end": "return f(2)",
	} {
		in := Inliner{Funcs: map[string]*Node{"f": of(t, text).Kids[0]}}
		require.Equal(t, Print(of(t, use)), Print(in.Block(of(t, use))), text)
	}
	in := Inliner{Funcs: map[string]*Node{"f": of(t, "local function f(a) return a end").Kids[0]}}
	for _, use := range []string{"return a and f(1)", "return function() return f(1) end", "while f(1) do break end"} { // not carried out whenever the statement is
		require.Equal(t, Print(of(t, use)), Print(in.Block(of(t, use))))
	}
}

// A failure that nothing follows is a return.
func TestLeave(t *testing.T) {
	got := Leave(of(t, "if a then fail('x') end\nlocal v=fail('y')\nprint(v)"), func(n string) bool { return n == "fail" })
	require.Equal(t, "if a then\nreturn fail('x')\nend\nreturn fail('y')\n", Print(got))
	kept := "local v=a and fail('y')\n"
	require.Equal(t, kept, Print(Leave(of(t, kept), func(n string) bool { return n == "fail" })))
}

// A table of which only members are used is so many locals.
func TestScalars(t *testing.T) {
	got := Print(Scalars(of(t, "local o={id=k,1,nil,f(2),x} local n={id=o.id,o[1],nil,(o[3])} if n[3] then n[2]=n[3] end return n[2],n.id"), 20))
	require.Equal(t, "local o_id=k\nlocal o_1=1\nlocal o_3=f(2)\nlocal o_4=x\nlocal n_id=o_id\nlocal n_1=o_1\nlocal n_3=o_3\nlocal n_2\nif n_3 then\nn_2=n_3\nend\nreturn n_2,n_id\n", got)
	for _, kept := range []string{"local o={1,2}\nreturn o\n", "local o={1,2}\nreturn o[i]\n", "local o={f()}\nreturn o[1]\n", "local o={1,2}\nreturn #o\n", "local o={1}\nlocal o={2}\nreturn o\n",
		"return (function()\nlocal o={1}\nreturn o[1]\nend)()\n"} {
		require.Equal(t, kept, Print(Scalars(of(t, kept), 20)))
	}
	require.Equal(t, "local o={1,2}\nreturn o[1]\n", Print(Scalars(of(t, "local o={1,2}\nreturn o[1]"), 1)))
}

// What nothing reads and costs nothing to leave out is left out.
func TestUnread(t *testing.T) {
	got := Print(Unread(of(t, "S=1 local a=x local b=a local c=f(1) do Q=true end S=g() if c then local d=1 end"), map[string]bool{"S": true, "Q": true}))
	require.Equal(t, "local c=f(1)\nS=g()\nif c then\nend\n", got)
}

// A table into which values are stored, but from which none is read, is left out with what is stored.
func TestUnreadTables(t *testing.T) {
	got := Print(Unread(of(t, "local c={} local ks={} for i=1,3 do c[i]=i ks[i]=x local o=c[i] end return ks"), nil))
	require.Equal(t, "local ks={}\nfor i=1,3 do\nks[i]=x\nend\nreturn ks\n", got)
	for _, kept := range []string{"local c={}\nc[1]=f()\n", "local c={}\nc[1]=1\nreturn #c\n", "c[1]=1\n"} {
		require.Equal(t, kept, Print(Unread(of(t, kept), nil)))
	}
}

// Functions that only one branch needs are made there, behind those that they need.
func TestSink(t *testing.T) {
	defs := Flat([]*Node{of(t, "local find=string.find local function a(x) return find(x,'a') end local function b(x) return a(x) end local function c() return b end local T={}")})
	code := of(t, "local x=K[1] if x then if y then return b(x) end return T else return x end while x do c() end")
	stay := Sink(code, defs)
	require.Equal(t, "local find=string.find\nlocal function a(x)\nreturn find(x,'a')\nend\nlocal function b(x)\nreturn a(x)\nend\nlocal function c()\nreturn b\nend\n", Print(Block(stay...)))
	require.Equal(t, "local x=K[1]\nif x then\nlocal T={}\nif y then\nreturn b(x)\nend\nreturn T\nelse\nreturn x\nend\nwhile x do\nc()\nend\n", Print(code))
	code = of(t, "if x then if y then return b(x) end return find(x) end")
	require.Equal(t, "local T={}\n", Print(Block(Sink(code, append(defs[:3:3], defs[4]))...)))
	require.Equal(t, "if x then\nlocal find=string.find\nif y then\nlocal function a(x)\nreturn find(x,'a')\nend\nlocal function b(x)\nreturn a(x)\nend\nreturn b(x)\nend\nreturn find(x)\nend\n", Print(code))
}
