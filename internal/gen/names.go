package gen

import (
	"go/token"
	"slices"
	"strings"
	"unicode"
)

// initialisms are words that Go writes in capitals.
var initialisms = map[string]bool{"api": true, "cpu": true, "css": true, "dns": true, "html": true, "http": true, "https": true, "id": true,
	"ip": true, "json": true, "sku": true, "sql": true, "ssh": true, "tcp": true, "tls": true, "ttl": true, "ui": true, "uri": true, "url": true, "utf8": true, "uuid": true, "xml": true}

// words splits a name at punctuation and before capitals.
func words(name string) []string {
	var out []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			out = append(out, string(word))
			word = nil
		}
	}
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			end()
			continue
		case unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsUpper(runes[i-1]) && unicode.IsLower(runes[i+1])):
			end()
		}
		word = append(word, r)
	}
	end()
	return out
}

// exported returns an exported Go name for an RQL name; "" if it has no letter to begin with.
func exported(name string) string {
	var b strings.Builder
	for _, w := range words(name) {
		if lower := strings.ToLower(w); initialisms[lower] {
			b.WriteString(strings.ToUpper(w))
			continue
		}
		r := []rune(w)
		b.WriteRune(unicode.ToUpper(r[0]))
		b.WriteString(string(r[1:]))
	}
	out := b.String()
	if out == "" || !token.IsExported(out) {
		return ""
	}
	return out
}

// unexported returns a Go name for a parameter or a constant that is not in taken.
func unexported(name string, taken ...string) string {
	list := words(name)
	var b strings.Builder
	for i, w := range list {
		if i == 0 {
			b.WriteString(strings.ToLower(w))
			continue
		}
		b.WriteString(exported(w))
	}
	out := b.String()
	if out == "" || unicode.IsDigit([]rune(out)[0]) {
		out = "p" + out
	}
	for token.IsKeyword(out) || slices.Contains(taken, out) {
		out += "_"
	}
	return out
}
