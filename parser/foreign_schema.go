package parser

import "strings"

const againProse = "write the whole MODEL again with the new field or index: RQL compares it with the one that is there and builds the index"

// schema turns CREATE TABLE and its like into statements about models.
func (f foreignText) schema(word string) (what string, a advice) {
	switch {
	case f.word(1, "TABLE"):
		switch word {
		case "CREATE":
			return "CREATE TABLE", advice{f.createTable(), "MODEL takes a name and { name type, … }, one field with KEY"}
		case "DROP":
			at := 2
			if f.word(2, "IF") {
				at = 4
			}
			return "DROP TABLE", advice{"DROP MODEL " + f.value(at), "DROP MODEL drops a model"}
		case "ALTER":
			return "ALTER TABLE", advice{prose: againProse}
		}
	case f.word(1, "TABLES") && word == "SHOW":
		return "SHOW TABLES", advice{statement: "SHOW MODELS"}
	case (word == "CREATE" || word == "DROP") && (f.word(1, "INDEX") || f.word(2, "INDEX")):
		kind := " INDEX"
		if f.word(1, "UNIQUE") {
			kind = " UNIQUE"
		}
		return word + kind, advice{prose: againProse}
	}
	return "", advice{}
}

// createTable turns the columns of CREATE TABLE into fields.
func (f foreignText) createTable() string {
	at := 2
	for f.word(at, "IF") || f.word(at, "NOT") || f.word(at, "EXISTS") {
		at++
	}
	columns := f.groups(at+1, len(f.tokens))
	if len(columns) == 0 {
		return ""
	}
	key := ""
	for _, c := range columns[0] {
		if parts := strings.FieldsFunc(c, func(r rune) bool { return strings.ContainsRune(" ()\t\n", r) }); len(parts) == 3 && strings.EqualFold(parts[0], "PRIMARY") {
			key = parts[2]
		}
	}
	fields := make([]string, 0, len(columns[0]))
	for _, c := range columns[0] {
		field := fieldOfColumn(c)
		if name, kind, _ := strings.Cut(field, " "); key != "" && name == key {
			field = name + " " + strings.TrimSuffix(kind, "?") + " KEY"
		}
		if field != "" {
			fields = append(fields, field)
		}
	}
	return "MODEL " + f.value(at) + " { " + strings.Join(fields, ", ") + " }"
}

// fieldOfColumn turns `name VARCHAR(20) NOT NULL UNIQUE` into a field, and a
// table constraint into nothing.
func fieldOfColumn(column string) string {
	parts := strings.Fields(column)
	if len(parts) < 2 || words(" PRIMARY FOREIGN UNIQUE CONSTRAINT CHECK KEY INDEX ").hasText(parts[0]) {
		return ""
	}
	kind, _, _ := strings.Cut(strings.ToLower(parts[1]), "(")
	rest := " " + strings.ToUpper(strings.Join(parts[2:], " ")) + " "
	field := parts[0] + " " + typeOfColumn(kind)
	key := strings.Contains(rest, " PRIMARY KEY ")
	if !key && !strings.Contains(rest, " NOT NULL ") {
		field += "?"
	}
	if key {
		field += " KEY"
	}
	if strings.Contains(rest, " UNIQUE ") {
		field += " UNIQUE"
	}
	return field
}

func typeOfColumn(kind string) string {
	switch kind {
	case "int", "integer", "smallint", "tinyint", "serial":
		return "int"
	case "bigint", "bigserial":
		return "int64"
	case "float", "real", "double", "decimal", "numeric":
		return "float"
	case "bool", "boolean":
		return "bool"
	case "date", "datetime", "timestamp", "timestamptz":
		return "datetime"
	case "json", "jsonb":
		return "json"
	case "blob", "bytea", "binary", "varbinary":
		return "bytes"
	}
	return "string"
}
