package conn

import "github.com/redis/go-redis/v9"

// What HELLO calls the ways in which a server runs.
const (
	modeCluster  = "cluster"
	modeSentinel = "sentinel"
)

// modeOf reads the way in which a server runs from its answer to HELLO; "" where it says nothing.
func modeOf(hello *redis.Cmd) string {
	var mode any
	switch v := hello.Val().(type) {
	case map[any]any:
		mode = v["mode"]
	case []any:
		for i := 0; i+1 < len(v); i += 2 {
			if v[i] == "mode" {
				mode = v[i+1]
			}
		}
	}
	text, _ := mode.(string)
	return text
}
