package parser

import (
	"strings"

	"github.com/rql-lang/rql/lang"
)

// redis turns a command about one key, model:id, into a statement.
func (f foreignText) redis(word string) advice {
	prose := advice{prose: "RQL reads with GET and FIND, and writes with CREATE, PUT, UPDATE and DELETE"}
	if len(f.tokens) < 4 || !f.sign(2, ":") {
		return prose
	}
	model, id := f.value(1), lang.Quote(f.value(3))
	switch word {
	case "HGETALL", "HMGET", "HGET":
		return advice{"GET " + model + " " + id, prose.prose}
	case "DEL":
		return advice{"DELETE " + model + " " + id, prose.prose}
	}
	return prose
}

// mongo turns db.model.find({…}) and its like into a statement.
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
		return advice{"CREATE " + model + " " + arg, "CREATE takes a model and a document { name: value }"}
	case "countDocuments", "count":
		return advice{"COUNT " + model + f.where(arg), "COUNT takes a model and WHERE"}
	case "deleteOne", "deleteMany":
		if w := f.where(arg); w != "" {
			if verb == "deleteOne" {
				w += " LIMIT 1"
			}
			return advice{"DELETE " + model + w, "DELETE takes a model, and a key, WHERE or ALL"}
		}
	case "drop":
		return advice{"DROP MODEL " + model, ""}
	}
	return advice{prose: "RQL reads with FIND, and writes with CREATE, UPDATE and DELETE"}
}

// where turns { a: 1, b: 'x' } into a condition; what it cannot turn makes a
// statement that does not parse, and so is not shown.
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
