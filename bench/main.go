package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"strings"

	"github.com/rql-lang/rql/bench/rig"
)

// options are the command-line options.
type options struct {
	url    string
	only   string
	rounds int
	large  bool
	search bool
	index  bool
	script bool
	scale  bool
	life   bool
	client bool
	dump   bool
	files  bool
	docs   int
	cpu    string
	json   string
	side   string
}

func main() { rig.Main("bench", run) }

// run is the program without exit.
func run(ctx context.Context, args []string, out io.Writer) (err error) {
	var o options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.StringVar(&o.url, "url", "", "server to measure on; empty starts a redis-server of its own")
	f.StringVar(&o.only, "only", "", "only figures whose name contains this text")
	f.IntVar(&o.rounds, "rounds", 41, "samples of each variant")
	f.BoolVar(&o.large, "large", false, "measure how FIND and COUNT grow with the number of documents")
	f.BoolVar(&o.search, "search", false, "measure what goes through Search, on -docs documents (200,000 unless told)")
	f.BoolVar(&o.index, "index", false, "measure what an index answers without documents, or with one of each value")
	f.BoolVar(&o.script, "scripts", false, "compare scripts with scripts by hand that check the same, by the time of the server")
	f.BoolVar(&o.scale, "scale", false, "measure what the sizes of partitions depend on: memory of a document, and how long keys take to move")
	f.BoolVar(&o.life, "life", false, "measure documents that end; with -large, -docs of them with random ends")
	f.BoolVar(&o.client, "client", false, "measure what rows cost the program that reads them into structs, in time and allocations")
	f.BoolVar(&o.dump, "dump", false, "measure a dump of -docs documents and running it, and compare the dumps before and after")
	f.BoolVar(&o.files, "files", false, "measure IMPORT and EXPORT of a CSV file of -docs records beside loops of pipelines")
	f.IntVar(&o.docs, "docs", 1000000, "documents of the largest model of -large, of -dump or of -files")
	f.StringVar(&o.cpu, "cpuprofile", "", "write a CPU profile to this file")
	f.StringVar(&o.json, "json", "", "write the figures to this file, for bench/report")
	f.StringVar(&o.side, "side", "", "run only the variant hand or rql, for profiles")
	if err := f.Parse(args); err != nil {
		return err
	}
	if o.url == "" {
		srv, err := rig.Start(ctx)
		if err != nil {
			return err
		}
		defer srv.Stop()
		o.url = srv.URL
	}
	if o.cpu != "" {
		w, err := os.Create(o.cpu)
		if err != nil {
			return fmt.Errorf("create the profile: %w", err)
		}
		defer w.Close()
		if err := pprof.StartCPUProfile(w); err != nil {
			return fmt.Errorf("start the profile: %w", err)
		}
		defer pprof.StopCPUProfile()
	}
	b, err := newBench(ctx, o.url)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := b.close(); err == nil {
			err = cerr
		}
	}()
	if o.search {
		if o.docs == 1000000 {
			o.docs = items
		}
		return b.search(ctx, o, out)
	}
	if o.index {
		return b.indexes(ctx, o, out)
	}
	if o.script {
		return b.scripts(ctx, o, out)
	}
	if o.scale {
		return b.scale(ctx, out)
	}
	if o.client {
		return b.client(ctx, o, out)
	}
	if o.life {
		return b.life(ctx, o, out)
	}
	if o.files {
		return b.transfer(ctx, o, out)
	}
	if o.dump {
		return b.restore(ctx, o, out)
	}
	if o.large {
		return b.growth(ctx, o, out)
	}
	return b.figures(ctx, o, out)
}

// title says what the figures are of.
func (o *options) title() string {
	switch {
	case o.index:
		return "Answers from an index"
	case o.search:
		return "Search"
	case o.life:
		return "Documents that expire"
	}
	return "Statements"
}

// wanted reports whether a figure is selected.
func (o *options) wanted(name string) bool {
	return o.only == "" || strings.Contains(strings.ToLower(name), strings.ToLower(o.only))
}
