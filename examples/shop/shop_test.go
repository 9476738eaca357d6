package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/rqltest"
)

var quiet = slog.New(slog.DiscardHandler)

// each runs a test on the shop of every server at hand.
func each(t *testing.T, test func(t *testing.T, s *Shop)) {
	t.Helper()
	models, err := os.ReadFile("models.rql")
	require.NoError(t, err)
	rqltest.Each(t, func(t *testing.T, db *rql.DB) {
		s, err := NewShop(t.Context(), db)
		require.NoError(t, err)
		require.NoError(t, s.Seed(t.Context(), catalogue()))
		test(t, s)
	}, string(models))
}

// client is a customer's browser.
type client struct {
	t       *testing.T
	handler http.Handler
	session string
}

// call makes a request with a form, reads the answer into out, and returns the status.
func (c *client) call(out any, method, path, key string, form ...string) int {
	c.t.Helper()
	values := url.Values{}
	for i := 0; i < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	r := httptest.NewRequestWithContext(c.t.Context(), method, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	if c.session != "" {
		r.AddCookie(&http.Cookie{Name: "session", Value: c.session})
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	if out != nil {
		if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
			c.t.Errorf("%s %s: %v in %s", method, path, err, w.Body)
		}
	}
	return w.Code
}

// login is the client of a customer.
func login(t *testing.T, h http.Handler, customer string) *client {
	t.Helper()
	c, got := &client{t: t, handler: h}, map[string]string{}
	if status := c.call(&got, "POST", "/login", "", "customer", customer); status != http.StatusOK {
		t.Errorf("login: %d %v", status, got)
	}
	c.session = got["session"]
	return c
}

// all are all pages of the catalogue.
func all(t *testing.T, s Store) (out []Product) {
	t.Helper()
	cursor := ""
	for {
		page, next, err := s.Products(t.Context(), 5, cursor)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page), 5)
		out = append(out, page...)
		if cursor = next; cursor == "" {
			return out
		}
	}
}

func TestHandlers(t *testing.T) {
	each(t, func(t *testing.T, s *Shop) {
		h := Handler(s, 1000, quiet)
		nobody := &client{t: t, handler: h}
		require.Equal(t, catalogue(), all(t, s))
		var page struct {
			Products []Product
			Next     string
		}
		require.Equal(t, http.StatusOK, nobody.call(&page, "GET", "/products", ""))
		require.Len(t, page.Products, 14)
		require.Empty(t, page.Next)
		require.Equal(t, http.StatusBadRequest, nobody.call(nil, "GET", "/products?after=rubbish", ""))
		require.Equal(t, http.StatusUnauthorized, nobody.call(nil, "GET", "/cart", ""))
		require.Equal(t, http.StatusBadRequest, nobody.call(nil, "POST", "/login", ""))
		require.Equal(t, http.StatusUnauthorized, (&client{t: t, handler: h, session: "made up"}).call(nil, "GET", "/cart", ""))

		ann := login(t, h, "ann")
		for _, bad := range []struct {
			status     int
			product, n string
		}{{http.StatusNotFound, "p99", "1"}, {http.StatusBadRequest, "p01", "x"}, {http.StatusBadRequest, "p01", "0"}, {http.StatusBadRequest, "p01", "101"}} {
			require.Equal(t, bad.status, ann.call(nil, "POST", "/cart", "", "product", bad.product, "n", bad.n), bad)
		}
		require.Equal(t, http.StatusConflict, ann.call(nil, "POST", "/checkout", "k"), "the cart is empty")
		require.Equal(t, http.StatusBadRequest, ann.call(nil, "POST", "/checkout", ""), "there is no key")
		for range 2 {
			require.Equal(t, http.StatusOK, ann.call(nil, "POST", "/cart", "", "product", "p02", "n", "3"))
		}
		require.Equal(t, http.StatusOK, ann.call(nil, "POST", "/cart", "", "product", "p01", "n", "1"))
		var cart []Line
		require.Equal(t, http.StatusOK, ann.call(&cart, "GET", "/cart", ""))
		want := []Line{{"p01", "Apron", 1, 199}, {"p02", "Bowl", 6, 6 * 549}}
		require.Equal(t, want, cart)

		var receipt, again Receipt
		require.Equal(t, http.StatusOK, ann.call(&receipt, "POST", "/checkout", "k"))
		require.Equal(t, 199+6*549, receipt.Total)
		require.Equal(t, http.StatusOK, ann.call(&again, "POST", "/checkout", "k"), "sent again")
		require.Equal(t, receipt, again)
		require.Equal(t, http.StatusConflict, ann.call(nil, "POST", "/checkout", "another"), "the cart is empty")
		var orders []Order
		require.Equal(t, http.StatusOK, ann.call(&orders, "GET", "/orders", ""))
		require.Len(t, orders, 1)
		require.Equal(t, receipt, orders[0].Receipt)
		require.Equal(t, want, orders[0].Lines)
		require.Equal(t, "paid", orders[0].State)
		var leaders []Leader
		require.Equal(t, http.StatusOK, ann.call(&leaders, "GET", "/leaders", ""))
		require.Equal(t, []Leader{{"p02", "Bowl", 6}, {"p01", "Apron", 1}}, leaders)

		require.Equal(t, http.StatusOK, ann.call(nil, "POST", "/cart", "", "product", "p02", "n", "95"))
		require.Equal(t, http.StatusConflict, ann.call(nil, "POST", "/checkout", "too much"), "94 are left")
		require.Equal(t, 94, all(t, s)[1].Stock)
	})
}

