// Package rqlotel records what a database does, by OpenTelemetry's semantic conventions for databases: a span for each
// call, and the metrics db.client.operation.duration and db.client.response.returned_rows.
//
//	hook, err := rqlotel.New()
//	db, err := rql.Open(ctx, url, rql.WithHook(hook))
//
// It is a module of its own, so that a program without it does not carry OpenTelemetry. Nothing that is recorded holds a
// value: the literals of texts are "?", and of an error only the code is kept.
package rqlotel

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/semconv/v1.41.0/dbconv"
	"go.opentelemetry.io/otel/trace"

	"github.com/rql-lang/rql"
)

// scope names what made the spans and metrics.
const scope = "github.com/rql-lang/rql/rqlotel"

// What the conventions have no name for.
const (
	// RoundTripsKey is the number of round trips of a call; of a text in a batch, those of the batch.
	RoundTripsKey = attribute.Key("rql.round_trips")
	// AffectedKey is the number of documents that were created, changed or deleted.
	AffectedKey = attribute.Key("rql.affected")
	// WarningsKey are the codes of the warnings of the last statement.
	WarningsKey = attribute.Key("rql.warnings")
)

// Option is an option of New; the functions that begin with With make one. The zero Option changes nothing.
type Option struct{ set func(*hook) }

// WithTracerProvider sets where spans go; the default is that of package otel.
func WithTracerProvider(p trace.TracerProvider) Option {
	return Option{func(h *hook) { h.traces = p }}
}

// WithMeterProvider sets where metrics go; the default is that of package otel.
func WithMeterProvider(p metric.MeterProvider) Option {
	return Option{func(h *hook) { h.meters = p }}
}

// WithNamespace sets db.namespace, on spans and metrics.
func WithNamespace(name string) Option {
	return Option{func(h *hook) { h.shared = append(h.shared, semconv.DBNamespace(name)) }}
}

// WithServer sets server.address and server.port, on spans and metrics. A port of 0 is left out.
func WithServer(address string, port int) Option {
	return Option{func(h *hook) {
		h.shared = append(h.shared, semconv.ServerAddress(address))
		if port != 0 {
			h.shared = append(h.shared, semconv.ServerPort(port))
		}
	}}
}

// WithoutText leaves db.query.text out of spans.
func WithoutText() Option { return Option{func(h *hook) { h.noText = true }} }

// New makes a hook for rql.WithHook. The error is that of a metric that the provider refuses.
func New(opts ...Option) (rql.Hook, error) {
	h := &hook{traces: otel.GetTracerProvider(), meters: otel.GetMeterProvider()}
	for _, o := range opts {
		if o.set != nil {
			o.set(h)
		}
	}
	h.tracer = h.traces.Tracer(scope, trace.WithSchemaURL(semconv.SchemaURL))
	meter := h.meters.Meter(scope, metric.WithSchemaURL(semconv.SchemaURL))
	var errs [2]error
	// The buckets are those that the conventions ask for.
	h.took, errs[0] = dbconv.NewClientOperationDuration(meter, metric.WithExplicitBucketBoundaries(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10))
	h.rows, errs[1] = dbconv.NewClientResponseReturnedRows(meter, metric.WithExplicitBucketBoundaries(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000))
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("rqlotel: %w", err)
	}
	return h, nil
}

// hook implements rql.Hook.
type hook struct {
	traces trace.TracerProvider
	meters metric.MeterProvider
	tracer trace.Tracer
	took   dbconv.ClientOperationDuration
	rows   dbconv.ClientResponseReturnedRows
	shared []attribute.KeyValue
	noText bool
}

// spanKey is that of a hook's own span in the context of a call: another hook may have begun one behind it.
type spanKey struct{ of *hook }

// Before begins the span.
func (h *hook) Before(ctx context.Context, e *rql.Event) context.Context {
	attrs := append([]attribute.KeyValue{semconv.DBSystemNameRedis}, h.shared...)
	if !h.noText {
		attrs = append(attrs, semconv.DBQueryText(e.Text))
	}
	if e.Batch > 1 {
		attrs = append(attrs, semconv.DBOperationBatchSize(e.Batch))
	}
	ctx, span := h.tracer.Start(ctx, "redis", trace.WithSpanKind(trace.SpanKindClient), trace.WithTimestamp(e.Start), trace.WithAttributes(attrs...))
	return context.WithValue(ctx, spanKey{h}, span)
}

// After ends the span, and records the metrics.
func (h *hook) After(ctx context.Context, e *rql.Event) {
	attrs := append([]attribute.KeyValue(nil), h.shared...)
	summary := strings.TrimSpace(e.Kind + " " + strings.Join(e.Models, " "))
	if e.Kind != "" {
		attrs = append(attrs, semconv.DBOperationName(e.Kind), semconv.DBQuerySummary(summary))
	}
	if len(e.Models) == 1 {
		attrs = append(attrs, semconv.DBCollectionName(e.Models[0]))
	}
	if e.Err != nil {
		attrs = append(attrs, semconv.ErrorTypeKey.String(errorType(e.Err)))
	}
	h.took.Record(ctx, e.Took.Seconds(), dbconv.SystemNameRedis, attrs...)
	if e.Err == nil {
		h.rows.Record(ctx, e.Rows, dbconv.SystemNameRedis, attrs...)
	}
	span, ok := ctx.Value(spanKey{h}).(trace.Span)
	if !ok || !span.IsRecording() {
		return
	}
	if summary != "" {
		span.SetName(summary)
	}
	span.SetAttributes(attrs...)
	span.SetAttributes(semconv.DBResponseReturnedRows(int(e.Rows)), RoundTripsKey.Int(e.RoundTrips), AffectedKey.Int64(e.Affected))
	if len(e.Warnings) > 0 {
		list := make([]string, len(e.Warnings))
		for i, w := range e.Warnings {
			list[i] = string(w.Code)
		}
		span.SetAttributes(WarningsKey.StringSlice(list))
	}
	if e.Err != nil {
		span.SetStatus(codes.Error, errorType(e.Err))
	}
	span.End(trace.WithTimestamp(e.Start.Add(e.Took)))
}

// errorType is the code of an error: its message may name values.
func errorType(err error) string {
	var e *rql.Error
	var check *rql.CheckError
	switch {
	case errors.As(err, &e):
		return string(e.Code)
	case errors.As(err, &check) && len(check.Errors) > 0:
		return string(check.Errors[0].Code)
	}
	return semconv.ErrorTypeOther.Value.AsString()
}
