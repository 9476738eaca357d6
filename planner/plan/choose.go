package plan

import (
	"math"
	"slices"
)

// Reach returns the number of entries after which top rows are expected of the first candidate, if it is in runs: it reads up to the
// end of the run of that entry. 0: the candidate is not in runs, or it is assumed to read everything, because nothing tells how long they are.
func (q *Query) Reach(counts []int64, top int64) int64 {
	c, n := q.Cands[0], counts[0]
	least := slices.Min(counts)
	switch {
	case c.Runs == 0 || top <= 0 || least == 0 || c.Weak && len(counts) > 1:
		return 0
	case c.Exact:
		return min(top, n)
	}
	return min(int64(math.Ceil(float64(top)*float64(n)/float64(least))), n)
}

// Choose returns the index of the candidate that a script takes, by the number of entries of each and the number of rows that
// ORDER BY … LIMIT keeps, 0 for all: the generated choice in Go. reach is how many entries the first candidate reads if it is in runs and
// top is not 0.
func (q *Query) Choose(counts []int64, top, reach int64) int {
	best, choice := math.Inf(1), 0
	for i, c := range q.Cands {
		cost := counts[i]
		switch {
		case c.Walked() && !c.Exact:
			continue
		case c.Runs > 0 && reach > 0:
			cost = reach
		case c.Ordered && top > 0: // it reads just the rows that are wanted
			cost = min(cost, top)
		}
		if float64(cost) < best {
			best, choice = float64(cost), i
		}
	}
	for i, c := range q.Cands {
		switch {
		case !c.Walked() || c.Exact || top <= 0:
		case math.IsInf(best, 1), c.Runs > 0 && reach > 0 && float64(reach) < best, c.Ordered && float64(top)*float64(counts[i]) < best*best:
			choice = i
		}
	}
	return choice
}

// Expect returns how many entries a candidate is expected to read and how many documents to find. No statistics are kept: WHERE
// is assumed to hold for as many documents as the smallest candidate has entries, because each of them contains all matches, and
// these to be spread evenly. want is the number of documents after which the query ends, -1 for all; top and reach are as for
// Choose.
func (q *Query) Expect(counts []int64, choice int, want, top, reach int64) (entries, found int64) {
	c, n := q.Cands[choice], counts[choice]
	matches := n
	for _, other := range counts {
		matches = min(matches, other)
	}
	if c.Runs > 0 && reach > 0 {
		return reach, int64(math.Ceil(float64(reach) * float64(matches) / float64(n)))
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
