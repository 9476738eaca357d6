package conn

import "github.com/redis/go-redis/v9"

// Server modes, as HELLO reports them.
const (
	modeCluster  = "cluster"
	modeSentinel = "sentinel"
)

// modeOf returns the server mode from the reply to HELLO; "" if the reply has none.
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
