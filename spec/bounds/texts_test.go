package bounds_test

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// size is how long a text may be: the longest that Exec takes.
const size = 1 << 20

// text is one text that is meant to be slow. It is made when it is needed, as all of them are long: of at most so many parts.
type text struct {
	name string
	make func(parts int) string
	each int // tokens of a part; 0: the text is always the same
}

var token = regexp.MustCompile(`'[^']*'|[$@]?[\w\x80-\xff]+|[^\s\w]`)

// variants are how many parts a text is made of: as many as fit its bytes, its tokens, its statements, its fields and its terms.
func (t text) variants() []int {
	if t.each == 0 {
		return []int{size}
	}
	return []int{size, (lang.MaxTokens - 5000) / t.each, lang.MaxStatements - 100, lang.MaxFields - 10, lang.MaxTerms - 5}
}

// schemaText is what the texts are about.
const schemaText = `MODEL A { street string, city string INDEX }
MODEL T { id string KEY, n int INDEX, m int, s string INDEX, f float, b bool, d datetime, l list<string>, mp map<int>, j json, a A?, r ref<T>?, e enum('x', 'y') }`

// repeated is head, then part (with its number for %d) as often as it fits, with sep between, then tail.
func repeated(name, head, part, sep, tail string) text {
	return text{name, func(parts int) string { return repeat(parts, head, part, sep, tail) }, max(1, len(token.FindAllString(part+sep, -1)))}
}

func repeat(parts int, head, part, sep, tail string) string {
	var b strings.Builder
	b.WriteString(head)
	numbered := strings.Contains(part, "%")
	for i := range parts {
		p := part
		if numbered {
			p = strings.ReplaceAll(p, "%d", fmt.Sprint(i))
			p = strings.ReplaceAll(p, "%p", fmt.Sprint(max(i-1, 0)))
		}
		if b.Len()+len(sep)+len(p)+len(tail) > size {
			break
		}
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteString(p)
	}
	b.WriteString(tail)
	return b.String()
}

// fixed is a text as it stands.
func fixed(name, s string) text { return text{name, func(int) string { return s }, 0} }

// nested is open n times, what stands inside, and closing n times.
func nested(name, head, open, inside, closing, tail string, n int) text {
	return text{name, func(int) string { return head + strings.Repeat(open, n) + inside + strings.Repeat(closing, n) + tail }, 0}
}

func texts() []text {
	return append(append(append(lists(), nestings()...), models()...), mixes()...)
}

