package importer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"golang.org/x/text/transform"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// sniffed is how many bytes of a file are looked at to find how it is written.
const sniffed = 256 << 10

// Sniff finds how a file of text is written: the encoding, and the character between cells, where they are not those that Open assumes.
func Sniff(name string) (lang.FileOptions, error) {
	var o lang.FileOptions
	kind := lang.FileKind(name)
	if kind != ".csv" && kind != ".tsv" {
		return o, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return o, nil // Open says what is wrong
	}
	defer f.Close()
	in, err := newInput(f, o)
	if err != nil {
		return o, nil // as above
	}
	text, err := io.ReadAll(io.LimitReader(in.Reader, sniffed))
	if err != nil {
		return o, fmt.Errorf("cannot read %s: %w", name, err)
	}
	whole := len(text) < sniffed
	if o.Encoding = encodingOf(text); o.Encoding != "" {
		r := bufio.NewReader(bytes.NewReader(text))
		if text, err = io.ReadAll(transform.NewReader(r, decoder(r, o.Encoding))); err != nil && !errors.Is(err, transform.ErrShortSrc) {
			return o, fmt.Errorf("cannot read %s: %w", name, err)
		}
	}
	usual := byte(',')
	if kind == ".tsv" {
		usual = '\t'
	}
	if found := delimiterOf(text, whole, usual); found != usual {
		o.Delimiter = found
	}
	return o, nil
}

// encodingOf returns the encoding of a text without a byte order mark; "" for UTF-8.
func encodingOf(text []byte) string {
	var zeros [2]int
	for i, b := range text {
		if b == 0 {
			zeros[i%2]++
		}
	}
	switch {
	case zeros[1] > len(text)/4:
		return "utf-16le"
	case zeros[0] > len(text)/4:
		return "utf-16be"
	}
	for len(text) > 0 { // the last character may be cut off
		r, n := utf8.DecodeRune(text)
		if r == utf8.RuneError && n == 1 {
			if len(text) < utf8.UTFMax && !utf8.FullRune(text) {
				return ""
			}
			return "windows-1252"
		}
		text = text[n:]
	}
	return ""
}

// delimiterOf returns the character that divides the most records of a text into as many cells as its header has, and into the most cells.
func delimiterOf(text []byte, whole bool, usual byte) byte {
	best, most, share := usual, 1, 0.0
	for _, d := range []byte{usual, ';', '\t', '|', ','} {
		r := newCells(bufio.NewReader(bytes.NewReader(text)), "", d)
		columns, good, all := 0, 0, 0
		for {
			record, err := r.record()
			var bad *exec.RecordError
			if err != nil && !errors.As(err, &bad) {
				break
			}
			if all++; all == 1 {
				columns = len(record)
			}
			if len(record) == columns {
				good++
			}
		}
		if !whole && all > 1 { // the last one is cut off
			all--
			good = min(good, all)
		}
		if columns < 2 {
			continue
		}
		if s := float64(good) / float64(all); s > share || s == share && columns > most {
			best, most, share = d, columns, s
		}
	}
	return best
}
