package lang

import "strings"

// Nearest returns the candidate that name is most likely a misspelling of, or
// "" if none is close. Case and underscores are ignored; a transposition of two
// letters counts as one edit, and a plural is as close as can be. Among equally
// close candidates the first one is returned.
func Nearest(name string, candidates []string) string {
	if len(name) > MaxName {
		return ""
	}
	folded := fold(name)
	best, bestCost := "", max(1, (len(folded)+1)/3)+1
	if len(folded) < 3 {
		bestCost = 1 // differs only in case or underscores
	}
	for _, c := range candidates {
		if c == name || len(c) > MaxName {
			continue
		}
		if plural(folded, fold(c)) {
			return c
		}
		if d := distance(folded, fold(c), bestCost); d < bestCost {
			best, bestCost = c, d
		}
	}
	return best
}

// plural reports whether one word is the plural of the other.
func plural(a, b []rune) bool {
	one, many := string(a), string(b)
	if len(one) > len(many) {
		one, many = many, one
	}
	return len(one) > 1 && (many == one+"s" || many == one+"es" || strings.HasSuffix(one, "y") && many == one[:len(one)-1]+"ies")
}

// fold drops underscores and the case of ASCII letters.
func fold(s string) []rune {
	out := make([]rune, 0, len(s))
	for _, r := range s {
		if r == '_' {
			continue
		}
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		out = append(out, r)
	}
	return out
}

// distance counts the insertions, deletions, replacements and transpositions of
// neighbours between a and b; it may stop early and return limit or more.
func distance(a, b []rune, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			next[j] = d
			least = min(least, d)
		}
		if least >= limit {
			return limit
		}
		before, row, next = row, next, before
	}
	return row[len(b)]
}
