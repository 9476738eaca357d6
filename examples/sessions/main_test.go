package main

import (
	"context"
	"fmt"
	"os"
)

func Example() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// request 1: true
	// request 2: true
	// request 3: true
	// request 4: false
	// request 5: false
	// a minute later: true
	// after an hour 1 of 2 sessions is left
	// at noon, seat 12A for Ann: true
	// at noon, seat 12A for Bob: false
	// ten minutes later, seat 12A for Bob: true
}
