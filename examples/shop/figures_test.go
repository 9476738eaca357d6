package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/internal/testredis"
)

// both is what a shop does.
type both interface {
	Store
	Queue
}

// sides are the shop and the one by hand, on a server of their own.
func sides(t testing.TB) map[string]both {
	t.Helper()
	url, client := testredis.Start(t)
	s, err := OpenShop(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	h := &Hand{client}
	for _, seed := range []func(context.Context, []Product) error{s.Seed, h.Seed} {
		products := catalogue()
		for i := range products {
			products[i].Stock = 1_000_000
		}
		require.NoError(t, seed(t.Context(), products))
	}
	return map[string]both{"rql": s, "hand": h}
}

// Both sides do the same, or comparing them would mean nothing.
func TestHandDoesTheSame(t *testing.T) {
	for name, s := range sides(t) {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			require.Len(t, all(t, s), 14)
			require.ErrorIs(t, s.AddItem(ctx, "ann", "p99", 1), ErrNoProduct)
			require.ErrorIs(t, s.AddItem(ctx, "ann", "p01", 101), ErrBadInput)
			_, err := s.Checkout(ctx, "ann", "k")
			require.ErrorIs(t, err, ErrEmptyCart)
			require.NoError(t, s.AddItem(ctx, "ann", "p02", 3))
			require.NoError(t, s.AddItem(ctx, "ann", "p01", 1))
			cart, err := s.Cart(ctx, "ann")
			require.NoError(t, err)
			require.Equal(t, []Line{{"p01", "Apron", 1, 199}, {"p02", "Bowl", 3, 3 * 549}}, cart)
			r, err := s.Checkout(ctx, "ann", "k")
			require.NoError(t, err)
			require.Equal(t, 199+3*549, r.Total)
			again, err := s.Checkout(ctx, "ann", "k")
			require.NoError(t, err)
			require.Equal(t, r, again)
			leaders, err := s.Leaders(ctx)
			require.NoError(t, err)
			require.Equal(t, []Leader{{"p02", "Bowl", 3}, {"p01", "Apron", 1}}, leaders)
			j, ok, err := s.Claim(ctx, time.Minute)
			require.NoError(t, err)
			require.True(t, ok)
			require.NoError(t, s.Ship(ctx, j))
			require.Error(t, s.Ship(ctx, j))
			orders, err := s.Orders(ctx, "ann")
			require.NoError(t, err)
			require.Equal(t, []any{"shipped", cart, r}, []any{orders[0].State, orders[0].Lines, orders[0].Receipt})
			session, err := s.Login(ctx, "ann")
			require.NoError(t, err)
			customer, err := s.Customer(ctx, session)
			require.NoError(t, err)
			require.Equal(t, "ann", customer)
			_, err = s.Customer(ctx, "made up")
			require.ErrorIs(t, err, ErrNoSession)
		})
	}
}

// lines counts the lines of files that are neither empty nor comments.
func lines(t testing.TB, names ...string) int {
	t.Helper()
	n := 0
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for s := bufio.NewScanner(bytes.NewReader(text)); s.Scan(); {
			if line := strings.TrimSpace(s.Text()); line != "" && !strings.HasPrefix(line, "//") && !strings.HasPrefix(line, "--") {
				n++
			}
		}
	}
	return n
}

// BenchmarkHandlers prints, for each request, the median time by RQL and by hand,
// taken by turns, and the lines that both are: go test -run '^$' -bench . -benchtime 1000x
func BenchmarkHandlers(b *testing.B) {
	shops := sides(b)
	type caller struct {
		shop    both
		handler http.Handler
		cookie  *http.Cookie
		took    []time.Duration
	}
	call := func(c *caller, method, path string, form url.Values, key string) {
		r := httptest.NewRequestWithContext(b.Context(), method, path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Idempotency-Key", key)
		r.AddCookie(c.cookie)
		w := httptest.NewRecorder()
		begun := time.Now()
		c.handler.ServeHTTP(w, r)
		c.took = append(c.took, time.Since(begun))
		if w.Code != http.StatusOK {
			b.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
	}
	item := url.Values{"product": {"p03"}, "n": {"1"}}
	keys := 0
	for _, x := range []struct {
		name   string
		before func(c *caller) error
		do     func(c *caller)
	}{
		{"products", nil, func(c *caller) { call(c, "GET", "/products", nil, "") }},
		{"leaders", nil, func(c *caller) { call(c, "GET", "/leaders", nil, "") }},
		{"login", nil, func(c *caller) { call(c, "POST", "/login", url.Values{"customer": {"ann"}}, "") }},
		{"cart", nil, func(c *caller) { call(c, "GET", "/cart", nil, "") }},
		{"checkout", func(c *caller) error {
			return c.shop.AddItem(b.Context(), "ann", "p03", 1)
		}, func(c *caller) { call(c, "POST", "/checkout", nil, fmt.Sprint(keys)) }},
		{"addition", func(c *caller) error { // to an empty cart
			keys++
			_, err := c.shop.Checkout(b.Context(), "ann", fmt.Sprint(keys))
			return err
		}, func(c *caller) { call(c, "POST", "/cart", item, "") }},
		{"worker", func(c *caller) error {
			keys++
			if err := c.shop.AddItem(b.Context(), "ann", "p03", 1); err != nil {
				return err
			}
			_, err := c.shop.Checkout(b.Context(), "ann", fmt.Sprint(keys))
			return err
		}, func(c *caller) {
			begun := time.Now()
			j, _, err := c.shop.Claim(b.Context(), time.Minute)
			if err == nil {
				err = c.shop.Ship(b.Context(), j)
			}
			c.took = append(c.took, time.Since(begun))
			if err != nil {
				b.Fatal(err)
			}
		}},
		{"orders", nil, func(c *caller) { call(c, "GET", "/orders", nil, "") }},
	} {
		b.Run(x.name, func(b *testing.B) {
			callers := map[string]*caller{}
			for name, s := range shops {
				session, err := s.Login(b.Context(), "ann")
				require.NoError(b, err)
				callers[name] = &caller{shop: s, handler: Handler(s, 1<<50, quiet), cookie: &http.Cookie{Name: "session", Value: session}}
				require.NoError(b, s.AddItem(b.Context(), "ann", "p03", 1))
			}
			for b.Loop() {
				keys++
				for _, name := range []string{"rql", "hand"} {
					c := callers[name]
					if x.before != nil {
						if err := x.before(c); err != nil {
							b.Fatal(err)
						}
					}
					x.do(c)
				}
			}
			median := func(name string) float64 {
				took := callers[name].took
				slices.Sort(took)
				return float64(took[len(took)/2].Nanoseconds()) / 1000
			}
			b.ReportMetric(median("rql"), "rql-µs")
			b.ReportMetric(median("hand"), "hand-µs")
			b.ReportMetric(median("rql")/median("hand"), "rql/hand")
			b.ReportMetric(0, "ns/op")
		})
	}
	b.Run("lines", func(b *testing.B) {
		for b.Loop() {
		}
		b.ReportMetric(float64(lines(b, "store.go", "models.rql", "statements.rql")), "rql-lines")
		b.ReportMetric(float64(lines(b, "hand_test.go")), "hand-lines")
		b.ReportMetric(0, "ns/op")
	})
}
