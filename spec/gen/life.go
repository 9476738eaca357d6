package gen

import (
	"fmt"
	"time"
)

// Lives and steps of the clock are whole hours, so that it makes no difference how long a statement takes: an end that the
// judge, whose clock stands still, has at an instant has come on a server too, which began a little later. What ttl() gives is
// compared with half hours only.

// life is the TTL option of a model; "" for one without.
func (g *gen) life() string {
	return pick(g, "", "", " TTL 2h", " TTL 2h REFRESH ON WRITE", " TTL 3h REFRESH ON READ")
}

// hours is a life.
func (g *gen) hours() string { return pick(g, "1h", "2h", "3h", "5h", "null") }

// ttl is what stands behind n documents of CREATE, PUT or COPY.
func (g *gen) ttl(n int) string {
	switch {
	case !g.lives || g.chance(2):
		return ""
	case n == 2 && g.chance(2):
		return fmt.Sprintf(" TTL [%s, %s]", g.hours(), g.hours())
	case g.chance(10):
		return " TTL AT '2000-01-01'"
	}
	return " TTL " + g.hours()
}

// expire is EXPIRE or PERSIST.
func (g *gen) expire(m *model) string {
	target := g.target(m)
	switch g.n(4) {
	case 0:
		return "PERSIST " + m.name + " " + target
	case 1:
		if g.chance(2) {
			return "EXPIRE " + m.name + " " + target + " AT '2000-01-01'"
		}
	}
	return "EXPIRE " + m.name + " " + target + " AFTER " + pick(g, "1h", "2h", "4h")
}

// rest is a condition on how long a document has to live.
func (g *gen) rest() string {
	return pick(g, "ttl() IS NULL", "ttl() > 30m", "ttl() < 90m", "ttl() BETWEEN 90m AND 210m", "coalesce(ttl(), 0s) < 150m")
}

// clock is how far the clock moves before a step.
func (g *gen) clock() time.Duration {
	if !g.lives || !g.chance(4) {
		return 0
	}
	return time.Duration(1+g.n(3)) * time.Hour
}
