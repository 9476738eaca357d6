package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

// What people write who know another query language, and the RQL that says it.

// foreignHead finds a statement of SQL that would parse as RQL and mean
// something else: DELETE FROM User is a model FROM and a key User.
func (p *parser) foreignHead(t *lexer.Token) *lang.Diag {
	second, third := p.peekAt(1), p.peekAt(2)
	if third.Type != tokWord || second.Type != tokWord || clauseWords.has(third) {
		return nil
	}
	switch {
	case is(t, "DELETE") && is(second, "FROM"),
		is(t, "CREATE") && (is(second, "TABLE") || is(second, "INDEX") || is(second, "UNIQUE") && is(third, "INDEX")):
		start := p.RawCursor()
		cp := p.MakeCheckpoint()
		p.recover(start, nil)
		tokens := p.Range(start, p.RawCursor())
		p.LoadCheckpoint(cp)
		return p.foreign(tokens)
	}
	return nil
}

const (
	blockWordsSQL words = " BEGIN START COMMIT ROLLBACK TRANSACTION MULTI EXEC DISCARD WATCH "
	otherQueries  words = " MATCH MERGE WITH UPSERT TRUNCATE DESCRIBE DESC REINDEX SELECT INSERT REPLACE "
	redisCommands words = " SET MGET MSET DEL HGET HSET HGETALL HMGET HDEL KEYS SCAN SADD SREM SMEMBERS ZADD ZRANGE LPUSH RPUSH LPOP RPOP LRANGE INCR INCRBY DECR EVAL TTL FLUSHDB "
)

// foreign looks at the tokens of a statement that is no RQL; nil when it is
// not known either.
func (p *parser) foreign(tokens []lexer.Token) *lang.Diag {
	t := &tokens[0]
	if t.Type != tokWord {
		return nil
	}
	f := foreignText{p, tokens}
	sp := spanOf(t)
	word := strings.ToUpper(t.Value)
	switch {
	case blockWordsSQL.has(t):
		return notRQL(sp, word, "ATOMIC < statement; statement > for what must happen together")
	case otherQueries.has(t):
		return notRQL(sp, word, f.query(word))
	case is(t, "DELETE") && f.word(1, "FROM"):
		return notRQL(sp.To(spanOf(&tokens[1])), "DELETE FROM", f.deleteFrom())
	case is(t, "CREATE"), is(t, "DROP"), is(t, "ALTER"), is(t, "SHOW"):
		if what, paste := f.schema(word); paste != "" {
			return notRQL(sp.To(spanOf(&tokens[1])), what, paste)
		}
	case redisCommands.has(t) && len(tokens) > 1 && !isSign(&tokens[1], "="):
		return notRQL(sp, "the Redis command "+word, "GET Model 'key', FIND Model WHERE … or UPDATE Model 'key' SET …")
	}
	return nil
}

// foreignText reads pieces of a statement's text.
type foreignText struct {
	p      *parser
	tokens []lexer.Token
}

func (f foreignText) word(i int, word string) bool {
	return i < len(f.tokens) && is(&f.tokens[i], word)
}

// name is the name at i, or Model.
func (f foreignText) name(i int) string {
	if i < len(f.tokens) && isName(&f.tokens[i]) {
		return f.tokens[i].Value
	}
	return "Model"
}

// find is the index of a word outside brackets from i on, or the end.
func (f foreignText) find(from int, word string) int {
	var r recovery
	for i := from; i < len(f.tokens); i++ {
		if r.brackets == 0 && f.word(i, word) {
			return i
		}
		r.count(&f.tokens[i], nil)
	}
	return len(f.tokens)
}

func (f foreignText) text(from, to int) string {
	if from >= to || from >= len(f.tokens) {
		return ""
	}
	return f.p.text(f.tokens[from:min(to, len(f.tokens))])
}

func (f foreignText) query(word string) string {
	switch word {
	case "SELECT":
		return f.selectFrom()
	case "INSERT", "REPLACE", "UPSERT":
		return f.insert(word)
	case "TRUNCATE":
		if f.word(1, "TABLE") {
			return "DELETE " + f.name(2) + " ALL"
		}
		return "DELETE " + f.name(1) + " ALL"
	case "DESCRIBE", "DESC":
		return "SHOW MODEL " + f.name(1)
	case "REINDEX":
		return "VERIFY " + f.name(1) + " REPAIR"
	case "MERGE":
		return "CREATE Model { … } ON CONFLICT SET …"
	case "WITH":
		return "LET name = FIND …; and use the name in the next statement"
	}
	return "FIND Model WHERE … RETURN …"
}

// selectFrom turns SELECT … FROM … into FIND or COUNT.
func (f foreignText) selectFrom() string {
	from := f.find(1, "FROM")
	if from == len(f.tokens) {
		return "FIND Model WHERE … RETURN " + strings.TrimSpace(f.text(1, from))
	}
	model := f.name(from + 1)
	if f.find(from, "JOIN") < len(f.tokens) {
		return "FIND " + model + " WHERE … RETURN …: a path such as team.name goes through a ref, without JOIN"
	}
	cuts := []int{f.find(from, "WHERE"), f.find(from, "GROUP"), f.find(from, "HAVING"), f.find(from, "ORDER"), f.find(from, "LIMIT"), f.find(from, "OFFSET"), len(f.tokens)}
	clause := func(n int) string {
		end := len(f.tokens)
		for _, c := range cuts {
			if c > cuts[n] {
				end = min(end, c)
			}
		}
		if s := f.text(cuts[n], end); s != "" {
			return " " + s
		}
		return ""
	}
	columns := f.columns(1, from)
	if columns == "count()" && cuts[1] == len(f.tokens) {
		return "COUNT " + model + clause(0)
	}
	if columns != "*" {
		columns = " RETURN " + columns
	} else {
		columns = ""
	}
	return "FIND " + model + clause(0) + clause(1) + clause(2) + columns + clause(3) + clause(4) + clause(5)
}

