package parser

import (
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

// Statements of other query languages, and their equivalents in RQL.

// foreignHead finds an SQL statement that would parse as RQL with another
// meaning: DELETE FROM User would name a model FROM and a key User.
func (p *parser) foreignHead(t *lexer.Token) *lang.Diag {
	second, third := p.peekAt(1), p.peekAt(2)
	if third.Type != tokWord || second.Type != tokWord || heads().clauses.has(third) {
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
		d := p.foreign(tokens)
		p.covers(d)
		return d
	}
	return nil
}

const (
	redisKeyed    words = " GET EXISTS EXPIRE PERSIST " // also verbs of RQL
	blockWordsSQL words = " BEGIN START COMMIT ROLLBACK TRANSACTION MULTI EXEC DISCARD WATCH "
	otherQueries  words = " MATCH MERGE WITH UPSERT TRUNCATE DESCRIBE DESC REINDEX SELECT INSERT REPLACE "
	redisCommands words = " SET MGET MSET DEL HGET HSET HGETALL HMGET HDEL KEYS SCAN SADD SREM SMEMBERS ZADD ZRANGE LPUSH RPUSH LPOP RPOP LRANGE INCR INCRBY DECR EVAL TTL "
)

// foreign examines the tokens of a statement that is not RQL; it returns nil if
// it recognizes no other language either.
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
		return f.notRQL(sp, word, advice{prose: "ATOMIC < statement; statement > runs statements as one transaction"})
	case otherQueries.has(t):
		return f.notRQL(sp, word, f.query(word))
	case is(t, "DELETE") && f.word(1, "FROM"):
		return f.notRQL(sp.To(spanOf(&tokens[1])), "DELETE FROM", advice{f.deleteFrom(2), deleteProse})
	case is(t, "DELETE") && f.sign(1, "*") && f.word(2, "FROM"):
		return f.notRQL(sp.To(spanOf(&tokens[2])), "DELETE * FROM", advice{f.deleteFrom(3), deleteProse})
	case is(t, "USE") && len(tokens) == 2:
		return f.notRQL(sp, word, advice{prose: "the database is part of the address, redis://host/3; --ns and WithNamespace separate applications"})
	case is(t, "DB") && f.sign(1, ".") && len(tokens) > 4 && f.sign(3, "."):
		return f.notRQL(sp, "the Mongo shell", f.mongo())
	case redisCommands.has(t) && len(tokens) > 1 && !isSign(&tokens[1], "="), redisKeyed.has(t) && f.sign(2, ":"):
		return f.notRQL(sp, "the Redis command "+word, f.redis(word))
	case is(t, "FLUSHALL"), is(t, "FLUSHDB"):
		return f.notRQL(sp, "the Redis command "+word, advice{prose: "DELETE User ALL deletes every document of one model"})
	}
	if what, sp, a := f.nearly(sp); what != "" {
		return f.notRQL(sp, what, a)
	}
	return nil
}

// nearly handles verbs of RQL followed by the syntax of another language.
func (f foreignText) nearly(sp lang.Span) (what string, at lang.Span, a advice) {
	word := strings.ToUpper(f.value(0))
	span := func(i int) lang.Span { return spanOf(&f.tokens[i]) }
	switch word {
	case "CREATE":
		if f.sign(2, "(") && f.find(1, "VALUES") < len(f.tokens) {
			return "VALUES", span(f.find(1, "VALUES")), f.insert("INSERT")
		}
		if f.word(1, "MODEL") {
			return "CREATE MODEL", sp.To(span(1)), advice{f.text(1, len(f.tokens)), "MODEL User { id string KEY, … } declares a model"}
		}
		what, a = f.schema(word)
	case "DROP", "ALTER", "SHOW":
		what, a = f.schema(word)
	case "FIND":
		if from := f.find(1, "FROM"); from < len(f.tokens) && from > 1 {
			return "FROM", span(from), f.selectFrom()
		}
		if join := f.find(1, "JOIN"); join < len(f.tokens) {
			return "JOIN", span(join), advice{prose: joinProse}
		}
	case "GET":
		if len(f.tokens) == 2 && isName(&f.tokens[1]) || len(f.tokens) > 2 && f.word(2, "WHERE") {
			return "GET without a key", sp, advice{"FIND " + f.rewrite(1, len(f.tokens)), "GET User 'id' reads one document by its key; FIND reads many"}
		}
	case "COUNT":
		if f.sign(1, "(") && f.sign(3, ")") && len(f.tokens) > 4 {
			return "COUNT()", sp, advice{"COUNT " + f.rewrite(4, len(f.tokens)), "COUNT User WHERE … counts documents"}
		}
	}
	if what != "" && len(f.tokens) > 1 {
		sp = sp.To(span(1))
	}
	return what, sp, a
}

