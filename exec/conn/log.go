package conn

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// clientLog is where the Redis client logs to. The client has one logger for
// the whole program, so it is the one that was given last.
var clientLog struct {
	once sync.Once
	to   atomic.Pointer[slog.Logger]
}

// logClient makes the Redis client log to l; nil leaves it as it is.
func logClient(l *slog.Logger) {
	if l == nil {
		return
	}
	clientLog.to.Store(l)
	clientLog.once.Do(func() { redis.SetLogger(clientLogger{}) })
}

// clientLogger passes on what the Redis client logs.
type clientLogger struct{}

// Printf logs a line.
func (clientLogger) Printf(ctx context.Context, format string, v ...any) {
	clientLog.to.Load().WarnContext(ctx, "redis: "+fmt.Sprintf(format, v...))
}