// lists repeats what the grammar lets repeat.
func lists() []text {
	return []text{
		repeated("statements empty", "", ";", "", ""),
		repeated("statements short", "", "GET T 1", ";", ""),
		repeated("statements find", "", "FIND T", ";", ""),
		repeated("statements count", "", "COUNT T WHERE n=%d", ";", ""),
		repeated("statements create", "", "CREATE T{n:1}", ";", ""),
		repeated("statements bad", "", "X", ";", ""),
		repeated("statements bad words", "", "X", " ", ""),
		repeated("statements unknown models", "", "GET M%d 1", ";", ""),
		repeated("statements unknown models long", "", "GET M"+strings.Repeat("x", 1000)+"%d 1", ";", ""),
		repeated("statements let", "", "LET x%d=1", ";", ""),
		repeated("statements let used", "", "LET x%d=x%p", ";", ""),
		repeated("statements let same", "", "LET x=1", ";", ""),
		repeated("statements let rows", "", "LET x%d=FIND T RETURN n", ";", ""),
		repeated("statements ensure", "", "ENSURE 1=1", ";", ""),
		repeated("statements explain", "", "EXPLAIN FIND T", ";", ""),
		repeated("statements explain explain", "", "EXPLAIN ", "", "FIND T"),
		repeated("statements atomic", "", "ATOMIC<>", ";", ""),
		repeated("statements show", "", "SHOW MODELS", ";", ""),
		repeated("statements drop", "", "DROP MODEL X%d", ";", ""),
		repeated("statements procedures", "", "PROCEDURE p%d() ATOMIC<>", ";", ""),
		repeated("statements procedures that read", "", "PROCEDURE p%d() ATOMIC<LET x=GET T 'a'>", ";", ""),
		repeated("statements calls", "PROCEDURE p() ATOMIC<RETURN 1>", "CALL p()", ";", ""),
		repeated("statements calls unknown", "", "CALL p%d()", ";", ""),
		repeated("statements parameters", "", "GET T $x%d", ";", ""),
		repeated("procedure parameters", "PROCEDURE p(", "x%d int", ",", ") ATOMIC<RETURN 1>"),
		repeated("procedure parameters used", "PROCEDURE p("+strings.Repeat("y int,", 1)+"x int) ATOMIC<", "LET x%d=$x", ";", ">"),
		repeated("procedure parameters unknown", "PROCEDURE p(x int) ATOMIC<", "LET x%d=$y%d", ";", ">"),
		repeated("call arguments", "PROCEDURE p(x int) ATOMIC<RETURN 1>CALL p(", "1", ",", ")"),
		repeated("block statements", "ATOMIC<", "GET T 1", ";", ">"),
		repeated("block statements let", "ATOMIC<", "LET x%d=1", ";", ">"),
		repeated("block statements let used", "ATOMIC<", "LET x%d=x%p", ";", ">"),
		repeated("block statements let rows", "ATOMIC<", "LET x%d=GET T 'a'", ";", ">"),
		repeated("block statements create", "ATOMIC<", "CREATE T{id:'%d',n:1}", ";", ">"),
		repeated("block statements update", "ATOMIC<", "UPDATE T '%d' SET n+=1", ";", ">"),
		repeated("block statements ensure", "ATOMIC<", "ENSURE 1=1", ";", ">"),
		repeated("block statements return", "ATOMIC<", "RETURN 1", ";", ">"),
		repeated("block statements if", "ATOMIC<", "IF TRUE THEN END ", "", ">"),
		repeated("block else if", "ATOMIC<IF TRUE THEN ", "ELSE IF TRUE THEN ", "", "END>"),
		repeated("block for", "ATOMIC<", "FOR x IN [1] DO END ", "", ">"),
		repeated("block bad", "ATOMIC<", "X", ";", ">"),
		repeated("block not closed", "", "ATOMIC<", "", ""),
		repeated("block errors", "ATOMIC<", "GET X%d 1", ";", ">"),
		repeated("return numbers", "FIND T RETURN ", "1", ",", ""),
		repeated("return named", "FIND T RETURN ", "1 AS x%d", ",", ""),
		repeated("return named in get", "GET T 'a' RETURN ", "n AS x%d", ",", ""),
		repeated("return expressions", "FIND T RETURN ", "n+%d", ",", ""),
		repeated("return fields", "FIND T RETURN ", "n", ",", ""),
		repeated("return stars", "FIND T RETURN ", "*", ",", ""),
		repeated("return unknown", "FIND T RETURN ", "x%d", ",", ""),
		repeated("return let", "LET r=FIND T RETURN ", "1 AS x%d", ",", ";LET q=r.x1"),
		repeated("return aggregates", "FIND T RETURN ", "sum(n) AS x%d", ",", ""),
		repeated("return distinct", "FIND T RETURN DISTINCT ", "n AS x%d", ",", " ORDER BY x1"),
		repeated("return ordered", "FIND T RETURN ", "n AS x%d", ",", " ORDER BY x1,x2,x3"),
		repeated("order by", "FIND T ORDER BY ", "n", ",", ""),
		repeated("order by columns", "FIND T RETURN "+many("n AS x%d", 20000)+" ORDER BY ", "x%d", ",", ""),
		repeated("order by grouped columns", "FIND T GROUP BY n RETURN "+many("n AS x%d", 10000)+" ORDER BY ", "count()", ",", ""),
		repeated("group by", "FIND T GROUP BY ", "n AS x%d", ",", ""),
		repeated("group by used", "FIND T GROUP BY "+many("n AS x%d", 10000)+" RETURN ", "x%d", ",", ""),
		repeated("group by expressions", "FIND T GROUP BY "+many("n+%d", 10000)+" RETURN ", "n+%d", ",", ""),
		repeated("having", "FIND T GROUP BY n HAVING ", "n=%d", " OR ", ""),
		repeated("fetch", "FIND T FETCH ", "r", ",", ""),
		repeated("fetch unknown", "FIND T FETCH ", "x%d", ",", ""),
		repeated("fetch paths", "FIND T FETCH ", "r.r", ",", ""),
		repeated("where and", "FIND T WHERE ", "n=%d", " AND ", ""),
		repeated("where or", "FIND T WHERE ", "n=%d", " OR ", ""),
		repeated("where in brackets", "FIND T WHERE ", strings.Repeat("(n=%d OR ", 50)+"n=1"+strings.Repeat(")", 50), " AND ", ""),
		repeated("where in", "FIND T WHERE n IN (", "%d", ",", ")"),
		repeated("where in short", "FIND T WHERE n IN (", "1", ",", ")"),
		repeated("where in list", "FIND T WHERE n IN [", "%d", ",", "]"),
		repeated("where in texts", "FIND T WHERE s IN (", "'%d'", ",", ")"),
		repeated("where in mixed", "FIND T WHERE s IN (", "'%d',%d", ",", ")"),
		repeated("where in unknown", "FIND T WHERE s IN (", "x%d", ",", ")"),
		repeated("where in fields", "FIND T WHERE s IN (", "n", ",", ")"),
		repeated("where queries", "FIND T WHERE n IN (", "(COUNT T)", ",", ")"),
		repeated("where sum", "FIND T WHERE ", "n", "+", "=1"),
		repeated("where like", "FIND T WHERE ", "s LIKE '%d'", " OR ", ""),
		repeated("where matches", "FIND T WHERE ", "s MATCHES 'a'", " OR ", ""),
		repeated("where not", "FIND T WHERE ", "NOT ", "", "b"),
		repeated("where minus", "FIND T WHERE n=", "-", "", "1"),
		repeated("where path", "FIND T WHERE j", ".a", "", "=1"),
		repeated("where index", "FIND T WHERE j", "[0]", "", "=1"),
		repeated("where method", "FIND T WHERE j", ".a()", "", "=1"),
		repeated("where case", "FIND T WHERE n=coalesce(", "n", ",", ")"),
		repeated("where when", "FIND T WHERE n=when(", "b,n", ",", ",1)"),
		repeated("where concat", "FIND T WHERE s=min(", "'%d'", ",", ")"),
		repeated("get keys", "GET T (", "'%d'", ",", ")"),
		repeated("get keys same", "GET T (", "1", ",", ")"),
		repeated("create members", "CREATE T {", "x%d:1", ",", "}"),
		repeated("create members same", "CREATE T {", "n:1", ",", "}"),
		repeated("create documents", "CREATE T [", "{n:%d}", ",", "]"),
		repeated("create documents empty", "CREATE T [", "{}", ",", "]"),
		repeated("create documents wrong", "CREATE T [", "{n:'a'}", ",", "]"),
		repeated("create list", "CREATE T {l:[", "'a'", ",", "]}"),
		repeated("create list of numbers", "CREATE T {l:[", "1", ",", "]}"),
		repeated("create map", "CREATE T {mp:{", "x%d:1", ",", "}}"),
		repeated("create map texts", "CREATE T {mp:{", "'%d':1", ",", "}}"),
		repeated("create json", "CREATE T {j:{", "x%d:1", ",", "}}"),
		repeated("create json list", "CREATE T {j:[", "{}", ",", "]}"),
		repeated("create json mixed", "CREATE T {j:[", "1,'a',{x:1},[1]", ",", "]}"),
		repeated("let list", "LET x=[", "1", ",", "]"),
		repeated("let lists", "LET x=[", "[]", ",", "]"),
		repeated("let list mixed", "LET x=[", "1,'a'", ",", "]"),
		repeated("let objects", "LET x=[", "{a%d:1}", ",", "]"),
		repeated("let object", "LET x={", "a%d:1", ",", "}"),
		repeated("let object same", "LET x={", "a:1", ",", "}"),
		repeated("let objects wide", "LET x=[{"+many("a%d:1", 1000)+"},", "{"+many("a%d:1", 1000)+"}", ",", "]"),
		repeated("let calls", "LET x=[", "now()", ",", "]"),
		repeated("let unknown calls", "LET x=[", "f%d()", ",", "]"),
		repeated("let call arguments", "LET x=f(", "1", ",", ")"),
		repeated("let call arguments min", "LET x=min(", "1", ",", ")"),
		repeated("let parameters", "LET x=[", "$x%d", ",", "]"),
		repeated("let dates", "LET x=[", "datetime('2025-01-01')", ",", "]"),
		repeated("let durations", "LET x=[", "1d2h", ",", "]"),
		repeated("set", "UPDATE T ALL SET ", "n=1", ",", ""),
		repeated("set add", "UPDATE T 'a' SET ", "n+=1", ",", ""),
		repeated("set as", "UPDATE T 'a' SET ", "l.pop(0) AS x%d", ",", ""),
		repeated("set unknown", "UPDATE T 'a' SET ", "x%d=1", ",", ""),
		repeated("set places", "UPDATE T 'a' SET ", "mp['%d']=1", ",", ""),
		repeated("set list", "UPDATE T 'a' SET ", "l.append('a')", ",", ""),
		repeated("on conflict", "CREATE T{id:'a'} ON CONFLICT SET ", "n=1", ",", ""),
		repeated("import", "IMPORT 'a.csv' INTO T AS {", "n:x%d", ",", "}"),
		repeated("clauses in another order", "FIND T LIMIT 1 WHERE ", "n=%d", " OR ", ""),
		repeated("clauses repeated", "FIND T ", "WHERE n=1", " ", ""),
		repeated("clauses all", "FIND T ", "RETURN n LIMIT 1 OFFSET 1", " ", ""),
		repeated("another language", "SELECT ", "a", ",", " FROM T WHERE a=1"),
		repeated("another language insert", "INSERT INTO T VALUES (", "a", ",", ")"),
		repeated("another language joins", "SELECT * FROM T ", "JOIN T", " ", ""),
		repeated("another language statements", "", "SELECT a FROM T", ";", ""),
		repeated("another language lines", "", "SELECT a FROM T", ";\n", ""),
		repeated("updates without target", "", "UPDATE T SET n=1", ";\n", ""),
		repeated("wrong order statements", "", "FIND T LIMIT 1 WHERE n=1", ";\n", ""),
		repeated("open bracket lines", "", "FIND T WHERE (n=1", ";\n", ""),
		repeated("heads", "", "FIND", "\n", ""),
		repeated("models lost", "", "MODEL ", "", ""),
		repeated("atoms", "", "ATOMIC ", "", ""),
		repeated("ifs", "ATOMIC<", "IF ", "", ""),
		repeated("texts not closed", "", "'", "a", ""),
		repeated("texts with strange signs", "LET x='", "\\u{1F600}", "", "'"),
		repeated("text long", "LET x='", "a", "", "'"),
		repeated("text bad escapes", "LET x='", "\\q", "", "'"),
		repeated("number long", "LET x=", "1", "", ""),
		repeated("number long float", "LET x=1.", "1", "", ""),
		repeated("number separated", "LET x=1", "_1", "", ""),
		repeated("duration long", "LET x=", "1d", "", ""),
		repeated("numbers bad", "LET x=", "1x ", "", ""),
		repeated("word long", "GET ", "a", "", " 1"),
		repeated("word long letters", "GET ", "é", "", " 1"),
		repeated("words long", "", "GET M"+strings.Repeat("é", 100_000)+" 1", ";", ""),
		repeated("fields long", "FIND T RETURN ", strings.Repeat("a", 100_000), ",", ""),
		repeated("comments", "", "--\n", "", ""),
		repeated("comments open", "", "/*", "", ""),
		repeated("comment inside", "LET x=[", "1/**/", ",", "]"),
		repeated("blanks", "", " ", "", "GET T 1"),
		repeated("lines", "", "\n", "", "GET T 1"),
		repeated("bad signs", "", "#", "", ""),
		repeated("bad signs lines", "", "#\n", "", ""),
		repeated("bad quotes", "", "`", "", ""),
		repeated("dollars", "", "$", "", ""),
		repeated("ats", "", "@", "", ""),
		repeated("carets", "", "^", "", ""),
		repeated("less", "", "<", "", ""),
		repeated("greater", "ATOMIC<", ">", "", ""),
		repeated("dots", "GET T", ".", "", ""),
		repeated("commas", "LET x=[", ",", "", "]"),
		repeated("colons", "LET x={", "a:", "", "}"),
	}
}