const (
	deleteProse = "DELETE takes a model, then a key, WHERE … or ALL"
	joinProse   = "no JOIN is needed: a path such as team.name follows a ref, and FETCH team reads the whole document"
)

// foreignText gives access to the tokens of a statement and their text.
type foreignText struct {
	p      *parser
	tokens []lexer.Token
}

// word reports the token at i, which may lie outside the statement.
func (f foreignText) word(i int, word string) bool {
	return i >= 0 && i < len(f.tokens) && is(&f.tokens[i], word)
}

// find returns the index of the first such word outside brackets, starting at
// from, or the number of tokens.
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

// advice is a replacement statement or, if there is none that would run, a
// description of what to look for.
type advice struct{ statement, prose string }

func (f foreignText) query(word string) advice {
	switch word {
	case "SELECT":
		return f.selectFrom()
	case "INSERT", "REPLACE", "UPSERT":
		return f.insert(word)
	case "TRUNCATE":
		at := 1
		if f.word(1, "TABLE") {
			at = 2
		}
		return advice{"DELETE " + f.name(at) + " ALL", "DELETE User ALL deletes every document of a model"}
	case "DESCRIBE", "DESC":
		at := 1
		if f.word(1, "TABLE") {
			at = 2
		}
		return advice{"SHOW MODEL " + f.name(at), "SHOW MODEL User shows a model, SHOW MODELS all of them"}
	case "REINDEX":
		return advice{"VERIFY " + f.name(1) + " REPAIR", "VERIFY User REPAIR rebuilds the indexes of a model"}
	case "MERGE":
		return advice{prose: "CREATE … ON CONFLICT SET … updates an existing document; PUT replaces it"}
	case "WITH":
		return advice{prose: "LET x = FIND … names the result of a query for the statements after it"}
	}
	return advice{prose: "FIND reads documents; a path such as team.name follows a ref"}
}

const findProse = "the form is FIND User WHERE … GROUP BY … RETURN … ORDER BY … LIMIT …"

// selectFrom turns SELECT … FROM … into FIND or COUNT.
func (f foreignText) selectFrom() advice {
	from := f.find(1, "FROM")
	if from == len(f.tokens) {
		return advice{prose: "LET x = … computes a value; FIND User RETURN … reads documents"}
	}
	switch {
	case f.find(from, "JOIN") < len(f.tokens) || f.sign(from+2, ","):
		return advice{prose: joinProse}
	case f.find(from, "UNION") < len(f.tokens), f.find(from, "OVER") < len(f.tokens), f.find(1, "OVER") < from:
		return advice{prose: findProse}
	}
	model := f.name(from + 1)
	cuts := []int{f.find(from, "WHERE"), f.find(from, "GROUP"), f.find(from, "HAVING"), f.find(from, "ORDER"), f.find(from, "LIMIT"), f.find(from, "OFFSET"), len(f.tokens)}
	rest := from + 2 + f.aliasLen(from+1)
	if !slices.Contains(cuts, rest) {
		return advice{prose: findProse} // a clause with no equivalent in RQL
	}
	clause := func(n int) string {
		end := len(f.tokens)
		for _, c := range cuts {
			if c > cuts[n] {
				end = min(end, c)
			}
		}
		if s := f.rewrite(cuts[n], end); s != "" {
			return " " + s
		}
		return ""
	}
	columns := f.rewrite(1, from)
	if columns == "count()" && cuts[1] == len(f.tokens) {
		return advice{"COUNT " + model + clause(0), findProse}
	}
	if columns != "*" {
		columns = " RETURN " + columns
	} else {
		columns = ""
	}
	return advice{"FIND " + model + clause(0) + clause(1) + clause(2) + columns + clause(3) + clause(4) + clause(5), findProse}
}

