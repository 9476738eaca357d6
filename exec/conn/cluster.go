package conn

import (
	"context"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/lang"
)

// useCluster adapts a connection after its first probe: on a cluster, it connects to all nodes and checks that the namespace is
// in braces. err is the error of the probe.
func (c *Conn) useCluster(ctx context.Context, mode, ns string, l *link, err error) error {
	if mode == modeSentinel {
		return &lang.Error{Code: lang.CodeConnection, Statement: -1, Message: "this is a Sentinel, not a database", Hint: "sentinel://host:26379?master=mymaster finds the primary that it watches"}
	}
	if mode != modeCluster {
		return err
	}
	name, bad := braced(ns)
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

// braced returns the namespace as a hash tag, in braces, so that keys that belong together are in one slot of a cluster.
func braced(ns string) (string, error) {
	switch {
	case ns == "":
		return "", &lang.Error{Code: lang.CodeNeeds, Statement: -1, Message: "this server is a cluster, where a database needs a namespace: keys that belong together must be in one slot",
			Hint: `?ns=shop in the URL, or WithNamespace("shop"): on a cluster it is {shop}`}
	case !strings.ContainsAny(ns, "{}"):
		ns = "{" + ns + "}"
	}
	if err := apart(ns); err != nil || keyspace.Braced(ns) != "" {
		return ns, err
	}
	return "", &lang.Error{Code: lang.CodeNeeds, Statement: -1, Message: "the namespace " + lang.Quote(ns) + " spreads over the slots of the cluster", Hint: "a cluster needs a namespace without braces, or with text in them: ?ns={shop}"}
}

// apart returns an error for a namespace whose keys would be those of a bucket of another.
func apart(ns string) error {
	if !keyspace.IsTag(keyspace.Braced(ns)) {
		return nil
	}
	return &lang.Error{Code: lang.CodeNotAllowed, Statement: -1, Message: "the namespace " + lang.Quote(ns) + " looks like a bucket of another namespace", Hint: "choose another name: the text in the braces may not end with a dot, digits and letters"}
}

// divide sets the number of buckets that the namespace gets when it needs some; 0: that which is usual.
func (c *Conn) divide(n int) error {
	switch c.buckets = n; {
	case n == 0:
		return nil
	case !keyspace.IsBuckets(n):
		return &lang.Error{Code: lang.CodeBadArgument, Statement: -1, Message: "the number of buckets is a power of two from 1 to " + strconv.Itoa(keyspace.MaxBuckets) + ", not " + strconv.Itoa(n)}
	case n > 1 && !c.Keys.Spreads():
		return &lang.Error{Code: lang.CodeBadArgument, Statement: -1, Message: "the namespace " + lang.Quote(c.Namespace()) + " has one bucket", Hint: "only a namespace in braces has more: ?ns={shop}; on a cluster the braces are implied"}
	}
	c.Keys.Divide(n)
	return nil
}

// Divided sets the number of buckets that the database has. It is an error if this connection asks for another.
func (c *Conn) Divided(n int) error {
	if c.buckets != 0 && c.buckets != n {
		return &lang.Error{Code: lang.CodeBadArgument, Statement: -1, Key: c.Keys.Catalog(), Message: "the database has " + strconv.Itoa(n) + " buckets, and this connection asks for " + strconv.Itoa(c.buckets),
			Hint: "the first MODEL with PARTITION BY has set their number; leave ?buckets= out"}
	}
	c.Keys.Divide(n)
	return nil
}
