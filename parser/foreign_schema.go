package parser

import "strings"

const (
	againProse = "write the whole MODEL again with the new field or index: RQL compares it with the stored one and builds the index"
	dropProse  = "DROP MODEL User drops a model without documents, DROP MODEL User ALL one with its documents"
)

// schema rewrites CREATE TABLE and similar statements as statements about
// models.
func (f foreignText) schema(word string) (what string, a advice) {
	second := strings.ToUpper(f.value(1))
	switch {
	case second == "TABLE" && word == "CREATE":
		return "CREATE TABLE", advice{f.createTable(), "MODEL User { id string KEY, name string, age int? } declares a model"}
	case second == "TABLE" && word == "DROP":
		at := 2
		if f.word(2, "IF") {
			at = 4
		}
		return "DROP TABLE", advice{"DROP MODEL " + f.name(at), dropProse}
	case second == "TABLE" && word == "ALTER":
		return "ALTER TABLE", advice{prose: againProse}
	case (word == "CREATE" || word == "DROP") && (second == "INDEX" || f.word(2, "INDEX")):
		kind := " INDEX"
		if second == "UNIQUE" {
			kind = " UNIQUE"
		}
		return word + kind, advice{prose: againProse}
	case word == "CREATE" && second == "VIEW":
		return "CREATE VIEW", advice{prose: "PROCEDURE gives a statement a name, and CALL runs it"}
	case word == "DROP" && (second == "DATABASE" || second == "SCHEMA"):
		return word + " " + second, advice{prose: dropProse}
	case word == "DROP" && len(f.tokens) <= 3 && isName(&f.tokens[len(f.tokens)-1]) && !words(" MODEL PROCEDURE ").hasText(second):
		return "DROP " + f.value(1), advice{"DROP MODEL " + f.text(1, len(f.tokens)), dropProse}
	case word == "SHOW":
		return f.showSchema(second)
	}
	return "", advice{}
}

func (f foreignText) showSchema(second string) (what string, a advice) {
	prose := "SHOW MODELS lists the models, SHOW MODEL User shows one"
	switch {
	case second == "TABLES", second == "COLLECTIONS", second == "MODEL" && len(f.tokens) == 2:
		return "SHOW " + second, advice{"SHOW MODELS", prose}
	case second == "DATABASES", second == "SCHEMAS":
		return "SHOW " + second, advice{prose: "SHOW MODELS lists the models of this database; the address chooses another, redis://host/3"}
	case second == "CREATE" && f.word(2, "TABLE"):
		return "SHOW CREATE", advice{"SHOW MODEL " + f.name(3), prose}
	case second == "INDEX", second == "INDEXES", second == "COLUMNS":
		at := f.find(2, "FROM") + 1
		if at < len(f.tokens) {
			return "SHOW " + second, advice{"SHOW MODEL " + f.name(at), prose}
		}
		return "SHOW " + second, advice{prose: prose}
	}
	return "", advice{}
}

// createTable converts the columns of CREATE TABLE to fields.
func (f foreignText) createTable() string {
	at := 2
	for f.word(at, "IF") || f.word(at, "NOT") || f.word(at, "EXISTS") {
		at++
	}
	if !f.sign(at+1, "(") {
		return ""
	}
	var fields, keys []string
	for _, c := range f.columns(at + 2) {
		if is(&c.tokens[0], "PRIMARY") && c.word(1, "KEY") {
			keys = c.list(2)
		}
	}
	for _, c := range f.columns(at + 2) {
		if field := c.field(keys); field != "" {
			fields = append(fields, field)
		}
	}
	return "MODEL " + f.name(at) + " { " + strings.Join(fields, ", ") + " }"
}

