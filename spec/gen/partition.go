package gen

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/rql-lang/rql/lang/ir"
)

// partModels are the models of programs over partitions.
const partModels = `MODEL Hold { order ref<Order>?, home ref<Home>? }
MODEL Order { id int KEY, tenant string, n int INDEX, mail string?, tags set<string>, home ref<Home>? INDEX, homes list<ref<Home>>? INDEX, cause ref<Event>? INDEX, hold Hold?, stars refs<Star.order>, starred refs<Star.orders>, lines refs<Line.of>, UNIQUE (tenant, mail) } PARTITION BY tenant
MODEL Line { id string KEY, tenant string, of ref<Order>? INDEX ON DELETE SET NULL, up ref<Line>? INDEX ON DELETE CASCADE, text string INDEX } PARTITION BY tenant
MODEL Note { id int KEY, tenant string, n int INDEX, text string } PARTITION BY tenant TTL 3h
MODEL Seat { id int KEY, tenant string, code string?, UNIQUE (code) GLOBAL } PARTITION BY tenant TTL 2h
MODEL Event { id string KEY, n int, home ref<Home>? INDEX, orders refs<Order.cause> } PARTITION BY id
MODEL Home { id int KEY, n int?, up ref<Home>?, orders refs<Order.home>, listed refs<Order.homes>, events refs<Event.home> }
MODEL Star { id int KEY, order ref<Order>? INDEX, orders list<ref<Order>> INDEX, hold Hold?, holds list<Hold> }`

// partitions are values of partitions, some of them of signs that have a meaning in names of keys.
var partitions = []string{"a", "a:b", "{a}", "%3A", "ü ☃"}

// parted writes a program over partitions.
type parted struct {
	rnd    *rand.Rand
	params map[string]any
}

// Parted generates a program of n steps over models with PARTITION BY.
func Parted(seed uint64, n int) *Program {
	g := &parted{rnd: rand.New(rand.NewPCG(seed, 0x2545f491))}
	p := &Program{Models: partModels}
	for range n {
		g.params = map[string]any{}
		s := Step{Text: g.step(), Params: g.params}
		if g.rnd.IntN(15) == 0 {
			s.Advance = time.Hour
		}
		p.Steps = append(p.Steps, s)
	}
	show := func(model, find string) { p.Names, p.Finds = append(p.Names, model), append(p.Finds, find) }
	for _, m := range []string{"Order", "Line"} {
		show(m, "SHOW PARTITIONS "+m)
	}
	for _, part := range partitions {
		show("Order", "FIND Order WHERE tenant = '"+part+"' FETCH tags")
		show("Line", "FIND Line WHERE tenant = '"+part+"'")
		show("Note", "FIND Note WHERE tenant = '"+part+"'")
		show("Seat", "FIND Seat WHERE tenant = '"+part+"'")
	}
	return p
}

func (g *parted) pick(list ...string) string { return list[g.rnd.IntN(len(list))] }

// value gives a value as a literal or as a parameter.
func (g *parted) value(v any) string {
	if g.rnd.IntN(2) == 0 {
		name := fmt.Sprint("p", len(g.params))
		g.params[name] = v
		return "$" + name
	}
	if s, ok := v.(string); ok {
		return "'" + s + "'"
	}
	return fmt.Sprint(v)
}

func (g *parted) text() string {
	if g.rnd.IntN(40) == 0 {
		return ""
	}
	return partitions[g.rnd.IntN(len(partitions))]
}

// full is a full key, or text that is none.
func (g *parted) full() string {
	if g.rnd.IntN(20) == 0 {
		return g.value([]any{"a", ":1", "a:x", "a:01", "{a}:1"}[g.rnd.IntN(5)])
	}
	return g.value(ir.JoinKey(partitions[g.rnd.IntN(len(partitions))], fmt.Sprint(g.rnd.IntN(5))))
}

func (g *parted) part() string { return g.value(g.text()) }
func (g *parted) id() string   { return g.value(int64(g.rnd.IntN(5))) }
func (g *parted) code() string { return g.value(string(rune('p' + g.rnd.IntN(4)))) }
func (g *parted) line() string { return g.value(string(rune('x' + g.rnd.IntN(3)))) }

