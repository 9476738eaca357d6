package script

import (
	"strconv"
	"strings"
)

// Recorded parses a recorded reply: s<length>:<bytes>, i<number>;, f; for null, and l<count>: before a list of items. It returns
// nil if the text is not one.
func Recorded(text string) Reply {
	v, rest, ok := recordedValue(text, 0)
	list, isList := v.([]any)
	if !ok || rest != "" || !isList {
		return nil
	}
	return Reply(list)
}

// maxRecorded is the maximum nesting depth of a recorded reply.
const maxRecorded = 8

func recordedValue(text string, depth int) (v any, rest string, ok bool) {
	if text == "" || depth > maxRecorded {
		return nil, "", false
	}
	end := strings.IndexAny(text, ":;")
	if end < 0 {
		return nil, "", false
	}
	kind, rest := text[0], text[end+1:]
	if kind == 'f' {
		return nil, rest, end == 1
	}
	n, err := strconv.ParseInt(text[1:end], 10, 64)
	switch {
	case err != nil:
	case kind == 'i':
		return n, rest, true
	case kind == 's' && n >= 0 && n <= int64(len(rest)):
		return rest[:n], rest[n:], true
	case kind == 'l' && n >= 0 && n <= int64(len(rest)):
		list := make([]any, 0, n)
		for range n {
			if v, rest, ok = recordedValue(rest, depth+1); !ok {
				return nil, "", false
			}
			list = append(list, v)
		}
		return list, rest, true
	}
	return nil, "", false
}
