package catalog

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// A namespace prefixes its keys with its name and a colon, and a model prefixes its documents' keys in the same way. So that
// neither mistakes the other's keys for its own, a namespace may not have the name of a model in the enclosing namespace; both
// sides check this. The name rql is reserved for RQL's own keys.

// free checks that no model of the enclosing namespace has the name of the connection's namespace.
func free(ctx context.Context, on *conn.Conn) error {
	name := on.Namespace()
	parts := strings.Split(name, ":")
	var cmds []redis.Cmder
	for i, model := range parts {
		if name != "" && model == "rql" {
			return &lang.Error{Code: lang.CodeNotAllowed, Statement: -1, Message: "a namespace cannot be called rql: RQL's own keys begin with it", Hint: "choose another name"}
		}
		around := keyspace.New(strings.Join(parts[:i], ":"))
		cmds = append(cmds, redis.NewBoolCmd(ctx, "hexists", around.Catalog(), "m:"+model), redis.NewBoolCmd(ctx, "hexists", around.Catalog(), "n:"+model))
	}
	if name == "" {
		return nil
	}
	if err := on.Pipeline(ctx, cmds); err != nil {
		return err
	}
	for i, c := range cmds {
		if i /= 2; c.(*redis.BoolCmd).Val() { // a user who may not ask gets no error
			return &lang.Error{Code: lang.CodeNotAllowed, Statement: -1, Hint: "choose another name",
				Message: "the namespace " + lang.Quote(name) + " lies among the documents of the model " + parts[i] + ", whose keys begin with " + strings.Join(parts[:i+1], ":") + ":"}
		}
	}
	return nil
}

// Apart checks that no namespace uses the key prefix of a new model.
func Apart(ctx context.Context, on *conn.Conn, m *ir.Model, sp lang.Span) error {
	if m.Suffix != "" {
		return nil
	}
	start := on.Keys.Prefix + m.Prefix
	cmd := redis.NewIntCmd(ctx, "hlen", start+"rql:catalog")
	if err := on.Process(ctx, cmd); conn.IsConnection(err) {
		return conn.ServerError(err, false, "")
	}
	if cmd.Val() == 0 {
		return nil
	}
	return fail.Errorf(lang.CodeNotAllowed, sp, "the documents of %s would lie among the keys of the namespace %s", m.Name, lang.Quote(strings.TrimSuffix(start, ":"))).
		WithHint("give the model another name")
}
