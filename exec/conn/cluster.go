package conn

import (
	"context"
	"strings"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/lang"
)

// useCluster adapts a connection after its first probe: on a cluster, it connects to all nodes and checks that the namespace is
// in one slot. err is the error of the probe.
func (c *Conn) useCluster(ctx context.Context, mode, ns string, l *link, err error) error {
	if mode == modeSentinel {
		return &lang.Error{Code: lang.CodeConnection, Statement: -1, Message: "this is a Sentinel, not a database", Hint: "sentinel://host:26379?master=mymaster finds the primary that it watches"}
	}
	if mode != modeCluster {
		return err
	}
	name, bad := inOneSlot(ns)
	if bad != nil {
		return bad
	}
	if name == ns && l.cluster == nil {
		return err
	}
	c.Keys = keyspace.New(name)
	if l.cluster != nil {
		whole := l.cluster()
		c.use(whole)
		_, err := c.probe(ctx)
		if !unreachable(err) {
			_ = l.close()
			return err
		}
		// The nodes may have addresses that are not reachable from here, as behind a tunnel. The node that was reached may be
		// enough.
		_ = whole.close()
		c.use(l)
	}
	_, err = c.probe(ctx)
	return err
}

// unreachable reports whether err is an error of the connection.
func unreachable(err error) bool {
	x, ok := fail.As(err)
	return ok && x.Code == lang.CodeConnection
}

// inOneSlot returns the namespace as a hash tag, in braces, so that all its keys are in one slot of a cluster.
func inOneSlot(ns string) (string, error) {
	before, rest, braced := strings.Cut(ns, "{")
	tag, _, closed := strings.Cut(rest, "}")
	switch {
	case ns == "":
		return "", &lang.Error{Code: lang.CodeNeeds, Statement: -1, Message: "this server is a cluster, where a database needs a namespace: all its keys must be in one slot",
			Hint: `?ns=shop in the URL, or WithNamespace("shop"): on a cluster it is {shop}`}
	case !braced && !strings.Contains(before, "}"):
		return "{" + ns + "}", nil
	case closed && tag != "":
		return ns, nil
	}
	return "", &lang.Error{Code: lang.CodeNeeds, Statement: -1, Message: "the namespace " + lang.Quote(ns) + " spreads over the slots of the cluster", Hint: "a cluster needs a namespace without braces, or with text in them: ?ns={shop}"}
}
