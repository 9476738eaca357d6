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
	// Ann has 100, is [gold], since 2026-01-02
	// all together: 120
	// is Carl missing? true
	// Ann has left: 70
	// 500 more: ensure-failed
	// ann: 70
	// bob: 50
}