// many is part, numbered, n times with commas.
func many(part string, n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = strings.ReplaceAll(part, "%d", fmt.Sprint(i))
	}
	return strings.Join(out, ",")
}

// nestings put things into themselves, up to the limit and far beyond it.
func nestings() (out []text) {
	for _, n := range []int{40, 95, size/2 - 100} {
		for _, k := range [][4]string{
			{"brackets", "(", "1", ")"}, {"lists", "[", "", "]"}, {"not", "NOT ", "TRUE", ""}, {"minus", "- ", "1", ""},
			{"not brackets", "NOT (", "TRUE", ")"}, {"powers", "2 ** ", "2", ""},
			{"calls", "len(", "'a'", ")"}, {"unknown calls", "f(", "'a'", ")"}, {"coalesce", "coalesce(1,", "1", ")"}, {"two", "(1+", "1", ")"},
			{"objects", "{a:", "1", "}"}, {"queries", "(COUNT T WHERE n=", "1", ")"}, {"exists", "(EXISTS T WHERE ", "TRUE", ")"}, {"index", "x[", "1", "]"},
			{"in", "1 IN (", "1", ")"}, {"find", "(FIND T WHERE n IN ", "(1)", ")"}, {"lists of two", "[1,", "1", "]"}, {"lists mixed", "['a',", "1", "]"},
			{"objects of two", "{b:1,a:", "1", "}"}, {"when", "when(TRUE,1,", "1", ")"},
		} {
			count := min(n, (size-100)/(len(k[1])+len(k[3])))
			out = append(out, nested(fmt.Sprintf("nested %s %d", k[0], n), "LET x=", k[1], k[2], k[3], "", count))
			if n < 100 {
				one := strings.Repeat(k[1], count) + k[2] + strings.Repeat(k[3], count)
				out = append(out, repeated(fmt.Sprintf("many nested %s %d", k[0], n), "LET x=[", one, ",", "]"),
					repeated(fmt.Sprintf("statements nested %s %d", k[0], n), "", "LET x%d="+one, ";", ""))
			}
		}
		for _, k := range [][4]string{
			{"if", "IF TRUE THEN ", "", " END"}, {"for", "FOR x IN [1] DO ", "", " END"}, {"for find", "FOR x%d IN FIND T DO ", "", " END"}, {"block", "ATOMIC<", "", ">"},
			{"else", "IF TRUE THEN ELSE ", "", " END"},
		} {
			count := min(n, (size-100)/(len(k[1])+len(k[3])))
			out = append(out, nested(fmt.Sprintf("nested %s %d", k[0], n), "ATOMIC<", k[1], k[2], k[3], ">", count))
		}
	}
	return out
}