// refs are fields of an Order that lead elsewhere.
func (g *parted) refs() string {
	return g.pick("", ", home: "+g.id(), ", home: "+g.id()+", homes: ["+g.id()+", "+g.id()+"]", ", cause: "+g.line(), ", hold: { order: "+g.id()+", home: "+g.id()+" }")
}

// step is a statement, or a block.
func (g *parted) step() string {
	switch g.rnd.IntN(9) {
	case 7:
		return g.named()
	case 0:
		return g.block()
	case 1:
		return g.rare()
	case 2:
		return g.over()
	case 3:
		return g.far()
	case 4:
		return g.back()
	}
	return g.statement(g.part())
}

// named is a statement with full keys, or with a value of a UNIQUE GLOBAL in place of a partition, or one that changes a model.
func (g *parted) named() string {
	hold := func() string { return "{ order: " + g.full() + ", home: " + g.id() + " }" }
	code := g.code()
	if g.rnd.IntN(8) == 0 {
		code = "null"
	}
	switch g.rnd.IntN(16) {
	case 0:
		return "GET Order " + g.full() + " SKIP MISSING RETURN tenant, id, n, hold.order.n AS m, hold.home.n AS h"
	case 1:
		return "GET Order [" + g.full() + ", " + g.full() + ", { tenant: " + g.part() + ", id: " + g.id() + " }] SKIP MISSING RETURN tenant, id"
	case 2:
		return "UPDATE Order " + g.full() + " SKIP MISSING SET n += 1, hold = " + g.pick("null", "{ order: "+g.id()+" }")
	case 3:
		return "UPDATE Order [" + g.full() + ", " + g.full() + "] SKIP MISSING SET n += 1"
	case 4:
		return g.pick("EXISTS Order ", "DELETE Line ") + g.full()
	case 5:
		return "ATOMIC < UPDATE Order " + g.full() + " SKIP MISSING SET n += 1; DELETE Order " + g.full() + " SKIP MISSING >"
	case 6, 7:
		return "PUT Star { id: " + g.id() + ", order: " + g.pick("null", g.full()) + ", orders: [" + g.full() + "], hold: " + g.pick("null", hold()) + ", holds: [" + hold() + "] }"
	case 8:
		return "FIND Star RETURN id, order, order.n AS n, orders.n AS ns, hold.order.mail AS mail, hold.home.n AS h, holds.order.n AS hs, order.home.n AS far ORDER BY id"
	case 9:
		return "FIND Star WHERE " + g.pick("order = "+g.full(), "hold.home.n > "+g.id(), "orders CONTAINS "+g.full()) + " FETCH order, hold.order RETURN id, order, hold"
	case 10:
		return "FIND Order WHERE hold.home.n " + g.pick("= ", "> ") + g.id() + " RETURN tenant, id, hold.order.n AS n"
	case 11:
		return g.pick("FIND Seat WHERE code = "+code+" RETURN tenant, id", "COUNT Seat WHERE code = "+code, "EXISTS Seat WHERE code = "+code+" AND id > 1", "DELETE Seat WHERE code = "+code+" AND id > 1")
	case 12:
		return g.pick("ALTER MODEL Seat DROP UNIQUE (code) GLOBAL", "ALTER MODEL Seat ADD UNIQUE (code) GLOBAL")
	case 13:
		return "ALTER MODEL Seat ADD UNIQUE (code) GLOBAL"
	case 14:
		return g.pick("ALTER MODEL Note ADD FIELD m int DEFAULT 4 INDEX", "ALTER MODEL Note DROP FIELD m", "ALTER MODEL Order ADD INDEX (mail, n)", "ALTER MODEL Order DROP INDEX (mail, n)")
	}
	return g.pick("FIND Note WHERE m = 4 RETURN tenant, id, m ORDER BY tenant, id", "UPDATE Note WHERE m = 4 SET m = n", "VERIFY Seat", "FIND Order WHERE mail = 'm' ORDER BY n RETURN tenant, id")
}

