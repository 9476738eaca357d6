package parser

import (
	"strings"

	"github.com/rql-lang/rql/lang"
)

// redis converts a Redis command on a single key, model:id, to a statement.
func (f foreignText) redis(word string) advice {
	a := advice{prose: "GET and FIND read documents; CREATE, PUT, UPDATE and DELETE write them"}
	if len(f.tokens) < 4 || !f.sign(2, ":") {
		return a
	}
	one := f.value(1) + " " + lang.Quote(strings.Trim(f.value(3), `'"`))
	rest := make([]string, 0, len(f.tokens)-4)
	for i := 4; i < len(f.tokens); i++ {
		rest = append(rest, f.value(i))
	}
	switch {
	case word == "HGETALL" && len(rest) == 0, word == "GET" && len(rest) == 0:
		a.statement = "GET " + one
	case word == "HMGET" && len(rest) > 0, word == "HGET" && len(rest) == 1:
		a.statement = "GET " + one + " RETURN " + strings.Join(rest, ", ")
	case word == "HSET" && len(rest) > 0 && len(rest)%2 == 0:
		set := make([]string, 0, len(rest)/2)
		for i := 0; i < len(rest); i += 2 {
			value := rest[i+1]
			if t := &f.tokens[4+i+1]; t.Type == tokWord && literal(t) == nil {
				value = lang.Quote(value)
			}
			set = append(set, rest[i]+" = "+value)
		}
		a.statement = "UPDATE " + one + " SET " + strings.Join(set, ", ")
	case word == "HDEL" && len(rest) > 0:
		a.statement = "UPDATE " + one + " SET " + strings.Join(rest, " = null, ") + " = null"
	case word == "DEL" && len(rest) == 0:
		a.statement = "DELETE " + one
	case word == "EXISTS" && len(rest) == 0:
		a.statement = "EXISTS " + one
	}
	return a
}

// mongo converts db.model.find({…}) and similar calls to a statement.
func (f foreignText) mongo() advice {
	model, verb := f.value(2), f.value(4)
	doc := f.groups(5, len(f.tokens))
	arg := ""
	if len(doc) > 0 && len(doc[0]) > 0 {
		arg = doc[0][0]
	}
	switch verb {
	case "find", "findOne":
		a := advice{"FIND " + model + f.where(arg), findProse}
		if verb == "findOne" {
			a.statement += " LIMIT 1"
		}
		return a
	case "insertOne", "insertMany", "insert":
		return advice{"CREATE " + model + " " + arg, createProse}
	case "countDocuments", "count":
		return advice{"COUNT " + model + f.where(arg), "COUNT User WHERE … counts documents"}
	case "deleteOne", "deleteMany":
		if w := f.where(arg); w != "" {
			if verb == "deleteOne" {
				w += " LIMIT 1"
			}
			return advice{"DELETE " + model + w, deleteProse}
		}
	case "drop":
		return advice{"DROP MODEL " + model, dropProse}
	}
	return advice{prose: "FIND reads documents; CREATE, UPDATE and DELETE write them"}
}

// where converts { a: 1, b: 'x' } to a condition. Parts it cannot convert make
// the statement fail to parse, so it is not suggested.
func (f foreignText) where(object string) string {
	object = strings.TrimSpace(strings.Trim(strings.TrimSpace(object), "{}"))
	if object == "" {
		return ""
	}
	if strings.ContainsAny(object, "{[$") {
		return " WHERE"
	}
	parts := strings.Split(object, ",")
	for i, part := range parts {
		name, value, _ := strings.Cut(part, ":")
		parts[i] = strings.TrimSpace(name) + " = " + strings.TrimSpace(value)
	}
	return " WHERE " + strings.Join(parts, " AND ")
}
