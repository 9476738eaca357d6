package lang

// examples has a statement for each head, about the same few models.
func examples() map[string]string {
	return map[string]string{
		"GET":       "GET User ['ann', 'bob'] RETURN name, age",
		"FIND":      "FIND User WHERE age > 30 AND city = 'Vienna' ORDER BY age LIMIT 10",
		"COUNT":     "COUNT User WHERE active",
		"EXISTS":    "EXISTS User WHERE email = 'ann@example.com'",
		"CREATE":    "CREATE User { id: 'ann', name: 'Ann', age: 30 }",
		"PUT":       "PUT User { id: 'ann', name: 'Ann', age: 31 }",
		"UPDATE":    "UPDATE User 'ann' SET age = age + 1 RETURN age",
		"DELETE":    "DELETE User WHERE active = false",
		"COPY":      "COPY User 'ann' TIMES 2 SET name = OLD.name + ' II'",
		"EXPIRE":    "EXPIRE Session WHERE user = 'ann' AFTER 1h",
		"PERSIST":   "PERSIST Session 's1'",
		"RESTORE":   "RESTORE User [{ id: 'ann', name: 'Ann' }] TTL AT ['2030-01-01']",
		"IMPORT":    "IMPORT 'users.csv' INTO User",
		"ATOMIC":    "ATOMIC < UPDATE Account 'a' SET balance -= 10; UPDATE Account 'b' SET balance += 10; >",
		"LET":       "LET adults = FIND User WHERE age >= 18 RETURN id",
		"ENSURE":    "ATOMIC < LET a = GET Account 'a'; ENSURE a.balance >= 10 ELSE 'insufficient funds'; UPDATE Account 'a' SET balance -= 10; >",
		"IF":        "ATOMIC < FOR u IN FIND User WHERE banned DO IF u.age >= 18 THEN UPDATE User u.id SET banned = false; END; END; >",
		"FOR":       "ATOMIC < FOR u IN FIND User WHERE banned DO UPDATE User u.id SET banned = false; END; >",
		"RETURN":    "ATOMIC < LET n = COUNT User; RETURN n; >",
		"CALL":      "CALL transfer('a', 'b', 10)",
		"MODEL":     "MODEL User { id string KEY, name string, email string UNIQUE, age int INDEX }",
		"PROCEDURE": "PROCEDURE rename(id string, to string) ATOMIC < UPDATE User $id SET name = $to; >",
		"SHOW":      "SHOW MODEL User",
		"DROP":      "DROP MODEL User ALL",
		"ALTER":     "ALTER MODEL User RENAME FIELD city TO town",
		"VERIFY":    "VERIFY User REPAIR",
		"ADOPT":     "ADOPT 'user:{id}' AS User",
		"EXPORT":    "EXPORT FIND User WHERE banned RETURN id, name TO 'banned.csv'",
		"INCLUDE":   "INCLUDE 'models.rql'",
		"PRINT":     "PRINT 'users:', (COUNT User)",
		"DOWN":      "DOWN",
		"EXPLAIN":   "EXPLAIN FIND User WHERE age > 30",
		"PROFILE":   "PROFILE FIND User WHERE age > 30",
	}
}

// Example is a statement that begins with a head; "" if there is none.
func Example(head string) string { return examples()[head] }