// far is a statement that reads documents elsewhere, or changes them.
func (g *parted) far() string {
	if g.rnd.IntN(3) == 0 {
		return g.pick("PUT Home { id: "+g.id()+", n: "+g.pick("null", g.id())+", up: "+g.pick("null", g.id())+" }",
			"DELETE Home "+g.id()+" SKIP MISSING", "PUT Event { id: "+g.line()+", n: 1, home: "+g.id()+" }")
	}
	null := g.id()
	if g.rnd.IntN(4) == 0 {
		null = g.value(nil)
		if null == "<nil>" {
			null = "null"
		}
	}
	cond := func() string {
		return g.pick("home.n > "+g.id(), "home.n = "+null, "home.n != "+null, "NOT (home.n < "+g.id()+")", "home.n IS NULL", "home.up.n = "+g.id(),
			"home.n IN ("+g.id()+", "+null+")", "home IS NULL", "home.n = home.id", "n > "+g.id(), "home.up IS NOT NULL")
	}
	where := " WHERE " + g.pick("", "tenant = "+g.part()+" AND ") + "(" + cond() + g.pick(" AND ", " OR ") + g.pick("", "NOT ") + "(" + cond() + g.pick(" AND ", " OR ") + cond() + "))"
	switch g.rnd.IntN(8) {
	case 0:
		return "COUNT Order" + where
	case 1:
		return "EXISTS Order" + where
	case 2:
		return "UPDATE Order" + where + " SET n += 1"
	case 3:
		return "FIND Order" + where + " FETCH homes, home.up RETURN tenant, id, home, homes"
	case 4:
		return "GET Order [{ tenant: " + g.part() + ", id: " + g.id() + " }, { tenant: " + g.part() + ", id: " + g.id() + " }] SKIP MISSING FETCH cause RETURN id, cause, home.n AS n"
	case 5:
		return "FIND Event WHERE " + g.pick("home.n > "+g.id(), "home.n IS NULL") + " RETURN id, home.n AS n, home.up.n AS up"
	}
	return "FIND Order" + where + " RETURN tenant, id, home.n AS home, home.up.n AS up, homes.n AS list, cause.n AS cause, cause.home.n AS later ORDER BY n" + g.pick("", " LIMIT 2")
}

// over is a statement in all partitions, or in several.
func (g *parted) over() string {
	cond := g.pick("n > "+g.id(), "mail = 'm'", "tags CONTAINS 'r'", "n = "+g.id()+" OR mail IS NULL", "id = "+g.id())
	in := "tenant IN (" + g.part() + ", " + g.part() + ")"
	where := g.pick(" WHERE "+cond, " WHERE "+cond, " WHERE "+in, " WHERE "+in+" AND "+cond, "")
	all := where
	if all == "" {
		all = " ALL"
	}
	doc := func() string {
		return fmt.Sprintf("{ tenant: %s, id: %s, n: %s, mail: %s, tags: ['%s']%s }", g.part(), g.id(), g.id(), g.pick("null", "'m'", "'k'", "'j'"), g.pick("r", "s"), g.refs())
	}
	switch g.rnd.IntN(17) {
	case 0:
		return "COUNT Order" + where
	case 1:
		return "EXISTS Order WHERE " + cond
	case 2:
		return "FIND Order" + where + " FETCH tags RETURN tenant, id, n, tags"
	case 3, 4:
		return "FIND Order" + where + " RETURN tenant, id, n ORDER BY " + g.pick("n", "n DESC", "n, id", "mail DESC", "n + 0", "tenant DESC, n", "id") + g.pick("", " LIMIT 3", " LIMIT 2 OFFSET 1")
	case 5:
		return "FIND Order" + where + g.pick(" GROUP BY n RETURN n, count() AS c ORDER BY n", " GROUP BY tenant RETURN tenant, sum(n) AS s ORDER BY tenant", " RETURN min(n) AS lo, count() AS c", " RETURN max(n) AS hi", " RETURN DISTINCT n ORDER BY n DESC")
	case 6:
		return "GET Order [{ tenant: " + g.part() + ", id: " + g.id() + " }, { tenant: " + g.part() + ", id: " + g.id() + " }] SKIP MISSING RETURN tenant, id, n"
	case 7:
		return "FIND Line RETURN tenant, id, of.n AS n, up.text AS text ORDER BY id"
	case 8:
		return "UPDATE Order" + all + " SET n += 1" + g.pick("", ", mail = 'm'", ", tags.add('q')")
	case 9:
		return "DELETE Order WHERE " + cond
	case 10:
		return g.pick("EXPIRE Note ALL AFTER 2h", "PERSIST Note WHERE n > "+g.id(), "DELETE Note WHERE n = "+g.id(), "UPDATE Note WHERE n > "+g.id()+" SET text = 'y' RETURN tenant, id")
	case 11:
		return g.pick("FIND Event RETURN id, n ORDER BY n, id", "COUNT Event", "UPDATE Event WHERE n < 3 SET n += 1", "GET Event ["+g.line()+", "+g.line()+"] SKIP MISSING", "DELETE Event WHERE n > 2")
	case 12, 13:
		seat := func() string { return fmt.Sprintf("{ tenant: %s, id: %s, code: %s }", g.part(), g.id(), g.code()) }
		return g.pick("CREATE", "CREATE", "PUT") + " Seat [" + seat() + ", " + seat() + "]"
	case 14:
		return g.pick("FIND Seat WHERE code = "+g.code(), "FIND Seat RETURN tenant, id, code ORDER BY tenant, id", "UPDATE Seat WHERE code = "+g.code()+" SET code = "+g.code(), "DELETE Seat WHERE code = "+g.code(), "UPDATE Seat WHERE id < 3 SET code = null")
	}
	return g.pick("CREATE", "CREATE", "PUT") + " Order [" + doc() + ", " + doc() + ", " + doc() + "]" + g.pick("", " RETURN tenant, id")
}

