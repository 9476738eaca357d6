package conn

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
)

// A round trip for several buckets of a cluster is a message to each node that has one of them. The nodes answer independently: one may be
// down, and a slot may be moving, while the others have done what they were asked. So what was certainly not executed is repeated for the
// bucket concerned alone, and every command has a reply or an error of its own.

// Message is what was sent to one node in a round trip.
type Message struct {
	Node     string // its address
	Commands int
	Took     time.Duration
}

// messenger is a Watcher that is told of the messages of wide round trips, by several goroutines.
type messenger interface{ Messaged(m Message) }

// Spreads reports whether round trips go to several nodes.
func (c *Conn) Spreads() bool { return c.wide && c.cluster != nil }

// Node returns the address of the node of a cluster that has the keys of the connection; "" if there is one server, or none is known.
func (c *Conn) Node(ctx context.Context) string {
	if c.cluster == nil {
		return ""
	}
	node, err := c.cluster.MasterForKey(ctx, c.Keys.Catalog())
	if err != nil {
		return ""
	}
	return node.Options().Addr
}

// keyOf returns the key by which a command finds its node.
func (c *Conn) keyOf(cmd redis.Cmder) string {
	args := argsOf(cmd)
	at := 1
	if name, _ := args[0].(string); strings.HasPrefix(name, "eval") {
		at = 3
	}
	if at < len(args) {
		switch key := args[at].(type) {
		case string:
			return key
		case *string:
			return *key
		}
	}
	return c.Keys.Catalog()
}

// argsOf returns the arguments of a command that is not being sent.
func argsOf(cmd redis.Cmder) []any {
	if w, ok := cmd.(*Write); ok {
		return w.Cmd.Args() // its own Args is for sending
	}
	return cmd.Args()
}

// toNode are the commands of a round trip that go to one node.
type toNode struct {
	client *redis.Client
	cmds   []redis.Cmder
	role   string // stands in front of its name
}

// byNode sorts commands by the nodes that have their keys. One whose node is not known has an error.
func (c *Conn) byNode(ctx context.Context, cmds []redis.Cmder, node func(ctx context.Context, key string) (*redis.Client, error)) (list []*toNode) {
	behind := last(cmds)
	if behind != nil {
		cmds = cmds[:len(cmds)-1]
	}
	at, tag := -1, "" // of the last command: those of a partition follow each other
	for _, cmd := range cmds {
		key := c.Keys.Catalog()
		if c.wide {
			key = c.keyOf(cmd)
		}
		if now := keyspace.TagOf(key); at < 0 || now != tag || now == "" {
			client, err := node(ctx, key)
			if err != nil {
				cmd.SetErr(err)
				at = -1
				continue
			}
			tag, at = now, slices.IndexFunc(list, func(m *toNode) bool { return m.client == client })
			if at < 0 {
				at = len(list)
				list = append(list, &toNode{client: client})
			}
		}
		list[at].cmds = append(list[at].cmds, cmd)
	}
	if behind != nil {
		behind.to(c, list)
	}
	return list
}

// spread sends commands to the nodes that have their keys, and those that follow redirections by the client of the cluster. The error is
// the first of theirs.
func (c *Conn) spread(ctx context.Context, cmds []redis.Cmder) error {
	if !c.nodes {
		if last(cmds) != nil { // the client does not say which nodes it asks
			cmds = cmds[:len(cmds)-1]
		}
		return pipelined(ctx, c.client.Pipeline(), cmds)
	}
	follow, direct := []redis.Cmder(nil), cmds
	if slices.ContainsFunc(cmds, isFollowing) {
		direct = nil
		for _, cmd := range cmds {
			if isFollowing(cmd) {
				follow = append(follow, cmd)
			} else {
				direct = append(direct, cmd)
			}
		}
	}
	c.messages(ctx, c.byNode(ctx, direct, c.cluster.MasterForKey))
	if len(follow) > 0 {
		_ = pipelined(ctx, c.cluster.Pipeline(), follow)
	}
	return firstRefusal(cmds)
}