// columns is the list after SELECT, with count(*) as RQL says it.
func (f foreignText) columns(from, to int) string {
	var b strings.Builder
	last := from
	for i := from; i+3 < to; i++ {
		if f.word(i, "COUNT") && isSign(&f.tokens[i+1], "(") && isSign(&f.tokens[i+2], "*") && isSign(&f.tokens[i+3], ")") {
			b.WriteString(f.gap(last, i) + "count()")
			last = i + 4
		}
	}
	b.WriteString(f.gap(last, to))
	return strings.TrimSpace(b.String())
}

// gap is the text from the end of the token before i to the start of j.
func (f foreignText) gap(i, j int) string {
	if i >= j {
		return ""
	}
	start, end := f.tokens[i].Pos.Offset, endOf(&f.tokens[j-1])
	if isSign(&f.tokens[i-1], ")") {
		start = endOf(&f.tokens[i-1])
	}
	if j < len(f.tokens) {
		end = f.tokens[j].Pos.Offset
	}
	return f.p.src.Text[start:end]
}

// insert turns INSERT INTO t (a, b) VALUES (1, 2), … into CREATE.
func (f foreignText) insert(word string) string {
	verb := "CREATE "
	if word == "REPLACE" {
		verb = "PUT "
	}
	into := f.find(1, "INTO")
	at := into + 1
	if into == len(f.tokens) {
		at = 1
	}
	model := f.name(at)
	values := f.find(at, "VALUES")
	columns := f.groups(at+1, values)
	rows := f.groups(values+1, len(f.tokens))
	if len(columns) != 1 || len(rows) == 0 {
		return verb + model + " { name: value, … }"
	}
	docs := make([]string, 0, len(rows))
	for _, row := range rows {
		if len(row) != len(columns[0]) {
			return verb + model + " { name: value, … }"
		}
		var b strings.Builder
		for i, v := range row {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(columns[0][i] + ": " + v)
		}
		docs = append(docs, "{ "+b.String()+" }")
	}
	if len(docs) == 1 {
		return verb + model + " " + docs[0]
	}
	return verb + model + " [" + strings.Join(docs, ", ") + "]"
}

// groups are the texts in the parentheses between two tokens, cut at commas.
func (f foreignText) groups(from, to int) (out [][]string) {
	var r recovery
	start := 0
	for i := from; i < min(to, len(f.tokens)); i++ {
		t := &f.tokens[i]
		r.count(t, nil)
		switch {
		case isSign(t, "(") && r.brackets == 1:
			out = append(out, nil)
			start = i + 1
		case len(out) > 0 && (isSign(t, ",") && r.brackets == 1 || isSign(t, ")") && r.brackets == 0):
			out[len(out)-1] = append(out[len(out)-1], f.text(start, i))
			start = i + 1
		}
	}
	return out
}

func (f foreignText) deleteFrom() string {
	if rest := f.text(3, len(f.tokens)); rest != "" {
		return "DELETE " + f.name(2) + " " + rest
	}
	return "DELETE " + f.name(2) + " ALL"
}

// schema turns CREATE TABLE and its like into statements about models.
func (f foreignText) schema(word string) (what, paste string) {
	switch {
	case f.word(1, "TABLE"):
		switch word {
		case "CREATE":
			return "CREATE TABLE", f.createTable()
		case "DROP":
			return "DROP TABLE", "DROP MODEL " + f.name(2)
		case "ALTER":
			return "ALTER TABLE", "ALTER MODEL " + f.name(2) + " ADD FIELD name type"
		}
	case f.word(1, "TABLES") && word == "SHOW":
		return "SHOW TABLES", "SHOW MODELS"
	case word == "CREATE" && (f.word(1, "INDEX") || f.word(2, "INDEX")):
		on := f.find(1, "ON")
		kind := "INDEX"
		if f.word(1, "UNIQUE") {
			kind = "UNIQUE"
		}
		columns := "field"
		if g := f.groups(on, len(f.tokens)); len(g) == 1 {
			columns = strings.Join(g[0], ", ")
		}
		return "CREATE " + kind, "ALTER MODEL " + f.name(on+1) + " ADD " + kind + " (" + columns + ")"
	}
	return "", ""
}

// createTable turns the columns of CREATE TABLE into fields.
func (f foreignText) createTable() string {
	at := 2
	for f.word(at, "IF") || f.word(at, "NOT") || f.word(at, "EXISTS") {
		at++
	}
	columns := f.groups(at+1, len(f.tokens))
	if len(columns) == 0 {
		return "MODEL " + f.name(at) + " { name type, … }"
	}
	fields := make([]string, 0, len(columns[0]))
	for _, c := range columns[0] {
		if field := fieldOfColumn(c); field != "" {
			fields = append(fields, field)
		}
	}
	return "MODEL " + f.name(at) + " { " + strings.Join(fields, ", ") + " }"
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