// statement is one in a partition; "" stands for that of the block around it.
func (g *parted) statement(part string) string {
	key := func(model, id string) string {
		if part == "" {
			return model + " " + id
		}
		return fmt.Sprintf("%s { tenant: %s, id: %s }", model, part, id)
	}
	where := func(cond string) string {
		switch {
		case part == "" && cond == "":
			return " ALL"
		case part == "":
			return " WHERE " + cond
		case cond == "":
			return " WHERE tenant = " + part
		}
		return " WHERE " + g.pick("tenant = "+part+" AND "+cond, cond+" AND "+part+" = tenant")
	}
	find := func(cond string) string { return strings.TrimSuffix(where(cond), " ALL") }
	doc := func(fields string) string {
		if part == "" {
			return "{ " + fields + " }"
		}
		return "{ tenant: " + part + ", " + fields + " }"
	}
	order := func() string {
		return fmt.Sprintf("id: %s, n: %s, mail: %s, tags: ['%s']%s", g.id(), g.id(), g.pick("null", "'m'", "'k'", "'j'"), g.pick("r", "s"), g.refs())
	}
	cond := func() string {
		return g.pick("n > "+g.id(), "mail = 'm'", "tags CONTAINS 'r'", "n = "+g.id()+" OR mail IS NULL")
	}
	switch g.rnd.IntN(22) {
	case 0, 1, 2:
		return "CREATE Order " + doc(order()) + g.pick("", "", " ON CONFLICT SKIP", " ON CONFLICT SET n += 1")
	case 3:
		return "CREATE Order [" + doc(order()) + ", " + doc(order()) + "]"
	case 4:
		return "PUT Order " + doc(order())
	case 5:
		return "CREATE Line " + doc(fmt.Sprintf("id: %s, of: %s, up: %s, text: 't%d'", g.line(), g.pick("null", g.id()), g.pick("null", g.line()), g.rnd.IntN(3)))
	case 6:
		return "UPDATE " + key("Order", g.id()) + " SET n += 1" + g.pick("", ", tags.add('q')", ", mail = 'm'")
	case 7:
		return "UPDATE Order" + where(cond()) + " SET n = n + " + g.id()
	case 8:
		return "DELETE " + key("Order", g.id())
	case 9:
		return "DELETE Order" + where(g.pick("", cond()))
	case 10:
		return "COPY " + key("Order", g.id()) + " SKIP MISSING SET id = " + g.id() + ", mail = null"
	case 11:
		return "DELETE " + key("Line", g.line())
	case 12:
		return "CREATE Note " + doc(fmt.Sprintf("id: %s, n: %s, text: 'x'", g.id(), g.id())) + g.pick("", " TTL 1h", " TTL 5h")
	case 13:
		one := key("Note", g.id())
		if g.rnd.IntN(2) == 0 {
			return "EXPIRE " + one + " AFTER 2h"
		}
		return "PERSIST " + one
	case 14:
		return "COUNT Order" + find(g.pick("", "n > "+g.id()))
	case 15:
		return "LET x" + fmt.Sprint(g.rnd.IntN(1000)) + " = GET " + key("Order", g.id())
	case 16:
		if part == "" {
			return "UPDATE Order" + where(cond()) + " SET n = 1"
		}
		return "FIND Line" + find("") + " RETURN id, of.n AS n, up.text AS text"
	case 17, 18:
		return g.pick("CREATE", "CREATE", "PUT") + " Seat " + doc("id: "+g.id()+", code: "+g.code()) + g.pick("", "", " TTL 1h")
	case 19:
		return "UPDATE " + key("Seat", g.id()) + " SKIP MISSING SET code = " + g.pick(g.code(), g.code(), "null")
	case 20:
		return g.pick("DELETE "+key("Seat", g.id()), "COPY "+key("Seat", g.id())+" SKIP MISSING SET id = "+g.id()+", code = "+g.code(), "CREATE Seat "+doc("id: "+g.id()+", code: "+g.code())+" ON CONFLICT SET code = "+g.code())
	}
	if part == "" {
		return "ENSURE (COUNT Order) < 9"
	}
	return "FIND Order" + find(cond()) + " RETURN id, n, mail"
}

