package lua

import (
	"crypto/sha1"
	_ "embed"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/rql-lang/rql/planner/plan"
)

// FirstAsked is for how many keys a script asks at first that declares them all;
// each time it asks again, for twice as many.
const FirstAsked = 8

// Asks is what the reply of such a script begins with that asks for keys; their names follow.
const Asks = "?"

//go:embed declared.lua
var declaredText string

//go:embed guard.lua
var guardText string

// What the text of a generated script begins with, and the call that carries it out.
const (
	frameHead = "local A,K,call,pcl=ARGV,KEYS,redis.call,redis.pcall\n"
	frameMain = "local ok,r=pcall(main)\n"
	frameEnd  = "if ok then return r end\nif E then return E end\nif type(r)=='table' then r=r.err end\nreturn redis.error_reply(r)\n"
)

// In gives the text of the script in a form.
func (s *Script) In(f Form) string {
	text := s.Text
	if s.main > 0 && f.Declared {
		head := strings.NewReplacer("$known", fmt.Sprint(len(s.Keys)), "$first", fmt.Sprint(FirstAsked)).Replace(declaredText)
		text = frameHead + head + text[len(frameHead):s.main] + "if ASK[2] then return ASK end\n" + text[s.main:]
	}
	if f.Guarded {
		before, after, _ := strings.Cut(guardText, "$body")
		text = before + text + after
	}
	if f.Header {
		text = s.header(f.Locking) + text
	}
	return text
}

// header is the first line of the text for servers that know it.
func (s *Script) header(locking bool) string {
	var flags []string
	switch s.Access {
	case plan.Reads:
		flags = append(flags, "no-writes")
	case plan.Deletes:
		flags = append(flags, "allow-oom")
	}
	if locking {
		flags = append(flags, "allow-key-locking")
	}
	if flags == nil {
		return "#!lua\n"
	}
	return "#!lua flags=" + strings.Join(flags, ",") + "\n"
}

// Sum is the SHA-1 of the text in a form: what EVALSHA names it by.
func (s *Script) Sum(f Form) string {
	i := f.place()
	if sum := s.sums[i].Load(); sum != nil {
		return *sum
	}
	h := sha1.Sum([]byte(s.In(f)))
	sum := hex.EncodeToString(h[:])
	s.sums[i].Store(&sum)
	return sum
}
