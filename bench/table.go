package main

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/rql-lang/rql/bench/rig"
)

// header prints the names of the columns.
func header(w io.Writer) {
	fmt.Fprintf(w, "%-44s %12s %12s %7s %13s %7s  %-7s %22s\n", "figure", "by hand", "RQL", "ratio", "quartiles", "target", "verdict", "server µs by hand, RQL")
}

// line prints one figure.
func line(w io.Writer, f *figure, r result) {
	verdict, target := "met", "≤ "+strconv.FormatFloat(f.target, 'f', -1, 64)
	switch {
	case f.target == 0:
		verdict, target = "", "" // nothing was asked of it
	case r.ratio > f.target:
		verdict = "MISSED"
	}
	fmt.Fprintf(w, "%-44s %12s %12s %7.2f %6.2f-%-6.2f %7s  %-7s %8s %8s %5.2f\n", f.name, round(r.hand), round(r.rql), r.ratio, r.low, r.high,
		target, verdict, micros(r.handServer), micros(r.rqlServer), r.rqlServer/r.handServer)
}

// round is the text of a rounded time.
func round(d time.Duration) string { return rig.Round(d).String() }

// micros prints microseconds with about three digits.
func micros(us float64) string {
	if us < 1000 {
		return strconv.FormatFloat(us, 'f', 1, 64)
	}
	return strconv.FormatFloat(us, 'f', 0, 64)
}
