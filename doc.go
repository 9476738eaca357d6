// Package rql is one small query language for any Redis, and the planner that runs it.
//
// Programs declare models, find documents and change them. RQL parses the text, checks names and types against the catalog, plans
// it as Lua scripts and pipelined commands, and runs those on a Redis server (7.0 or later). No module is needed:
//
//	db, err := rql.Open(ctx, "redis://localhost:6379?ns=shop")
//	_, err = db.Exec(ctx, `MODEL User { name string, age int INDEX, banned bool DEFAULT false }`)
//	res, err := db.Exec(ctx, `FIND User WHERE age > $min AND NOT banned`, rql.Args{"min": 10})
//
// Rows are returned as values, or as structs:
//
//	users, err := rql.Query[User](ctx, db, `FIND User WHERE age > 10`)
//	one, err := rql.One[User](ctx, db, `GET User $id`, rql.Args{"id": "u1"})
//	for u, err := range rql.Stream[User](ctx, db, `FIND User`) { … }
//
// Changes that belong together go into one ATOMIC block: either all of them happen or none, and other clients never see only a
// part. There is no transaction object.
//
//	_, err = db.Exec(ctx, `ATOMIC <
//	  LET a = GET Account $from;
//	  ENSURE a.balance >= $amount ELSE 'insufficient funds';
//	  UPDATE Account $from SET balance -= $amount;
//	  UPDATE Account $to   SET balance += $amount;
//	>`, rql.Args{"from": "a", "to": "b", "amount": 5})
//
// Every error is an [*Error] with a stable code, the position in the text and a hint, or a [*CheckError] with all errors found
// before anything ran. Both work with errors.Is and errors.As.
//
// A write is sent once and never silently repeated: if the connection breaks after it was sent, Error.Outcome is OutcomeUnknown.
package rql