// models are texts of many models, and of models of many parts.
func models() []text {
	out := []text{
		repeated("model fields", "MODEL M{", "x%d int", ",", "}"),
		repeated("model fields lines", "MODEL M{", "x%d int", "\n", "}"),
		repeated("model fields indexed", "MODEL M{", "x%d int INDEX", ",", "}"),
		repeated("model fields unique", "MODEL M{", "x%d int UNIQUE", ",", "}"),
		repeated("model fields default", "MODEL M{", "x%d int DEFAULT 1", ",", "}"),
		repeated("model fields default chain", "MODEL M{x int,", "x%d int DEFAULT x", ",", "}"),
		repeated("model fields check", "MODEL M{", "x%d int CHECK x%d>1", ",", "}"),
		repeated("model fields same", "MODEL M{", "x int", ",", "}"),
		repeated("model fields key", "MODEL M{", "x%d int KEY", ",", "}"),
		repeated("model fields revision", "MODEL M{", "x%d int REVISION", ",", "}"),
		repeated("model fields unknown types", "MODEL M{", "x%d X%d", ",", "}"),
		repeated("model fields sets", "MODEL M{", "x%d set<int>", ",", "}"),
		repeated("model fields refs", "MODEL M{", "x%d ref<T>", ",", "}"),
		repeated("model fields refs unknown", "MODEL M{", "x%d ref<Y%d>", ",", "}"),
		repeated("model fields optional", "MODEL M{", "x%d A?", ",", "}"),
		repeated("model rules index", "MODEL M{x int,y int,", "INDEX(x,y)", ",", "}"),
		repeated("model rules unique", "MODEL M{x int,y int,", "UNIQUE(x,y)", ",", "}"),
		repeated("model rules check", "MODEL M{x int,", "CHECK(x>%d)", ",", "}"),
		repeated("model rules check long", "MODEL M{x int,CHECK(", "x>%d", " OR ", ")}"),
		repeated("model rule paths", "MODEL M{x int,INDEX(", "x", ",", ")}"),
		repeated("model rules unknown", "MODEL M{x int,", "INDEX(y%d)", ",", "}"),
		repeated("model enum", "MODEL M{x enum(", "'%d'", ",", ")}"),
		repeated("model enum same", "MODEL M{x enum(", "'a'", ",", ")}"),
		repeated("model options", "MODEL M{x int}", "STORED AS JSON", " ", ""),
		repeated("models", "", "MODEL M%d{x int}", " ", ""),
		repeated("models short", "", "MODEL M%d{}", "", ""),
		repeated("models again", "", "MODEL M{x%d int?}", "", ""),
		repeated("models one", "", "MODEL M{x int}", "", ""),
		repeated("models refs ahead", "", "MODEL M%d{x ref<M%p>}", "", ""),
		repeated("models refs unknown", "", "MODEL M%d{x ref<Y%d>}", "", ""),
		repeated("models refs to the last", "", "MODEL M%d{x ref<Z>}", "", "MODEL Z{}"),
		repeated("models embed", "", "MODEL M%d{x A}", "", ""),
		repeated("models embed chain", "MODEL M0{x int}", "MODEL N%d{x N%p,y int}", "", ""),
		repeated("models embed chain optional", "MODEL N0{x int}", "MODEL N%d{x N%p?}", "", ""),
		repeated("models embed wide", "MODEL W{"+many("x%d int", 900)+"}", "MODEL M%d{x W}", "", ""),
		repeated("models embed many times", "MODEL W{"+many("x%d int", 900)+"}MODEL V{", "x%d W", ",", "}"),
		repeated("models extend", "", "MODEL M%d EXTENDS T{x%d int}", "", ""),
		repeated("models extend wide", "MODEL W{"+many("x%d int", 900)+"}", "MODEL M%d EXTENDS W{}", "", ""),
		repeated("models extend chain", "MODEL N0{a int}", "MODEL N%d EXTENDS N%p{x%d int}", "", ""),
		repeated("models extend circle", "", "MODEL M%p EXTENDS M%d{}", "", ""),
		repeated("models unknown types", "", "MODEL M%d{x X%d}", "", ""),
		repeated("models and drops", "", "MODEL M%d{}DROP MODEL M%d;", "", ""),
		repeated("models and queries", "", "MODEL M%d{x int}FIND M%d;", "", ""),
		repeated("models wide and queries", "MODEL W{"+many("x%d int", 900)+"}", "FIND W", ";", ""),
		repeated("models wide and creates", "MODEL W{"+many("x%d int?", 900)+"}", "CREATE W{}", ";", ""),
		repeated("models wide and blocks", "MODEL W{"+many("x%d int?", 900)+"}ATOMIC<", "LET x%d=GET W 'a'", ";", ">"),
		repeated("models wide and stars", "MODEL W{"+many("x%d int?", 900)+"}FIND W RETURN ", "*", ",", ""),
		repeated("models wide and names", "MODEL W{"+many("x%d int?", 900)+"}FIND W WHERE x0 IN (", "x899", ",", ")"),
		repeated("models wide and unknown names", "MODEL W{"+many("x%d int?", 900)+"}FIND W WHERE x0 IN (", "y%d", ",", ")"),
		repeated("models wide and fetch", "MODEL W{r ref<W>,"+many("x%d int?", 900)+"}", "FIND W FETCH r", ";", ""),
		repeated("models wide and fetch deep", "MODEL W{r ref<W>?,"+many("x%d int?", 900)+"}", "FIND W FETCH r.r.r.r.r.r.r.r.r.r.r.r.r.r.r.r.r.r.r.r.r.r.r.r.r.r.r.r.r.r.r.r.r.r.r.r.r", ";", ""),
		repeated("models wide and embedded creates", "MODEL W{"+many("x%d int?", 900)+"}MODEL V{w W?}CREATE V [", "{w:{}}", ",", "]"),
		repeated("model type nested", "MODEL M{x ", "list<", "", "}"),
		nested("model type lists", "MODEL M{x ", "list<", "int", ">", "}", 95),
		repeated("models type lists", "MODEL M{", "x%d "+strings.Repeat("list<", 90)+"int"+strings.Repeat(">", 90), ",", "}"),
		repeated("procedures with wide models", "MODEL W{"+many("x%d int?", 900)+"}", "PROCEDURE p%d() ATOMIC<RETURN GET W 'a'>", ";", ""),
		repeated("alter", "ALTER MODEL T ", "ADD FIELD x%d int", ",", ""),
	}
	for _, width := range []int{2, 8} {
		for _, depth := range []int{6, 40} {
			var b strings.Builder
			b.WriteString("MODEL E0{x int}")
			for i := 1; i <= depth; i++ {
				fmt.Fprintf(&b, "MODEL E%d{%s}", i, many(fmt.Sprintf("f%%d E%d", i-1), width))
			}
			out = append(out, fixed(fmt.Sprintf("embedded %d wide %d deep", width, depth), b.String()),
				fixed(fmt.Sprintf("embedded lists %d wide %d deep", width, depth), strings.ReplaceAll(mapped(b.String()), "map<", "list<")),
				fixed(fmt.Sprintf("embedded maps %d wide %d deep", width, depth), mapped(b.String())))
		}
	}
	return out
}

