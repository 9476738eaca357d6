// Command withredis is a program that uses go-redis alone, to weigh the others against.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/redis/go-redis/v9"
)

func main() {
	ctx := context.Background()
	o, err := redis.ParseURL(os.Args[1])
	if err != nil {
		fmt.Println(err)
		return
	}
	client := redis.NewClient(o)
	defer client.Close()
	fmt.Println(client.HGetAll(ctx, os.Args[2]).Result())
}
