package conn

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// clientLog is the destination of the Redis client's log. The client has one logger per process, so the last one set is used.
var clientLog struct {
	once sync.Once
	to   atomic.Pointer[slog.Logger]
}

// logClient makes the Redis client log to l; nil changes nothing.
func logClient(l *slog.Logger) {
	if l == nil {
		return
	}
	clientLog.to.Store(l)
	clientLog.once.Do(func() { redis.SetLogger(clientLogger{}) })
}

// clientLogger forwards the log of the Redis client.
type clientLogger struct{}

// Printf writes one line. The client calls it in goroutines of its own, where a panic of the program's logger would end the program.
func (clientLogger) Printf(ctx context.Context, format string, v ...any) {
	defer func() { _ = recover() }()
	clientLog.to.Load().WarnContext(ctx, "redis: "+fmt.Sprintf(format, v...))
}
