package testredis

import (
	"context"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// slots is the number of slots of a cluster.
const slots = 16384

// Cluster is Run for a cluster: first the primaries, which share all slots,
// then the replicas, assigned to the primaries in turn. They also listen on the
// loopback interface (Addr). A script that touches keys of two slots fails
// there, even on a single node.
func Cluster(t testing.TB, primaries, replicas int, args ...string) []*Server {
	t.Helper()
	return KindOf("redis").Cluster(t, primaries, replicas, args...)
}

// Cluster starts a cluster of servers of this kind.
func (k Kind) Cluster(t testing.TB, primaries, replicas int, args ...string) []*Server {
	t.Helper()
	var out []*Server
	for i := range primaries + replicas {
		port, bus := freePort(t), freePort(t)
		s := k.Run(t, append([]string{"--cluster-enabled", "yes", "--bind", "127.0.0.1", "--port", port, "--cluster-port", bus,
			"--repl-diskless-sync", "no"}, args...)...)
		s.Addr, s.id = "127.0.0.1:"+port, s.Do("CLUSTER", "MYID").(string)
		if i < primaries {
			s.Do("CLUSTER", "ADDSLOTSRANGE", i*slots/primaries, (i+1)*slots/primaries-1)
			s.Do("CLUSTER", "SET-CONFIG-EPOCH", i+1)
		}
		for _, known := range out[:min(i, 1)] {
			known.Do("CLUSTER", "MEET", "127.0.0.1", port, bus)
		}
		out = append(out, s)
	}
	for _, s := range out {
		s.await("the cluster does not get ready", func() bool { return s.complete(len(out), primaries) })
	}
	for i, s := range out[primaries:] {
		s.Do("CLUSTER", "REPLICATE", out[i%primaries].id)
	}
	for i, s := range out[:primaries] {
		s.await("a replica does not get ready", func() bool { return s.online((replicas + primaries - 1 - i) / primaries) })
	}
	return out
}

// complete reports whether a node of a cluster knows all others and serves.
func (s *Server) complete(nodes, primaries int) bool {
	info, _ := s.Do("CLUSTER", "INFO").(string)
	return strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:"+strconv.Itoa(nodes)+"\r") &&
		strings.Contains(info, "cluster_size:"+strconv.Itoa(primaries)+"\r")
}

// await waits until a condition is true.
func (s *Server) await(what string, holds func() bool) {
	s.t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatal(what)
		}
	}
}

// ResetStats makes servers count their commands anew.
func ResetStats(servers []*Server) {
	for _, s := range servers {
		s.Do("CONFIG", "RESETSTAT")
	}
}

// Slot returns the slot of a key.
func (s *Server) Slot(key string) int { return int(s.Do("CLUSTER", "KEYSLOT", key).(int64)) }

// Owner returns the node that serves a slot.
func Owner(nodes []*Server, slot int) *Server {
	for _, shard := range nodes[0].Client.ClusterShards(context.Background()).Val() {
		if !slices.ContainsFunc(shard.Slots, func(r redis.SlotRange) bool { return r.Start <= int64(slot) && int64(slot) <= r.End }) {
			continue
		}
		for _, of := range shard.Nodes {
			for _, n := range nodes {
				if of.Role == "master" && n.id == of.ID {
					return n
				}
			}
		}
	}
	return nil
}

// Elsewhere returns a node that does not serve a slot, of the first two.
func Elsewhere(nodes []*Server, slot int) *Server {
	if Owner(nodes, slot) == nodes[0] {
		return nodes[1]
	}
	return nodes[0]
}

// Motion is a slot being moved from one node to another key by key, as
// resharding does before Redis 8.4 and Valkey 9.
type Motion struct {
	Slot     int
	From, To *Server
	keys     []string // that are still at From
}

// Begin marks a slot as moving to a node. Its keys will move in random order.
func Begin(nodes []*Server, slot int, to *Server, random *rand.Rand) *Motion {
	m := &Motion{Slot: slot, From: Owner(nodes, slot), To: to}
	to.Do("CLUSTER", "SETSLOT", slot, "IMPORTING", m.From.id)
	m.From.Do("CLUSTER", "SETSLOT", slot, "MIGRATING", to.id)
	m.list(random)
	return m
}

// list returns the keys that have not moved yet.
func (m *Motion) list(random *rand.Rand) {
	m.keys = nil
	for _, k := range m.From.Do("CLUSTER", "GETKEYSINSLOT", m.Slot, 1<<20).([]any) {
		m.keys = append(m.keys, k.(string))
	}
	random.Shuffle(len(m.keys), func(i, j int) { m.keys[i], m.keys[j] = m.keys[j], m.keys[i] })
}

// Last makes a key the last one that moves.
func (m *Motion) Last(key string) {
	if i := slices.Index(m.keys, key); i >= 0 {
		m.keys = append(slices.Delete(m.keys, i, i+1), key)
	}
}

// Left is the number of keys that have not moved yet.
func (m *Motion) Left() int { return len(m.keys) }

// Move moves n keys, ten in each MIGRATE as redis-cli does.
func (m *Motion) Move(n int) {
	for n = min(n, len(m.keys)); n > 0; {
		k := min(n, 10)
		host, port, _ := net.SplitHostPort(m.To.Addr)
		args := []any{"MIGRATE", host, port, "", 0, 60000, "KEYS"}
		for _, key := range m.keys[:k] {
			args = append(args, key)
		}
		m.From.Do(args...)
		m.keys, n = m.keys[k:], n-k
	}
}

// End moves the remaining keys, including those created meanwhile, and assigns
// the slot to its new node.
func (m *Motion) End(nodes []*Server, random *rand.Rand) {
	for m.list(random); len(m.keys) > 0; m.list(random) {
		m.Move(len(m.keys))
	}
	for _, s := range append([]*Server{m.To, m.From}, nodes...) {
		if err := s.Client.Do(context.Background(), "CLUSTER", "SETSLOT", m.Slot, "NODE", m.To.id).Err(); err != nil && !strings.Contains(err.Error(), "only with masters") {
			s.t.Fatal(err) // replicas learn of it from their primary
		}
	}
	// The next owner of a slot takes an epoch above those that it knows. If the
	// slot moved on before all nodes know this owner, two nodes would claim it
	// with the same epoch, and one of them would delete its keys.
	epoch := m.To.epoch("cluster_my_epoch")
	for _, s := range nodes {
		s.await("a node does not hear of the new owner", func() bool { return s.epoch("cluster_current_epoch") >= epoch })
	}
}

// epoch returns a number of CLUSTER INFO.
func (s *Server) epoch(name string) int {
	_, rest, _ := strings.Cut(s.Do("CLUSTER", "INFO").(string), name+":")
	text, _, _ := strings.Cut(rest, "\r")
	n, err := strconv.Atoi(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}
