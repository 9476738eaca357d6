package plan

import "math"

// Choose returns the index of the candidate that a script takes, by the number of entries of each and the number of rows that
// ORDER BY … LIMIT keeps, 0 for all: the generated choice in Go.
func (q *Query) Choose(counts []int64, top int64) int {
	best, choice := math.Inf(1), 0
	for i, c := range q.Cands {
		cost := counts[i]
		switch {
		case c.Ordered && !c.Exact:
			continue
		case c.Ordered && top > 0: // it reads just the rows that are wanted
			cost = min(cost, top)
		}
		if float64(cost) < best {
			best, choice = float64(cost), i
		}
	}
	for i, c := range q.Cands {
		if c.Ordered && !c.Exact && top > 0 && (math.IsInf(best, 1) || float64(top)*float64(counts[i]) < best*best) {
			choice = i
		}
	}
	return choice
}

// Expect returns how many entries a candidate is expected to read and how many documents to find. No statistics are kept: WHERE
// is assumed to hold for as many documents as the smallest candidate has entries, because each of them contains all matches, and
// these to be spread evenly. want is the number of documents after which the query ends, -1 for all; top is as for Choose.
func (q *Query) Expect(counts []int64, choice int, want, top int64) (entries, found int64) {
	c, n := q.Cands[choice], counts[choice]
	matches := n
	for _, other := range counts {
		matches = min(matches, other)
	}
	if c.Ordered && top > 0 {
		want = top
	}
	if want < 0 || want >= matches {
		return n, matches
	}
	if c.Exact || matches == 0 {
		return want, want
	}
	return int64(math.Ceil(float64(want) * float64(n) / float64(matches))), want
}

// Certain reports whether all candidates together give the number of documents that match, and not only a bound: one of them
// reads them alone and each once.
func (q *Query) Certain() bool { return q.Covered() != nil }
