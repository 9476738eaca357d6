module github.com/rql-lang/rql/bench/report

go 1.26.0

require (
	github.com/rql-lang/rql v0.0.0
)

replace github.com/rql-lang/rql => ../../
