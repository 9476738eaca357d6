package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/rql-lang/rql"
)

// verdict holds the counts of the audit.
type verdict struct {
	accounts, moves int
	acknowledged    int // transfers that were acknowledged, and are there
	refused         int // that were refused or not sent, and are not there
	silent          int // without a reply, and are there
}

// ledger is one transfer as stored in the database.
type ledger struct {
	ID               string
	Src, Dst, Amount int64
}

type account struct{ ID, Balance, Moves int64 }

// audit compares every account with the stored transfers, these with the
// clients' reports, and has every index verified.
func audit(ctx context.Context, db *rql.DB, o options, said map[string]string) (verdict, error) {
	v := verdict{}
	got, err := rql.One[sums](ctx, db, look)
	if err == nil {
		err = got.right(o.accounts)
	}
	if err != nil {
		return v, fmt.Errorf("at the end: %w", err)
	}
	balance, moves := map[int64]int64{}, map[int64]int64{}
	found := map[string]bool{}
	for m, err := range rql.Stream[ledger](ctx, db, "FIND Move RETURN id, src, dst, amount") {
		if err != nil {
			return v, err
		}
		if found[m.ID] {
			return v, fmt.Errorf("transfer %s was given twice", m.ID)
		}
		found[m.ID] = true
		balance[m.Src] -= m.Amount
		balance[m.Dst] += m.Amount
		moves[m.Src]++
		moves[m.Dst]++
	}
	if v.moves = len(found); got.Moves != int64(v.moves) {
		return v, fmt.Errorf("%d transfers are there, and COUNT says %d", v.moves, got.Moves)
	}
	if err := v.compare(said, found); err != nil {
		return v, err
	}
	for a, err := range rql.Stream[account](ctx, db, "FIND Account RETURN id, balance, moves") {
		if err != nil {
			return v, err
		}
		v.accounts++
		if a.Balance != opening+balance[a.ID] || a.Moves != moves[a.ID] {
			return v, fmt.Errorf("account %d has %d after %d transfers; its transfers give %d after %d",
				a.ID, a.Balance, a.Moves, opening+balance[a.ID], moves[a.ID])
		}
	}
	if v.accounts != o.accounts {
		return v, fmt.Errorf("%d accounts of %d", v.accounts, o.accounts)
	}
	for _, model := range []string{"Account", "Move"} {
		if err := verify(ctx, db, model); err != nil {
			return v, err
		}
	}
	return v, nil
}

// compare checks the reports against the stored transfers.
func (v *verdict) compare(said map[string]string, found map[string]bool) error {
	for id, s := range said {
		switch {
		case s == saysDone && !found[id]:
			return fmt.Errorf("transfer %s was acknowledged, and is not there", id)
		case s == saysDone:
			v.acknowledged++
		case s != saysUnknown && found[id]:
			return fmt.Errorf("transfer %s was %s, and is there", id, s)
		case s != saysUnknown:
			v.refused++
		}
	}
	v.silent = len(found) - v.acknowledged
	return nil
}

// verify verifies a model's indexes.
func verify(ctx context.Context, db *rql.DB, model string) error {
	r, err := db.Exec(ctx, "VERIFY "+model)
	if err != nil {
		return err
	}
	if len(r.Rows) > 0 {
		return fmt.Errorf("VERIFY %s finds %d mistakes, the first is %v", model, len(r.Rows), r.Rows[0])
	}
	return nil
}

func (v verdict) print(p *printer) {
	p.line(v.acknowledged, "acknowledged transfers are there, %s refused ones are not", thousands(v.refused))
	p.line(v.silent, "are there whose client did not live to hear it")
	p.line(v.accounts, "accounts have the sum of their %s transfers; VERIFY finds nothing", thousands(v.moves))
}

// countNamed counts the lines of CLIENT LIST with a name.
func countNamed(list, name string) int { return strings.Count(list, " name="+name+" ") }
