package spec

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Update runs the cases of a script on a backend and returns the script's text
// with the actual rows, counts, plans, states and messages. Error codes, and
// whether there is an error at all, are never changed.
func (s *Script) Update(ctx context.Context, b Backend) (string, error) {
	fresh := map[int][]string{} // by the first line of an expectation
	ends := map[int]int{}
	for _, c := range s.Cases {
		if c.unfit(b) != "" {
			continue
		}
		err := s.each(ctx, c, b, func(blk *Block, o outcome) {
			if o.skipped == "" && len(blk.Pins) == 0 && blk.compareAll(o) != nil {
				e := &blk.Expect
				fresh[e.Line], ends[e.Line] = e.rewrite(s.lines[e.Line-1:e.End-1], o), e.End
			}
		})
		if err != nil {
			return "", fmt.Errorf("%s:%d: %w", s.Path, c.Line, err)
		}
	}
	var out []string
	for n := 1; n <= len(s.lines); {
		if lines, ok := fresh[n]; ok {
			out = append(out, lines...)
			n = ends[n]
			continue
		}
		out = append(out, s.lines[n-1])
		n++
	}
	return strings.Join(out, "\n"), nil
}

// rewrite returns the lines of an expectation with the actual results.
func (e *Expect) rewrite(lines []string, o outcome) []string {
	if (o.err != nil) != (e.Error != nil) {
		return lines
	}
	if o.err != nil {
		got := failures(o.err)
		if e.Error.Message == "" || len(got) != 1 || got[0].Code != e.Error.Code {
			return lines
		}
		return []string{fmt.Sprintf("error %s %s", e.Error.Code, strconv.Quote(regexp.QuoteMeta(got[0].Message)))}
	}
	res := &Result{}
	if len(o.results) > 0 {
		res = &o.results[len(o.results)-1]
	}
	rows := []string{"no rows"}
	if len(res.Rows) > 0 {
		rows = strings.Split(strings.TrimSuffix(formatRows(res), "\n"), "\n")
	}
	var out []string
	for i, line := range lines {
		switch {
		case line == "no rows" || strings.HasPrefix(line, "{"):
			out = append(out, rows...)
			rows = nil
		case strings.HasPrefix(line, "affected "):
			out = append(out, fmt.Sprintf("affected %d", res.Affected))
		case strings.HasPrefix(line, "columns "):
			out = append(out, "columns "+strings.Join(res.Columns, ", "))
		case line == e.TextKind && e.TextKind != "":
			return append(append(out, line), slices.Clone(o.text)...)
		default:
			out = append(out, lines[i])
		}
	}
	return out
}
