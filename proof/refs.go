package main

import (
	"fmt"
	"strings"
)

// beside are the models beside S: T, to whose documents others refer with ON DELETE, R, whose documents refer to them in every
// way, and K, whose documents keep those of S alive.
const beside = `MODEL T { id string KEY, lane string INDEX, up ref<T>? INDEX ON DELETE CASCADE };
MODEL R { id string KEY, lane string INDEX, keep ref<T>? INDEX ON DELETE RESTRICT, down ref<T>? INDEX ON DELETE CASCADE, off ref<T>? INDEX ON DELETE SET NULL,
  list list<ref<T>> INDEX ON DELETE SET NULL DEFAULT [], rev int REVISION };
MODEL K { id string KEY, lane string INDEX, one ref<S>? CASCADE TTL, all set<ref<S>> CASCADE TTL } TTL 1h`

// compared are the models whose documents soak compares, with what it reads of them.
func compared(grown int) map[string]string {
	return map[string]string{"S": columns(grown), "T": "id, lane, up", "R": "id, lane, keep, down, off, list, rev", "K": "id, lane, one, all"}
}

// refers is a statement that changes documents that refer to others of the lane. id is one of S that may live long.
func (l *lane) refers(id string) string {
	name := func(model string) string { return fmt.Sprintf("'%s-%s%d'", l.name, model, l.r.IntN(6)) }
	maybe := func(s string) string {
		if l.r.IntN(2) == 0 {
			return "null"
		}
		return s
	}
	list := func() string {
		var names []string
		for range l.r.IntN(3) {
			names = append(names, name("t"))
		}
		return "[" + strings.Join(names, ", ") + "]"
	}
	t, r := name("t"), name("r")
	row := fmt.Sprintf("R { id: %s, lane: '%s', keep: %s, down: %s, off: %s, list: %s }", r, l.name, maybe(maybe(name("t"))), maybe(name("t")), maybe(name("t")), list())
	texts := []string{
		fmt.Sprintf("CREATE T { id: %s, lane: '%s', up: %s } ON CONFLICT SKIP", t, l.name, maybe(name("t"))),
		fmt.Sprintf("PUT T { id: %s, lane: '%s', up: %s }", t, l.name, maybe(t)),
		fmt.Sprintf("UPDATE T %s SKIP MISSING SET up = %s", t, maybe(name("t"))),
		"PUT " + row,
		"CREATE " + row,
		fmt.Sprintf("UPDATE R %s SKIP MISSING SET off = %s, list.append(%s)", r, maybe(name("t")), name("t")),
		"DELETE T " + t,
		fmt.Sprintf("DELETE T WHERE lane = '%s' AND up IS NOT NULL", l.name),
		fmt.Sprintf("DELETE R WHERE lane = '%s' AND keep IS NOT NULL", l.name),
		fmt.Sprintf("ATOMIC < DELETE T %s SKIP MISSING; CREATE T { id: %s, lane: '%s' } >", t, t, l.name),
		fmt.Sprintf("ATOMIC < DELETE T %s SKIP MISSING; UPDATE R WHERE lane = '%s' SET keep = null >", t, l.name),
		fmt.Sprintf("PUT K { id: '%s-k', lane: '%s', one: '%s', all: ['%s'] }", l.name, l.name, id, id),
		fmt.Sprintf("ATOMIC < CREATE K { id: '%s-k%d', lane: '%s', one: '%s' }; EXPIRE S '%s' SKIP MISSING AFTER 1h >", l.name, l.r.IntN(3), l.name, id, id),
		fmt.Sprintf("DELETE K WHERE lane = '%s'", l.name),
	}
	return texts[l.r.IntN(len(texts))]
}
