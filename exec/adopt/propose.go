package adopt

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/infer"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// Sampled is the number of documents on which a proposal is based.
const Sampled = infer.Sampled

// proposal is a model for documents with one pattern.
type proposal struct {
	ctx     context.Context
	c       *conn.Conn
	schema  *ir.Schema
	compile func(text string) (*ir.Model, error)

	name, pattern, key string
	json               bool // the documents are JSON values
	ids                []string
	other              int                 // names of keys of another type
	ends               int                 // documents that expire
	fields             map[string][]string // texts by field; for JSON documents, members as JSON
	targets            []infer.Target
}

var braces = regexp.MustCompile(`\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// Propose reads up to 1,000 documents with a pattern such as user:{id}, and writes a MODEL that fits all of them. compile checks
// the text of a model.
func Propose(ctx context.Context, c *conn.Conn, schema *ir.Schema, name, pattern string, compile func(string) (*ir.Model, error)) (string, error) {
	found := braces.FindAllStringSubmatch(pattern, -1)
	if len(found) != 1 {
		return "", fail.Errorf(lang.CodeBadModel, lang.Span{}, "the pattern %s does not have the key once in braces", lang.Quote(pattern)).
			WithHint("ADOPT 'user:{id}' AS " + name + "; ADOPT alone lists the patterns that there are")
	}
	p := &proposal{ctx: ctx, c: c, schema: schema, compile: compile, name: name, pattern: pattern, key: found[0][1], fields: map[string][]string{}}
	if err := p.find(); err != nil {
		return "", err
	}
	if len(p.ids) == 0 {
		return "", fail.Errorf(lang.CodeKeyNotFound, lang.Span{}, "no hash or JSON value has a name like %s", lang.Quote(c.Keys.Prefix+pattern)).
			WithHint("ADOPT alone lists the patterns that there are")
	}
	if err := p.refer(); err != nil {
		return "", err
	}
	return p.text()
}

// model returns the text of a MODEL with these fields.
func (p *proposal) model(fields string) string {
	return "MODEL " + p.name + " { " + fields + " }" + p.options()
}

func (p *proposal) options() string {
	stored := ""
	if p.json {
		stored = " STORED AS JSON"
	}
	return stored + " KEYS " + lang.Quote(p.pattern) + " WRITERS ANY"
}

// find reads hashes with such names or, if there are none, JSON values.
func (p *proposal) find() error {
	for _, p.json = range []bool{false, true} {
		if p.json && (len(p.ids) > 0 || !p.c.Can().JSON) {
			p.json = false
			return nil
		}
		p.other = 0
		m, err := p.compile(p.model(p.key + " string KEY"))
		if err != nil {
			return err
		}
		if err := p.sample(m); err != nil {
			return err
		}
	}
	return nil
}

// sample reads documents.
func (p *proposal) sample(m *ir.Model) error {
	names := document.NewNames(p.c, m)
	names.Other = func(string, string) { p.other++ }
	for !names.Done && len(p.ids) < Sampled {
		ids, err := names.Next(p.ctx)
		if err != nil {
			return err
		}
		ids = ids[:min(len(ids), Sampled-len(p.ids))]
		for some := range slices.Chunk(ids, 100) {
			var cmds []redis.Cmder
			for _, id := range some {
				key := p.c.Keys.Doc(m, id)
				cmds = append(cmds, p.read(key), redis.NewIntCmd(p.ctx, "pexpiretime", key))
			}
			if err := p.c.Pipeline(p.ctx, cmds); err != nil {
				return err
			}
			for i, id := range some {
				p.take(id, members(cmds[2*i]), cmds[2*i+1].(*redis.IntCmd).Val())
			}
		}
	}
	return nil
}

// read returns the command that reads a document.
func (p *proposal) read(key string) redis.Cmder {
	if p.json {
		return redis.NewStringCmd(p.ctx, "json.get", key)
	}
	return redis.NewMapStringStringCmd(p.ctx, "hgetall", key)
}

// members returns the fields of the document that a command has read: none if it no longer exists, or is not an object.
func members(cmd redis.Cmder) map[string]string {
	switch cmd := cmd.(type) {
	case *redis.MapStringStringCmd:
		return cmd.Val()
	case *redis.StringCmd:
		var raw map[string]json.RawMessage
		if json.Unmarshal([]byte(cmd.Val()), &raw) != nil {
			return nil
		}
		out := make(map[string]string, len(raw))
		for name, text := range raw {
			if string(text) != "null" {
				out[name] = string(text)
			}
		}
		return out
	}
	return nil
}

func (p *proposal) take(id string, fields map[string]string, end int64) {
	if fields == nil || len(fields) == 0 && !p.json { // deleted meanwhile
		return
	}
	p.ids = append(p.ids, id)
	if end > 0 {
		p.ends++
	}
	for name, text := range fields {
		p.fields[name] = append(p.fields[name], text)
	}
}

// refer reads keys of existing models, to which fields may refer.
func (p *proposal) refer() error {
	for _, name := range p.schema.Names() {
		m := p.schema.Model(name)
		list := redis.NewStringSliceCmd(p.ctx, "zrange", p.c.Keys.IDs(m), 0, Sampled-1)
		if err := p.c.Process(p.ctx, list); err != nil {
			return conn.ServerError(err, false, p.c.Keys.IDs(m))
		}
		t := infer.Target{Model: name, Keys: map[string]bool{}}
		if m.Suffix == "" {
			t.Prefix = m.Prefix
		}
		for _, member := range list.Val() {
			if id, err := codec.ParseKeyMember(member, m.Key.Type); err == nil {
				t.Keys[fmt.Sprint(id)] = true
			}
		}
		p.targets = append(p.targets, t)
	}
	return nil
}

// text returns the text of the proposal.
func (p *proposal) text() (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "-- of %d documents; ADOPT … APPLY checks all documents before it declares the model\n", len(p.ids))
	if p.other > 0 {
		fmt.Fprintf(&b, "-- %d keys with such a name have another type: they are not documents\n", p.other)
	}
	if p.ends > 0 {
		fmt.Fprintf(&b, "-- %d of them have an expiration of their own\n", p.ends)
	}
	fmt.Fprintf(&b, "MODEL %s {\n  %s %s KEY\n", p.name, p.key, p.keyType())
	for _, name := range slices.Sorted(maps.Keys(p.fields)) {
		if name == p.key {
			continue
		}
		line, err := p.field(name)
		if err != nil {
			return "", err
		}
		b.WriteString(line)
	}
	fmt.Fprintf(&b, "}%s\n", p.options())
	_, err := p.compile(b.String())
	return b.String(), err
}

// keyType returns the type that fits all keys.
func (p *proposal) keyType() string {
	t := infer.Texts(p.key, p.ids, len(p.ids), nil)
	if t.Text == "int" || t.Text == "int64" {
		return t.Text
	}
	return "string"
}

// field returns the line of one field, followed by a comment on what was found.
func (p *proposal) field(name string) (string, error) {
	texts := p.fields[name]
	if !infer.Plain(name) {
		return "  -- " + lang.Visible(name) + ": RQL has no such name; the field stays as it is\n", nil
	}
	t := p.infer(name, texts)
	if !p.fits(name, t, texts) {
		was := t
		t = infer.Type{Text: "string", Null: t.Null, Notes: append([]string{"or " + was.String()}, was.Notes...)}
		if !p.fits(name, t, texts) {
			t.Text = map[bool]string{false: "bytes", true: "json"}[p.json]
		}
		if !p.fits(name, t, texts) {
			return "  -- " + name + ": its values fit no type\n", nil
		}
	}
	return infer.Line(name, t.String(), t, texts, len(p.ids)), nil
}

func (p *proposal) infer(name string, texts []string) infer.Type {
	if p.json {
		return infer.Values(name, texts, len(p.ids), p.targets)
	}
	return infer.Texts(name, texts, len(p.ids), p.targets)
}

// fits reports whether a field of the type can be declared, and all texts fit it.
func (p *proposal) fits(name string, t infer.Type, texts []string) bool {
	m, err := p.compile(p.model(p.key + " string KEY, " + name + " " + t.String()))
	if err != nil {
		return false
	}
	c := m.Column(name)
	if c == nil {
		return false
	}
	reader := document.NewReader(m, []*ir.Column{c})
	for _, text := range texts {
		var stored any = text
		if p.json {
			stored = reader.Replied("{" + strconv.Quote(name) + ":" + text + "}")[0]
		}
		if _, err := document.StoredIn(c, stored); err != nil {
			return false
		}
	}
	return true
}
