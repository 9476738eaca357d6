package wire

import (
	"cmp"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// names replaces what differs from run to run by names, in order of appearance.
type names struct {
	clock func() time.Time
	mark  map[string]string // value → name
	value map[string]string // name → value
}

func newNames(clock func() time.Time) names {
	return names{clock, map[string]string{}, map[string]string{}}
}

var (
	varying = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|\d+`)
	named   = regexp.MustCompile(`⟨(?:now|uuid)-\d+⟩`)
)

// near is how far from now an instant is taken for the present.
const near = 2 * time.Minute

// hide names what a command holds.
func (n *names) hide(text string) string {
	return varying.ReplaceAllStringFunc(text, func(s string) string {
		kind := "uuid"
		if !strings.Contains(s, "-") {
			if kind = "now"; !n.present(s) {
				return s
			}
		}
		if m, ok := n.mark[s]; ok {
			return m
		}
		m := fmt.Sprintf("⟨%s-%d⟩", kind, len(n.mark)+1)
		n.mark[s], n.value[m] = m, s
		return m
	})
}

// present reports milliseconds since 1970 that are close to now.
func (n *names) present(digits string) bool {
	if len(digits) != 13 {
		return false
	}
	ms, err := strconv.ParseInt(digits, 10, 64)
	d := n.clock().Sub(time.UnixMilli(ms))
	return err == nil && d < near && d > -near
}

// line writes a command as recordings have it.
func (n *names) line(sent []string) string {
	out := slices.Clone(sent)
	for i, w := range sent[1:] {
		out[i+1] = n.hide(w)
	}
	return line(out)
}

// hideKnown names in an answer what commands have held.
func (n *names) hideKnown(text string) string {
	return varying.ReplaceAllStringFunc(text, func(s string) string {
		if m, ok := n.mark[s]; ok {
			return m
		}
		return s
	})
}

// show puts the values of this run back into an answer.
func (n *names) show(text string) string {
	return named.ReplaceAllStringFunc(text, func(m string) string {
		if v, ok := n.value[m]; ok {
			return v
		}
		return m
	})
}

// sum is what EVALSHA calls a script.
func sum(script string) string {
	h := sha1.Sum([]byte(script))
	return hex.EncodeToString(h[:])
}

var ofModule = regexp.MustCompile(`\b(JSON|FT)\.[A-Z_]`)

// identity is what a recording knows a script by: the lines that name a command of a module.
func identity(script string) string {
	h, whose := sha256.New(), ""
	for _, l := range strings.Split(script, "\n") {
		if m := ofModule.FindStringSubmatch(l); m != nil {
			whose = min(m[1], cmp.Or(whose, m[1])) // FT stands before JSON
			h.Write([]byte(l + "\n"))
		}
	}
	if whose == "" {
		return "script"
	}
	return whose + ":" + hex.EncodeToString(h.Sum(nil))[:8]
}
