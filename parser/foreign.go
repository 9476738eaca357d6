package parser

import (
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

// What people write who know another query language, and the RQL that says it.

// foreignHead finds a statement of SQL that would parse as RQL and mean
// something else: DELETE FROM User is a model FROM and a key User.
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
		return notRQL(sp, word, advice{prose: "what must happen together stands in ATOMIC < statement; statement >"})
	case otherQueries.has(t):
		return notRQL(sp, word, f.checked(f.query(word)))
	case is(t, "DELETE") && f.word(1, "FROM"):
		return notRQL(sp.To(spanOf(&tokens[1])), "DELETE FROM", f.checked(advice{f.deleteFrom(), "DELETE takes a model, and a key, WHERE or ALL"}))
	case is(t, "CREATE"), is(t, "DROP"), is(t, "ALTER"), is(t, "SHOW"):
		if what, a := f.schema(word); what != "" {
			return notRQL(sp.To(spanOf(&tokens[1])), what, f.checked(a))
		}
	case is(t, "USE") && len(tokens) == 2:
		return notRQL(sp, word, advice{prose: "the address names the database, redis://host/3; --ns and WithNamespace keep applications apart"})
	case is(t, "DB") && f.sign(1, ".") && len(tokens) > 4 && f.sign(3, "."):
		return notRQL(sp, "the Mongo shell", f.checked(f.mongo()))
	case redisCommands.has(t) && len(tokens) > 1 && !isSign(&tokens[1], "="):
		return notRQL(sp, "the Redis command "+word, f.checked(f.redis(word)))
	case is(t, "FLUSHALL"), is(t, "FLUSHDB"):
		return notRQL(sp, "the Redis command "+word, advice{prose: "DELETE with ALL empties one model"})
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

// advice is a statement to write instead, or, where there is none that would
// run, what to look for.
type advice struct{ statement, prose string }

// checked leaves out a statement that does not parse.
func (f foreignText) checked(a advice) advice {
	a.statement = f.p.suggest(a.statement)
	return a
}

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
		return advice{"DELETE " + f.value(at) + " ALL", "DELETE with ALL empties a model"}
	case "DESCRIBE", "DESC":
		at := 1
		if f.word(1, "TABLE") {
			at = 2
		}
		return advice{"SHOW MODEL " + f.value(at), "SHOW MODEL and a name shows a model"}
	case "REINDEX":
		return advice{"VERIFY " + f.value(1) + " REPAIR", "VERIFY with REPAIR makes the indexes of a model anew"}
	case "MERGE":
		return advice{prose: "CREATE with ON CONFLICT SET changes the document that is there already; PUT replaces it"}
	case "WITH":
		return advice{prose: "LET gives the result of a query a name for the statements behind it"}
	}
	return advice{prose: "FIND reads documents; a path such as team.name follows a ref"}
}

const findProse = "FIND reads documents: the model, then WHERE, RETURN, ORDER BY and LIMIT"

// selectFrom turns SELECT … FROM … into FIND or COUNT.
func (f foreignText) selectFrom() advice {
	from := f.find(1, "FROM")
	if from == len(f.tokens) {
		return advice{prose: "LET x = … computes a value; " + findProse}
	}
	switch {
	case f.find(from, "JOIN") < len(f.tokens) || f.sign(from+2, ","):
		return advice{prose: "a path such as team.name follows a ref, without JOIN; FETCH brings the whole document"}
	case f.find(from, "UNION") < len(f.tokens), f.find(from, "OVER") < len(f.tokens), f.find(1, "OVER") < from:
		return advice{prose: findProse}
	}
	model := f.value(from + 1)
	cuts := []int{f.find(from, "WHERE"), f.find(from, "GROUP"), f.find(from, "HAVING"), f.find(from, "ORDER"), f.find(from, "LIMIT"), f.find(from, "OFFSET"), len(f.tokens)}
	rest := from + 2 + f.aliasLen(from+1)
	if !slices.Contains(cuts, rest) {
		return advice{prose: findProse} // something that RQL has no clause for
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
	verb, prose := "CREATE ", "CREATE takes a model and a document { name: value }"
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
		verb, prose = "PUT ", "PUT takes a model and a whole document; CREATE with ON CONFLICT SET changes the one that is there"
	case f.word(1, "OR") && f.word(2, "IGNORE"), f.word(1, "IGNORE"):
		tail = " ON CONFLICT SKIP"
	}
	at := f.find(1, "INTO") + 1
	if at > len(f.tokens) {
		at = 1
	}
	columns, rows := f.groups(at+1, values), f.groups(values+1, end)
	if f.sign(2, "{") {
		return advice{verb + f.text(1, len(f.tokens)), prose}
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
			members[i] = columns[0][i] + ": " + v
		}
		docs = append(docs, "{ "+strings.Join(members, ", ")+" }")
	}
	doc := strings.Join(docs, ", ")
	if len(docs) > 1 {
		doc = "[" + doc + "]"
	}
	return advice{verb + f.value(at) + " " + doc + tail, prose}
}

// conflict turns ON CONFLICT … DO and ON DUPLICATE KEY UPDATE around.
func (f foreignText) conflict(at int) string {
	if f.find(at, "NOTHING") < len(f.tokens) {
		return " ON CONFLICT SKIP"
	}
	if f.dotted("EXCLUDED") {
		return " ON CONFLICT" // the values that were to be written have no name: no statement
	}
	update := f.find(at, "UPDATE")
	if f.word(update+1, "SET") {
		update++
	}
	return " ON CONFLICT SET " + f.rewrite(update+1, len(f.tokens))
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
	at := 3 + f.aliasLen(2)
	if rest := f.rewrite(at, len(f.tokens)); rest != "" {
		return "DELETE " + f.value(2) + " " + rest
	}
	return "DELETE " + f.value(2) + " ALL"
}
