// Command rql is the terminal program of RQL, a query language for Redis.
package main

import (
	"os"

	"github.com/rql-lang/rql/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
