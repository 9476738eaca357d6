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
	// the same purchase again: true
	// more than there is: true
	// black tea left in shop-3: 44
	// shop-9 sold 9 times, for 135
	// shop-8 sold 8 times, for 108
	// shop-7 sold 7 times, for 84
	// p9 of shop-9: 27
	// p8 of shop-9: 24
	// purchases of all shops: 45
}
