package spec

import (
	"context"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// cell is how the models of a backend are stored and indexed: every MODEL that
// does not say it itself gets these options, and all else has to stay as it was.
type cell struct {
	json   bool
	able   bool   // the server has JSON
	every  int    // 2: of every other model only
	index  string // the word after INDEXED BY; "" says nothing
	search bool   // the server has Search
}

// cells are those that a server can have.
func cells(ctx context.Context, c *redis.Client) map[string]cell {
	json, search := testredis.HasJSON(ctx, c), testredis.HasSearch(ctx, c)
	out := map[string]cell{"redis": {}}
	if search {
		out["redis"] = cell{index: "NATIVE", search: true}
		out["search"] = cell{index: "SEARCH", search: true}
	}
	if json {
		out["json"] = cell{json: true, search: search}
		if search {
			out["json"] = cell{json: true, index: "NATIVE", search: true}
			out["json+search"] = cell{json: true, index: "SEARCH", search: true}
		}
	}
	for name, c := range out {
		c.able = json
		out[name] = c
	}
	return out
}

func (c cell) has(what string) bool {
	switch what {
	case "plan": // as the suites have it, of hashes and indexes of RQL's own
		return !c.json && c.index != "SEARCH"
	case "search":
		return c.search && c.index != "NATIVE"
	case "json":
		return c.able
	case "hash":
		return !c.json
	}
	return false
}

// words are the options that a model gets.
func (c cell) words(options []*lang.OptionDecl) string {
	said := func(kind string) bool {
		return slices.ContainsFunc(options, func(o *lang.OptionDecl) bool { return o.Kind == kind })
	}
	out := ""
	if c.json && !said("STORED") {
		out += storedWords
	}
	if c.index != "" && !said("INDEXED") {
		out += indexedWords + c.index
	}
	return out
}

const storedWords, indexedWords = " STORED AS JSON", " INDEXED BY "

// declared gives every MODEL of a text the options of the cell.
func (c cell) declared(text string) string {
	if !c.json && c.index == "" {
		return text
	}
	file := parser.Parse(lang.NewSource("", text))
	if file.Diags.Err() != nil {
		return text
	}
	for i, st := range slices.Backward(file.Stmts) {
		if m, ok := st.(*lang.ModelStmt); ok && (c.every < 2 || i%c.every == 0) {
			text = text[:m.Sp.End] + c.words(m.Options) + text[m.Sp.End:]
		}
	}
	return text
}

// result takes the words out of what SHOW says again.
func (c cell) result(r Result) Result {
	if r.Kind == "SHOW" {
		for _, row := range r.Rows {
			for i, v := range row {
				if s, ok := v.(string); ok {
					s = strings.ReplaceAll(s, storedWords, "")
					row[i] = strings.ReplaceAll(s, indexedWords+c.index, "")
				}
			}
		}
	}
	return r
}

// dropIndexes drops the Search indexes of a case.
func (c cell) dropIndexes(ctx context.Context, raw redis.UniversalClient, ours func(string) bool) error {
	if !c.search {
		return nil
	}
	return testredis.DropIndexes(ctx, raw, ours)
}