// A session that is used stays, a cart that is left alone does not, and a client may call again after a minute.
func TestTime(t *testing.T) {
	each(t, func(t *testing.T, s *Shop) {
		ann := login(t, Handler(s, 1000, quiet), "ann")
		require.Equal(t, http.StatusOK, ann.call(nil, "POST", "/cart", "", "product", "p01", "n", "1"))
		var cart []Line
		for _, lines := range []int{1, 1, 0} {
			require.NoError(t, s.db.Advance(t.Context(), 25*time.Minute))
			require.Equal(t, http.StatusOK, ann.call(&cart, "GET", "/cart", ""))
			require.Len(t, cart, lines)
		}
		require.NoError(t, s.db.Advance(t.Context(), 31*time.Minute))
		require.Equal(t, http.StatusUnauthorized, ann.call(nil, "GET", "/cart", ""))

		few := &client{t: t, handler: Handler(s, 3, quiet)}
		require.NoError(t, s.db.Advance(t.Context(), time.Hour))
		for _, status := range []int{200, 200, 200, 429, 429} {
			require.Equal(t, status, few.call(nil, "GET", "/leaders", ""))
		}
		require.NoError(t, s.db.Advance(t.Context(), 61*time.Second))
		require.Equal(t, http.StatusOK, few.call(nil, "GET", "/leaders", ""))
	})
}

// buy puts something into the customer's cart and checks out.
func buy(t *testing.T, s *Shop, customer string) Receipt {
	t.Helper()
	require.NoError(t, s.AddItem(t.Context(), customer, "p01", 1))
	r, err := s.Checkout(t.Context(), customer, "k")
	require.NoError(t, err)
	return r
}

// A job whose worker died is taken by another one when its lease ends, and the first cannot end it any more.
func TestLease(t *testing.T) {
	each(t, func(t *testing.T, s *Shop) {
		ctx, r := t.Context(), buy(t, s, "ann")
		first, ok, err := s.Claim(ctx, time.Minute)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, []any{r.ID, 1}, []any{first.Parcel, first.Taken})
		_, ok, err = s.Claim(ctx, time.Minute)
		require.NoError(t, err)
		require.False(t, ok)
		require.NoError(t, s.db.Advance(ctx, 61*time.Second))
		second, ok, err := s.Claim(ctx, time.Minute)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, Job{first.ID, first.Parcel, 2}, second)
		require.ErrorIs(t, s.Ship(ctx, first), rql.ErrEnsure)
		require.NoError(t, s.Ship(ctx, second))
		require.ErrorIs(t, s.Ship(ctx, second), rql.ErrEnsure, "it is done")
		orders, err := s.Orders(ctx, "ann")
		require.NoError(t, err)
		require.Equal(t, "shipped", orders[0].State)
	})
}

// A worker that is stopped completes its job and takes no other; one that fails leaves it to be taken again.
func TestWorkerStops(t *testing.T) {
	each(t, func(t *testing.T, s *Shop) {
		buy(t, s, "ann")
		buy(t, s, "bob")
		ctx, stop := context.WithCancel(t.Context())
		packed := 0
		w := &Worker{Queue: s, Lease: time.Minute, Idle: time.Millisecond, Log: quiet, Pack: func(work context.Context, _ string) error {
			packed++
			stop()
			return work.Err()
		}}
		w.Run(ctx)
		require.Equal(t, 1, packed)
		require.Equal(t, `[["paid",1],["shipped",1]]`, states(t, s))
		w.Pack = func(context.Context, string) error { return io.ErrUnexpectedEOF }
		require.False(t, w.one(t.Context()))
		require.NoError(t, s.db.Advance(t.Context(), 61*time.Second))
		w.Pack = func(context.Context, string) error { return nil }
		require.True(t, w.one(t.Context()))
		require.Equal(t, `[["shipped",2]]`, states(t, s))
	})
}

