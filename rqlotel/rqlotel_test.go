package rqlotel

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/rql-lang/rql"
	_ "github.com/rql-lang/rql/mem"
)

// watched is a database with a hook, and what that recorded.
func watched(t *testing.T, opts ...Option) (*rql.DB, *tracetest.SpanRecorder, *sdkmetric.ManualReader) {
	t.Helper()
	spans, reader := tracetest.NewSpanRecorder(), sdkmetric.NewManualReader()
	hook, err := New(append([]Option{
		WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))),
		WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))),
	}, opts...)...)
	require.NoError(t, err)
	db, err := rql.Open(t.Context(), "mem://", rql.WithHook(hook))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	_, err = db.Exec(t.Context(), `MODEL User { id string KEY, name string UNIQUE }`)
	require.NoError(t, err)
	return db, spans, reader
}

func attributes(list []attribute.KeyValue) map[string]any {
	out := map[string]any{}
	for _, a := range list {
		out[string(a.Key)] = a.Value.AsInterface()
	}
	return out
}

func TestSpans(t *testing.T) {
	db, spans, _ := watched(t, WithNamespace("shop"), WithServer("db.example.com", 6379))
	_, err := db.Exec(t.Context(), `CREATE User { id: 'secret1', name: $name }`, rql.Args{"name": "secret2"})
	require.NoError(t, err)
	_, err = db.Exec(t.Context(), `CREATE User { id: 'secret3', name: 'secret2' }`)
	require.ErrorIs(t, err, rql.ErrUnique)
	_, err = db.Exec(t.Context(), `FIND Usr`)
	require.Error(t, err)

	list := spans.Ended()
	require.Len(t, list, 4) // with that of MODEL
	s := list[1]
	require.Equal(t, "CREATE User", s.Name())
	require.Equal(t, trace.SpanKindClient, s.SpanKind())
	require.Equal(t, codes.Unset, s.Status().Code)
	require.True(t, s.EndTime().After(s.StartTime()))
	is := attributes(s.Attributes())
	require.Equal(t, map[string]any{
		"db.system.name": "redis", "db.namespace": "shop", "server.address": "db.example.com", "server.port": int64(6379),
		"db.query.text": "CREATE User { id : ? , name : $name }", "db.query.summary": "CREATE User", "db.operation.name": "CREATE",
		"db.collection.name": "User", "db.response.returned_rows": int64(1), "rql.affected": int64(1), "rql.round_trips": is["rql.round_trips"],
	}, is)
	require.Positive(t, is["rql.round_trips"])
	require.Equal(t, codes.Error, list[2].Status().Code)
	require.Equal(t, "unique", attributes(list[2].Attributes())["error.type"])
	require.Equal(t, "unknown-model", attributes(list[3].Attributes())["error.type"])
	for _, s := range list {
		for _, a := range s.Attributes() {
			require.NotContains(t, a.Value.String(), "secret")
		}
		require.NotContains(t, s.Status().Description+s.Name(), "secret")
		require.Empty(t, s.Events())
	}
}

// The span is a child of the caller's; those of a batch say how many are sent together.
func TestParentsAndBatches(t *testing.T) {
	db, spans, _ := watched(t, WithoutText())
	ctx, parent := sdktrace.NewTracerProvider().Tracer("test").Start(t.Context(), "request")
	b := db.Batch()
	first := rql.Queue[int](b, `COUNT User`)
	second := rql.Queue[int](b, `COUNT User`)
	require.NoError(t, b.Send(ctx))
	_, err := first.Get()
	require.NoError(t, err)
	_, err = second.Get()
	require.NoError(t, err)
	list := spans.Ended()[1:]
	require.Len(t, list, 2)
	for _, s := range list {
		require.Equal(t, parent.SpanContext().SpanID(), s.Parent().SpanID())
		is := attributes(s.Attributes())
		require.Equal(t, int64(2), is["db.operation.batch.size"])
		require.NotContains(t, is, "db.query.text")
	}
}

func TestMetrics(t *testing.T) {
	db, _, reader := watched(t, WithNamespace("shop"))
	for range 3 {
		_, err := db.Exec(t.Context(), `FIND User WHERE name = 'secret'`)
		require.NoError(t, err)
	}
	var data metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(t.Context(), &data))
	found := map[string]uint64{}
	for _, m := range data.ScopeMetrics[0].Metrics {
		switch h := m.Data.(type) {
		case metricdata.Histogram[float64]:
			require.Equal(t, "s", m.Unit)
			for _, p := range h.DataPoints {
				if op, _ := p.Attributes.Value("db.operation.name"); op.AsString() == "FIND" {
					found[m.Name] += p.Count
				}
				for _, a := range p.Attributes.ToSlice() {
					require.False(t, strings.Contains(a.Value.String(), "secret") || a.Key == "db.query.text")
				}
			}
		case metricdata.Histogram[int64]:
			for _, p := range h.DataPoints {
				if op, _ := p.Attributes.Value("db.operation.name"); op.AsString() == "FIND" {
					found[m.Name] += p.Count
				}
			}
		}
	}
	require.Equal(t, map[string]uint64{"db.client.operation.duration": 3, "db.client.response.returned_rows": 3}, found)
}
