package main

import (
	"context"
	"fmt"
	"os"
)

func Example() {
	if err := run(context.Background(), "mem://", os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Ann paid the rent and has 380
	// the same order again: true
	// more than Bob has: true
	// to nobody: true
	// in the bank: 1000
	// in the bank after 300 orders at once: 1000
	// Cy's balance is what the ledger says: true
}