// isFollowing reports whether the client of the cluster sends a command.
func isFollowing(cmd redis.Cmder) bool {
	if w, ok := cmd.(*Write); ok {
		return w.follow
	}
	_, is := cmd.(*redirected)
	return is
}

// messages sends to each node its commands.
func (c *Conn) messages(ctx context.Context, list []*toNode) {
	tell, _ := WatcherOf(ctx).(messenger)
	var group sync.WaitGroup
	for i, m := range list {
		if i > 0 {
			group.Go(func() { c.message(ctx, m, tell) })
		}
	}
	if len(list) > 0 {
		c.message(ctx, list[0], tell)
	}
	group.Wait()
}

// message sends the commands for a node.
func (c *Conn) message(ctx context.Context, m *toNode, tell messenger) {
	start := time.Now()
	all, noted := c.waiting(ctx, m.cmds)
	if err := pipelined(ctx, m.client.Pipeline(), all); err != nil && firstError(all) == nil {
		_ = failAll(all, err) // nothing was sent
	}
	noted()
	if tell != nil {
		tell.Messaged(Message{Node: m.role + m.client.Options().Addr, Commands: len(m.cmds), Took: time.Since(start)})
	}
}

// everywhere carries out a round trip for several buckets of a cluster: see Scatter. The error says that the context ended.
func (c *Conn) everywhere(ctx context.Context, cmds []redis.Cmder) error {
	for _, cmd := range cmds {
		if w, ok := cmd.(*Write); ok {
			w.among = len(cmds) > 1
		}
	}
	todo, sent := cmds, cmds
	for a := (attempts{c: c}); ; {
		a.start()
		if err := c.sendAll(ctx, sent, nil, false); err != nil && (isEnded(err) || firstError(todo) == nil) {
			return err
		}
		for _, cmd := range sent {
			if r, is := cmd.(*redirected); is {
				_ = r.asked()
			}
		}
		var reason error
		if todo, reason = a.undone(todo); len(todo) == 0 {
			return nil
		}
		if err := a.pauses(ctx, reason); err != nil {
			for _, cmd := range todo {
				cmd.SetErr(err)
			}
			return nil
		}
		if b := last(cmds); b != nil {
			b.again = true
		}
		sent = slices.Clone(todo) // the nodes may be others by now
		for i, cmd := range todo {
			cmd.SetErr(nil)
			if w, ok := cmd.(*Write); ok {
				w.again()
				w.among, w.follow = len(todo) > 1, c.waits == 0 // which only the node's own connection can be asked
			} else {
				sent[i] = &redirected{Unrepeated: Unrepeated{cmd}}
			}
		}
	}
}

// undone returns the commands to send again after an attempt, with the error of one of them: of reads all of a bucket, because the last
// one often checks that the replies to the others are valid.
func (a *attempts) undone(cmds []redis.Cmder) (todo []redis.Cmder, reason error) {
	broken := false
	reads := map[string]bool{}
	writes := map[redis.Cmder]bool{}
	for _, cmd := range cmds {
		err := cmd.Err()
		if err == nil || err == redis.Nil {
			continue
		}
		w, write := cmd.(*Write)
		a.write = write && MayHaveRun(w, err)
		again, broke := a.temporary(err)
		if !again {
			continue
		}
		broken = broken || broke
		if reason = err; write {
			writes[cmd] = true
		} else {
			reads[keyspace.TagOf(a.c.keyOf(cmd))] = true
		}
	}
	a.write = false
	if reason == nil {
		return nil, nil
	}
	if broken {
		a.broken++
	}
	for _, cmd := range cmds {
		if _, is := cmd.(*Behind); is {
			continue
		}
		if _, write := cmd.(*Write); writes[cmd] || !write && len(reads) > 0 && reads[keyspace.TagOf(a.c.keyOf(cmd))] {
			todo = append(todo, cmd)
		}
	}
	return todo, reason
}

// left returns the error of a round trip for several buckets that reads, where some commands were not answered.
func left(cmds []redis.Cmder) error {
	for _, cmd := range cmds {
		err := cmd.Err()
		if _, over := fail.As(err); over || IsConnection(err) {
			return ServerError(err, false, "")
		}
	}
	return nil
}