// columns returns the tokens between commas, from token i to the closing
// bracket.
func (f foreignText) columns(i int) (out []foreignText) {
	depth, start := 0, i
	for ; i < len(f.tokens); i++ {
		switch {
		case f.sign(i, "("):
			depth++
		case f.sign(i, ")") && depth > 0:
			depth--
		case depth == 0 && (f.sign(i, ",") || f.sign(i, ")")):
			if i > start {
				out = append(out, foreignText{f.p, f.tokens[start:i]})
			}
			if f.sign(i, ")") {
				return out
			}
			start = i + 1
		}
	}
	return out
}

// list returns the (a, b) at token i without the parentheses.
func (f foreignText) list(i int) (out []string) {
	for ; i < len(f.tokens) && !f.sign(i, ")"); i++ {
		if !f.sign(i, "(") && !f.sign(i, ",") {
			out = append(out, f.name(i))
		}
	}
	return out
}

// field converts `name VARCHAR(20) NOT NULL UNIQUE` to a field, and UNIQUE and
// CHECK of the table to lines of the model; other constraints are dropped.
func (f foreignText) field(keys []string) string {
	if f.word(0, "CONSTRAINT") && len(f.tokens) > 3 {
		return foreignText{f.p, f.tokens[2:]}.field(keys)
	}
	switch strings.ToUpper(f.value(0)) {
	case "UNIQUE", "INDEX", "KEY":
		word, names := strings.Replace(strings.ToUpper(f.value(0)), "KEY", "INDEX", 1), f.list(f.bracket(1))
		if len(names) == 0 {
			return ""
		}
		return word + " (" + strings.Join(names, ", ") + ")"
	case "CHECK":
		return "CHECK " + f.rewrite(1, len(f.tokens))
	case "PRIMARY", "FOREIGN":
		return ""
	}
	if len(f.tokens) < 2 {
		return ""
	}
	name := f.name(0)
	key := f.find(2, "PRIMARY") < len(f.tokens) || len(keys) == 1 && keys[0] == name
	field := name + " " + typeOfColumn(strings.ToLower(f.value(1)))
	if at := f.find(2, "REFERENCES"); at+1 < len(f.tokens) {
		field = name + " ref<" + f.name(at+1) + ">"
	}
	if !key && f.find(2, "NOT") == len(f.tokens) {
		field += "?"
	}
	if key {
		field += " KEY"
	}
	if f.find(2, "UNIQUE") < len(f.tokens) {
		field += " UNIQUE"
	}
	return field + f.defaultOf() + f.checkOf()
}

// bracket returns the index of the next ( from token i on.
func (f foreignText) bracket(i int) int {
	for i < len(f.tokens) && !f.sign(i, "(") {
		i++
	}
	return i
}

const columnWords words = " NOT NULL UNIQUE PRIMARY CHECK REFERENCES DEFAULT COLLATE ON COMMENT AUTO_INCREMENT GENERATED CONSTRAINT "

// clauseOf returns the tokens that follow a word of a column definition, up to
// the next such word.
func (f foreignText) clauseOf(word string) string {
	from := f.find(2, word) + 1
	if from >= len(f.tokens) {
		return ""
	}
	to := from + 1
	depth := 0
	for i := from; i < len(f.tokens); i++ {
		switch {
		case f.sign(i, "("):
			depth++
		case f.sign(i, ")"):
			depth--
		case depth == 0 && i > from && columnWords.has(&f.tokens[i]):
			return f.rewrite(from, i)
		}
		to = i + 1
	}
	return f.rewrite(from, to)
}

func (f foreignText) defaultOf() string {
	text := f.clauseOf("DEFAULT")
	switch strings.ToUpper(text) {
	case "", "NULL":
		return ""
	case "CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP()", "CURRENT_DATE":
		text = "now()"
	case "GEN_RANDOM_UUID()", "UUID_GENERATE_V4()":
		text = "uuid()"
	}
	return " DEFAULT " + text
}

func (f foreignText) checkOf() string {
	text := f.clauseOf("CHECK")
	if text == "" {
		return ""
	}
	return " CHECK " + text
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
