// Command bench measures RQL against hand-written code.
//
// Every figure is a ratio: the time of RQL divided by the time of go-redis code
// that does the same work against the same server in the same run. The two
// alternate in many short samples, and the result is the median of the ratios
// of adjacent samples, so that noise affects both alike.
//
//	go run ./bench             # against a redis-server of its own
//	go run ./bench -url redis://host:6379
//	go run ./bench -only CREATE -rounds 101
//	go run ./bench -large      # how FIND and COUNT grow up to 1,000,000 documents
//	go run ./bench -life       # documents that end, by CPU of the server
//	go run ./bench -life -large   # 1,000,000 of them with random ends
//	go run ./bench -scripts    # scripts beside scripts by hand, by the time of the server alone
//	go run ./bench -client     # rows into structs: time and allocations of the program
//	go run ./bench -dump       # 1,000,000 documents: dump, restore, and whether the dump of the copy is equal
//	go run ./bench -search -url redis://host:6379   # what goes through Search, and what the planner chooses
//	go run ./bench -json FILE  # for bench/report, which makes tables and plots of it
//
// It writes only keys, and Search indexes, that begin with "rqlbench" and removes them at the end.
package main