// insert turns INSERT INTO t (a, b) VALUES (1, 2), … into CREATE or PUT.
func (f foreignText) insert(word string) advice {
	verb, prose := "CREATE ", createProse
	values := f.find(1, "VALUES")
	end := len(f.tokens)
	tail := ""
	if at := f.find(values, "ON"); at < end {
		tail, end = f.conflict(at), at
	} else if at := f.find(values, "RETURNING"); at < end {
		tail, end = " RETURN "+f.rewrite(at+1, end), at
	}
	switch {
	case word != "INSERT", f.word(1, "OR") && f.word(2, "REPLACE"):
		verb, prose = "PUT ", "PUT User { id: 'x', … } creates or replaces a document; CREATE … ON CONFLICT SET … updates an existing one"
	case f.word(1, "OR") && f.word(2, "IGNORE"), f.word(1, "IGNORE"):
		tail = " ON CONFLICT SKIP"
	}
	at := f.find(1, "INTO") + 1
	if at > len(f.tokens) || f.word(0, "CREATE") {
		at = 1
	}
	columns, rows := f.groups(at+1, values), f.groups(values+1, end)
	if f.sign(2, "{") {
		return advice{verb + f.rewrite(1, len(f.tokens)), prose}
	}
	if len(columns) != 1 || len(rows) == 0 {
		return advice{prose: prose}
	}
	docs := make([]string, 0, len(rows))
	for _, row := range rows {
		if len(row) != len(columns[0]) {
			return advice{prose: prose}
		}
		members := make([]string, len(row))
		for i, v := range row {
			members[i] = strings.Trim(columns[0][i], "`") + ": " + v
		}
		docs = append(docs, "{ "+strings.Join(members, ", ")+" }")
	}
	doc := strings.Join(docs, ", ")
	if len(docs) > 1 {
		doc = "[" + doc + "]"
	}
	return advice{verb + f.name(at) + " " + doc + tail, prose}
}

// conflict turns ON CONFLICT … DO and ON DUPLICATE KEY UPDATE around.
func (f foreignText) conflict(at int) string {
	if f.find(at, "NOTHING") < len(f.tokens) {
		return " ON CONFLICT SKIP"
	}
	if f.dotted("EXCLUDED") {
		return " ON CONFLICT" // the values to be written have no name in RQL: there is no equivalent
	}
	update := f.find(at, "UPDATE")
	if f.word(update+1, "SET") {
		update++
	}
	return " ON CONFLICT SET " + f.rewrite(update+1, len(f.tokens))
}

const createProse = "CREATE User { name: value, … } creates a document"

// groups returns the texts in the parentheses between two tokens, split at commas.
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
			out[len(out)-1] = append(out[len(out)-1], f.rewrite(start, i))
			start = i + 1
		}
	}
	return out
}

// deleteFrom returns the DELETE for the table at token i.
func (f foreignText) deleteFrom(i int) string {
	at := i + 1 + f.aliasLen(i)
	if rest := f.rewrite(at, len(f.tokens)); rest != "" {
		return "DELETE " + f.name(i) + " " + rest
	}
	return "DELETE " + f.name(i) + " ALL"
}
