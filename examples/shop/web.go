package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strconv"

	"github.com/rql-lang/rql"
)

// Store is what the handlers need of a shop.
type Store interface {
	Products(ctx context.Context, n int, cursor string) ([]Product, string, error)
	Leaders(ctx context.Context) ([]Leader, error)
	Login(ctx context.Context, customer string) (session string, err error)
	Customer(ctx context.Context, session string) (string, error)
	Calls(ctx context.Context, who string) (int, error)
	AddItem(ctx context.Context, customer, product string, n int) error
	Cart(ctx context.Context, customer string) ([]Line, error)
	Checkout(ctx context.Context, customer, key string) (Receipt, error)
	Orders(ctx context.Context, customer string) ([]Order, error)
}

// web serves a shop.
type web struct {
	shop  Store
	limit int // calls of one client in a minute
	log   *slog.Logger
}

// errTooMany is the refusal of the rate limit.
var errTooMany = errors.New("too many calls; wait a minute")

const pageSize = 20

// Handler serves a shop; a client may call it limit times in a minute.
func Handler(shop Store, limit int, log *slog.Logger) http.Handler {
	w := &web{shop: shop, limit: limit, log: log}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /products", w.answer(w.products))
	mux.HandleFunc("GET /leaders", w.answer(w.leaders))
	mux.HandleFunc("POST /login", w.answer(w.login))
	mux.HandleFunc("GET /cart", w.answer(w.customers(w.cart)))
	mux.HandleFunc("POST /cart", w.answer(w.customers(w.addItem)))
	mux.HandleFunc("POST /checkout", w.answer(w.customers(w.checkout)))
	mux.HandleFunc("GET /orders", w.answer(w.customers(w.orders)))
	return mux
}

// answer counts a call, and writes what it gives, or its error, as JSON.
func (w *web) answer(f func(*http.Request) (any, error)) http.HandlerFunc {
	return func(out http.ResponseWriter, r *http.Request) {
		client, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil {
			client = r.RemoteAddr
		}
		n, err := w.shop.Calls(r.Context(), client)
		var v any
		switch {
		case err != nil:
		case n > w.limit:
			err = errTooMany
		default:
			v, err = f(r)
		}
		status := http.StatusOK
		if err != nil {
			status = statusOf(err)
			if status >= http.StatusInternalServerError {
				w.log.ErrorContext(r.Context(), r.Method+" "+r.URL.Path, "error", err)
				err = errors.New(http.StatusText(status)) // what is wrong inside is not the customer's
			}
			v = map[string]string{"error": err.Error()}
		}
		out.Header().Set("Content-Type", "application/json")
		out.WriteHeader(status)
		if err := json.NewEncoder(out).Encode(v); err != nil {
			w.log.DebugContext(r.Context(), "the client has gone", "error", err)
		}
	}
}

// statusOf is the status of an error.
func statusOf(err error) int {
	for _, x := range []struct {
		err    error
		status int
	}{
		{ErrBadInput, http.StatusBadRequest}, {ErrNoSession, http.StatusUnauthorized}, {ErrNoProduct, http.StatusNotFound},
		{ErrSoldOut, http.StatusConflict}, {ErrEmptyCart, http.StatusConflict}, {errTooMany, http.StatusTooManyRequests},
		// Nobody knows what became of it: the client calls again, a checkout with the same key.
		{rql.ErrUnknown, http.StatusServiceUnavailable}, {rql.ErrNoConnection, http.StatusServiceUnavailable}, {rql.CodeCancelled, http.StatusServiceUnavailable},
	} {
		if errors.Is(err, x.err) {
			return x.status
		}
	}
	return http.StatusInternalServerError
}

// customers is a handler for those who have logged in.
func (w *web) customers(f func(r *http.Request, customer string) (any, error)) func(*http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		c, err := r.Cookie("session")
		if err != nil {
			return nil, ErrNoSession
		}
		customer, err := w.shop.Customer(r.Context(), c.Value)
		if err != nil {
			return nil, err
		}
		return f(r, customer)
	}
}

func (w *web) products(r *http.Request) (any, error) {
	list, next, err := w.shop.Products(r.Context(), pageSize, r.FormValue("after"))
	return struct {
		Products []Product `json:"products"`
		Next     string    `json:"next,omitempty"`
	}{list, next}, err
}

func (w *web) leaders(r *http.Request) (any, error) { return w.shop.Leaders(r.Context()) }

// login believes whoever says who he is: a real shop asks for a password.
func (w *web) login(r *http.Request) (any, error) {
	customer := r.FormValue("customer")
	if customer == "" {
		return nil, ErrBadInput
	}
	session, err := w.shop.Login(r.Context(), customer)
	return map[string]string{"session": session}, err
}

func (w *web) cart(r *http.Request, customer string) (any, error) {
	return w.shop.Cart(r.Context(), customer)
}

func (w *web) addItem(r *http.Request, customer string) (any, error) {
	n, err := strconv.Atoi(r.FormValue("n"))
	if err != nil {
		return nil, ErrBadInput
	}
	return nil, w.shop.AddItem(r.Context(), customer, r.FormValue("product"), n)
}

// checkout wants a key that the client has made: sent again, it buys nothing again.
func (w *web) checkout(r *http.Request, customer string) (any, error) {
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		return nil, ErrBadInput
	}
	return w.shop.Checkout(r.Context(), customer, key)
}

func (w *web) orders(r *http.Request, customer string) (any, error) {
	return w.shop.Orders(r.Context(), customer)
}