// states says how many orders are in which state.
func states(t *testing.T, s *Shop) string {
	t.Helper()
	res, err := s.db.Exec(t.Context(), `FIND Order GROUP BY state RETURN state, count() ORDER BY state`)
	require.NoError(t, err)
	text, err := json.Marshal(res.Rows)
	require.NoError(t, err)
	return string(text)
}

// Fifty callers buy more than there is: nothing is oversold, nothing is bought
// twice by a request that is sent twice, and every order is sent.
func TestRush(t *testing.T) {
	before := runtime.NumGoroutine()
	each(t, func(t *testing.T, s *Shop) {
		h := Handler(s, 1_000_000, quiet)
		working, stop := context.WithCancel(t.Context())
		var workers, callers sync.WaitGroup
		var shipped, sold, refused atomic.Int64
		for range 2 {
			w := &Worker{Queue: s, Lease: time.Minute, Idle: time.Millisecond, Log: quiet, Pack: func(context.Context, string) error {
				shipped.Add(1)
				return nil
			}}
			workers.Go(func() { w.Run(working) })
		}
		const rounds = 6
		for i := range 50 {
			callers.Go(func() {
				c := login(t, h, fmt.Sprintf("c%d", i))
				for k := range rounds {
					for _, product := range []string{"p01", fmt.Sprintf("p%02d", 2+(i+k)%13)} {
						if status := c.call(nil, "POST", "/cart", "", "product", product, "n", "1"); status != http.StatusOK {
							t.Errorf("put into the cart: %d", status)
						}
					}
					var receipts [2]Receipt
					var statuses [2]int
					var both sync.WaitGroup
					for j := range 2 { // sent twice at once
						both.Go(func() { statuses[j] = c.call(&receipts[j], "POST", "/checkout", fmt.Sprint(k)) })
					}
					both.Wait()
					switch {
					case statuses == [2]int{200, 200} && receipts[0] == receipts[1]:
						sold.Add(1)
					case statuses == [2]int{409, 409}:
						refused.Add(1)
					default:
						t.Errorf("%v %v", statuses, receipts)
					}
				}
			})
		}
		callers.Wait()
		require.Eventually(t, func() bool { return shipped.Load() >= sold.Load() }, time.Minute, time.Millisecond)
		stop()
		workers.Wait()
		require.Equal(t, sold.Load(), shipped.Load())
		require.Equal(t, fmt.Sprintf(`[["shipped",%d]]`, sold.Load()), states(t, s))
		require.NotZero(t, refused.Load(), "p01 was asked for 300 times, and there were 100")
		require.Zero(t, all(t, s)[0].Stock)
		orders, err := rql.Query[Order](t.Context(), s.db, `FIND Order RETURN id, total, state, at, lines`)
		require.NoError(t, err)
		bought := map[string]int{}
		for _, o := range orders {
			for _, l := range o.Lines {
				bought[l.Product] += l.N
			}
		}
		for _, p := range all(t, s) {
			require.Equal(t, 100, p.Stock+bought[p.ID], p.ID)
		}
	})
	settled(t, before)
}

// settled waits until there are no more goroutines than before.
func settled(t *testing.T, before int) {
	t.Helper()
	for range 2000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	stacks := make([]byte, 1<<20)
	t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
}

// The program serves, and stops without losing what was begun.
func TestRun(t *testing.T) {
	before := runtime.NumGoroutine()
	ctx, stop := context.WithCancel(t.Context())
	address, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- run(ctx, "mem://", "127.0.0.1:0", quiet, func(addr string) { address <- addr }) }()
	base := "http://" + <-address
	transport := &http.Transport{}
	browser := &http.Client{Transport: transport}
	r, err := browser.Get(base + "/products")
	require.NoError(t, err)
	text, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	require.NoError(t, r.Body.Close())
	require.Contains(t, string(text), `"name":"Apron"`)
	stop()
	require.NoError(t, <-ended)
	_, err = browser.Get(base + "/products")
	require.Error(t, err, "it is closed")
	transport.CloseIdleConnections()
	settled(t, before)

	require.Error(t, run(t.Context(), "", "127.0.0.1:0", quiet, nil), "there is no database")
	require.ErrorContains(t, run(t.Context(), "mem://", "nowhere:-1", quiet, nil), "listen")
}
