package parser

import "testing"

func benchmarks() []struct{ name, text string } {
	return []struct{ name, text string }{
		{"get", "GET User 'u1'"},
		{"find", "FIND User WHERE age > 10 AND NOT banned"},
		{"find-long", "FIND User WHERE age > 10 AND NOT banned AND (city = 'x' OR score + 1 < $p) ORDER BY age DESC LIMIT 10"},
		{"find-group", "FIND Flight WHERE delay > 60 GROUP BY origin HAVING count() > 5 RETURN origin, count() AS n, avg(delay) ORDER BY n DESC LIMIT 10"},
		{"create", "CREATE User { email: 'ann@x.io', name: 'Ann', age: 30, team: 't1' }"},
		{"update", "UPDATE User 'u1' SET age += 1, tags.append('x'), prefs['theme'] = 'dark' RETURN age"},
		{"atomic", "ATOMIC < LET a = GET Account $from; ENSURE a.balance >= $amount ELSE 'no'; UPDATE Account $from SET balance -= $amount; UPDATE Account $to SET balance += $amount; RETURN { left: a.balance - $amount } >"},
		{"model", "MODEL User { id string KEY DEFAULT uuid(), email string UNIQUE CHECK email MATCHES '.+@.+', age int INDEX CHECK age >= 0, tags list<string> INDEX DEFAULT [], INDEX (age, email) } TTL 30d"},
	}
}

func BenchmarkParse(b *testing.B) {
	for _, x := range benchmarks() {
		b.Run(x.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if f := parseText(x.text); len(f.Diags) > 0 {
					b.Fatal(f.Diags)
				}
			}
		})
	}
}

func BenchmarkShape(b *testing.B) {
	for _, x := range benchmarks() {
		if x.name == "model" {
			continue
		}
		b.Run(x.name, func(b *testing.B) {
			b.ReportAllocs()
			buf := make([]byte, 0, 1024)
			for b.Loop() {
				if _, _, ok := Shape(x.text, buf); !ok {
					b.Fatal(x.text)
				}
			}
		})
	}
}