// mapped turns each embedded field into a map of such values.
func mapped(s string) string {
	for i := 0; i < 50; i++ {
		s = strings.ReplaceAll(s, fmt.Sprintf(" E%d,", i), fmt.Sprintf(" map<E%d>,", i))
		s = strings.ReplaceAll(s, fmt.Sprintf(" E%d}", i), fmt.Sprintf(" map<E%d>}", i))
	}
	return s
}

// mixes put several of these together.
func mixes() []text {
	doubling := func(n int, call func(i int) string) string {
		var b strings.Builder
		b.WriteString("PROCEDURE p0() ATOMIC<>")
		for i := 1; i < n; i++ {
			fmt.Fprintf(&b, "PROCEDURE p%d() ATOMIC<%s>", i, call(i-1))
		}
		return b.String()
	}
	doubled := func(n int, head, step, tail string) string {
		var b strings.Builder
		b.WriteString(head)
		for i := 1; i < n; i++ {
			b.WriteString(strings.ReplaceAll(strings.ReplaceAll(step, "%p", fmt.Sprint(i-1)), "%d", fmt.Sprint(i)))
		}
		return b.String() + tail
	}
	return []text{
		fixed("procedures doubling", doubling(40, func(i int) string { return fmt.Sprintf("CALL p%d();CALL p%d()", i, i) })+"CALL p39()"),
		fixed("procedures chain", doubling(4000, func(i int) string { return fmt.Sprintf("CALL p%d()", i) })),
		fixed("let records doubling", doubled(40, "LET x0={a:1};", "LET x%d={a:x%p,b:x%p};", "LET y=x39")),
		fixed("let lists doubling", doubled(40, "LET x0=[1];", "LET x%d=[x%p,x%p];", "LET y=x39")),
		fixed("let lists nested", doubled(5000, "LET x0=[1];", "LET x%d=[x%p];", "LET y=x4999")),
		fixed("let records nested", doubled(5000, "LET x0={a:1};", "LET x%d={a:x%p};", "LET y=x4999")),
		fixed("let records nested in a block", "ATOMIC<"+doubled(500, "LET x0={a:1};", "LET x%d={a:x%p};", "RETURN x499")+">"),
		fixed("let records doubling in a block", "ATOMIC<"+doubled(40, "LET x0={a:1};", "LET x%d={a:x%p,b:x%p};", "RETURN x39")+">"),
		fixed("let rows nested", doubled(2000, "LET x0=FIND T;", "LET x%d=FIND T RETURN x%p AS a;", "LET y=x1999")),
		fixed("let rows doubling", doubled(40, "LET x0=FIND T;", "LET x%d=FIND T RETURN x%p AS a,x%p AS b;", "LET y=x39")),
		repeated("everything wrong", "", "FIND T WHERE nn=1 AND x RETURN y,z,a ORDER BY q LIMIT 'a'", ";", ""),
		repeated("everything wrong in one", "FIND T WHERE ", "(nn=1 AND x>'a')", " OR ", ""),
		repeated("everything", "", "LET y%d=FIND T WHERE n=1 AND s='a' OR r.r.n=2 RETURN n,a.city,r.n,len(l) ORDER BY n LIMIT 2", ";", ""),
		repeated("everything grouped", "", "FIND T GROUP BY n HAVING count()>1 RETURN n,count() ORDER BY n", ";", ""),
		repeated("everything in a block", "ATOMIC<", "FOR y%d IN FIND T WHERE n=1 DO UPDATE T y%d.id SET n=y%d.n END;", "", ">"),
		repeated("everything explained", "", "EXPLAIN FIND T WHERE n=1 OR s='a'", ";", ""),
		repeated("everything parameters", "FIND T WHERE n IN (", "$a%d+$a%p", ",", ")"),
	}
}
