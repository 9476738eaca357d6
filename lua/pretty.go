package lua

import "strings"

// Pretty gives a script's own part as indented lines: what it keeps of the
// models, its statements and its end, without the pieces that scripts share.
// note says what stands beside the start of a place, "" for nothing.
func (s *Script) Pretty(note func(place int) string) []string {
	var out []string
	depth := 0
	place := 0
	for _, line := range strings.Split(strings.TrimRight(s.Text[s.Own:], "\n"), "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		open, shut := blocks(line)
		level := max(depth-shut, 0)
		beside := ""
		if n, ok := strings.CutPrefix(line, "S="); ok && isDigits(n) {
			place = number(n)
			if beside = note(place); beside != "" {
				beside = "  -- " + beside
			}
		}
		out = append(out, strings.Repeat("  ", level)+line+beside)
		depth = max(depth+open, 0)
	}
	return out
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func number(s string) int {
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// blocks counts, over one line, how many blocks of Lua it leaves open, and how
// many that were open before it its first words shut.
func blocks(line string) (open, shut int) {
	low := 0
	lead := true
	for i := 0; i < len(line); {
		j := endOfToken(line, i)
		switch w := line[i:j]; w {
		case "function", "if", "do", "repeat", "{", "(":
			open++
			lead = false
		case "end", "until", "}", ")":
			open--
		case "else", "elseif":
			if lead {
				low = min(low, open-1)
			}
			lead = false
		case " ":
		default:
			lead = false
		}
		low = min(low, open)
		i = j
	}
	return open, -low
}
