package gen

// back is a statement that reads backlinks of documents in other partitions, or chooses by them.
func (g *parted) back() string {
	model, link, from := "Home", g.pick("orders", "listed", "events"), "Order"
	switch g.rnd.IntN(3) {
	case 0:
		model, link, from = "Order", g.pick("stars", "starred"), "Star"
	case 1:
		model, link = "Event", "orders"
	}
	if link == "events" {
		from = "Event"
	}
	where := func() string {
		list := []string{"id > " + g.id(), "order = " + g.full(), "order IS NULL"}
		switch from {
		case "Order":
			list = []string{"n > " + g.id(), "tenant = " + g.part(), "tenant IN (" + g.part() + ", " + g.part() + ") AND n > 1", "mail IS NULL", "home.n > " + g.id()}
		case "Event":
			list = []string{"n < 3", "home.n IS NULL", "id = " + g.line()}
		}
		return g.pick("", " WHERE "+g.pick(list...), " WHERE "+g.pick(list...))
	}
	cond := func() string {
		count := "count(" + link + where() + ")"
		return g.pick("", "NOT ") + g.pick("EXISTS ("+link+where()+")", count+" > "+g.id(), count+" <= "+g.id(), count+" = "+g.id(), "2 > "+count, count+" BETWEEN 1 AND "+g.id())
	}
	both := " WHERE " + cond() + g.pick("", " AND "+cond(), " OR "+cond(), " AND id != "+map[string]string{"Event": "'y'"}[model]+map[bool]string{true: "3"}[model != "Event"])
	if model == "Order" {
		both += g.pick("", " AND tenant = "+g.part(), " AND tenant IN ("+g.part()+", "+g.part()+")")
	}
	key := map[string]string{"Order": "tenant, id", "Star": "id", "Event": "id", "Home": "id"}
	switch g.rnd.IntN(8) {
	case 0:
		return g.pick("COUNT ", "EXISTS ") + model + both
	case 1:
		return "UPDATE " + model + both + " SET n = " + g.id()
	case 2:
		return g.pick("DELETE ", "FIND ") + model + both
	case 3:
		return "FIND " + model + both + " RETURN " + key[model] + " ORDER BY " + key[model] + g.pick("", " DESC LIMIT 2")
	case 4, 5:
		more := map[string]string{"Order": ", n, home.n AS h, count(stars) AS stars, count(lines) AS lines", "Star": ", order", "Event": ", n, count(orders) AS orders"}[from]
		order := map[string]string{"Order": "n", "Star": "order", "Event": "n"}[from] + g.pick("", " DESC")
		return "FIND " + model + " FETCH " + link + " (" + where() + " RETURN " + key[from] + g.pick("", more) + " ORDER BY " + order + g.pick("", " LIMIT 2", " LIMIT 1 OFFSET 1") + ") RETURN " +
			key[model] + ", " + link + " ORDER BY " + key[model]
	case 6:
		return "FIND " + model + " FETCH " + link + " (RETURN count() AS c, min(id) AS least) RETURN " + key[model] + ", " + link + " ORDER BY " + key[model]
	}
	return "FIND " + model + " RETURN " + key[model] + ", count(" + link + ") AS a, count(" + link + where() + ") AS b, EXISTS (" + link + where() + ") AS c ORDER BY " + key[model]
}