// block is an ATOMIC in one partition.
func (g *parted) block() string {
	var list []string
	part, inside := g.part(), ""
	head := "ATOMIC PARTITION " + part + " <"
	if g.rnd.IntN(3) == 0 {
		head, inside = "ATOMIC <", part
	}
	for range 1 + g.rnd.IntN(3) {
		s := g.statement(inside)
		if strings.HasPrefix(s, "FIND") || strings.HasPrefix(s, "COUNT") {
			s = "ENSURE (COUNT Order" + g.whereOf(inside) + ") >= 0"
		}
		list = append(list, s)
	}
	if g.rnd.IntN(8) == 0 { // another partition
		list = append(list, g.statement(g.part()))
	}
	return head + "\n" + strings.Join(list, ";\n") + "\n>"
}

func (g *parted) whereOf(part string) string {
	if part == "" {
		return ""
	}
	return " WHERE tenant = " + part
}

// rare is what is done seldom, or is an error.
func (g *parted) rare() string {
	switch g.rnd.IntN(12) {
	case 0:
		return "GET Order " + g.id()
	case 1:
		return "COPY Order " + g.id() + " SET id = 9"
	case 2:
		return "UPDATE Order WHERE tenant = " + g.part() + " SET tenant = 'b'"
	case 3:
		return "CREATE Event { id: " + g.line() + ", n: " + g.id() + " }"
	case 4:
		return "UPDATE Event " + g.line() + " SET n += 1"
	case 5:
		return "ATOMIC < UPDATE Event " + g.line() + " SET n = 1; UPDATE Event " + g.line() + " SET n = 2 >"
	case 6:
		return "ATOMIC PARTITION " + g.part() + " < CREATE Home { id: 1, n: 1 }; UPDATE Order 1 SET n = 1 >"
	case 7:
		return "SHOW PARTITIONS " + g.pick("Order", "Line")
	case 8:
		return "FIND Order WHERE tenant = " + g.part() + " RETURN id, n ORDER BY n DESC, id LIMIT 2"
	case 9:
		return "ATOMIC PARTITION " + g.part() + " KEY 'k' FOR 1h < UPDATE Order " + g.id() + " SKIP MISSING SET n += 1 >"
	case 10:
		return "DELETE Note WHERE tenant = " + g.part()
	}
	return "EXISTS Order { tenant: " + g.part() + ", id: " + g.id() + " }"
}
