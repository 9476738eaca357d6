// Command shop is a web service on RQL: a catalogue in pages, carts that expire,
// a checkout that is all or nothing and happens once however often it is sent,
// sessions, a rate limit, a list of what sells best, and a worker that sends the
// parcels. It is stopped by an interrupt, and ends what it has begun.
//
//	go run ./examples/shop                          the embedded server
//	go run ./examples/shop redis://localhost:6379   a Redis server
//
//	curl -d customer=ann localhost:8080/login
//	curl -b session=… -d product=p01 -d n=2 localhost:8080/cart
//	curl -b session=… -X POST -H 'Idempotency-Key: 1' localhost:8080/checkout
//
// The models are in models.rql, the statements in statements.rql. They are
// checked when the program starts.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	_ "github.com/rql-lang/rql/mem" // registers mem://
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "address of the service")
	flag.Parse()
	url := "mem://"
	if flag.NArg() > 0 {
		url = flag.Arg(0)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, url, *listen, slog.Default(), nil)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

// run serves until the context ends, and tells ready the address.
func run(ctx context.Context, url, listen string, log *slog.Logger, ready func(addr string)) (err error) {
	shop, err := OpenShop(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shop.Close()) }()
	if err := shop.Seed(ctx, catalogue()); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	worker := &Worker{Queue: shop, Lease: 30 * time.Second, Idle: 200 * time.Millisecond, Log: log,
		Pack: func(ctx context.Context, parcel string) error {
			log.InfoContext(ctx, "sent", "parcel", parcel)
			return nil
		}}
	server := &http.Server{Handler: Handler(shop, 600, log), ReadHeaderTimeout: 5 * time.Second}
	log.InfoContext(ctx, "the shop is open", "address", l.Addr().String())
	if ready != nil {
		ready(l.Addr().String())
	}
	return serve(ctx, server, l, worker)
}

// serve runs the server and the worker until the context ends or the server
// fails. Requests and the job at hand are completed; new ones are not taken.
func serve(ctx context.Context, server *http.Server, l net.Listener, worker *Worker) error {
	working, stop := context.WithCancel(ctx)
	defer stop()
	var tasks sync.WaitGroup
	tasks.Go(func() { worker.Run(working) })
	failed := make(chan error, 1)
	tasks.Go(func() { failed <- server.Serve(l) })
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err = server.Shutdown(ending)
	}
	stop()
	tasks.Wait()
	return err
}

// catalogue is what the shop sells at first.
func catalogue() []Product {
	names := []string{"Apron", "Bowl", "Candle", "Dish", "Espresso pot", "Fork", "Grater", "Honey jar", "Iron pan", "Juicer", "Kettle", "Ladle", "Mug", "Napkin"}
	out := make([]Product, len(names))
	for i, name := range names {
		out[i] = Product{ID: fmt.Sprintf("p%02d", i+1), Name: name, Price: 199 + 350*i, Stock: 100}
	}
	return out
}
