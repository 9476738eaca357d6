//go:build unix

package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/internal/testredis"
)

const people = "MODEL User { id string KEY, name string, age int }; CREATE User [{id:'a',name:'Ann',age:40},{id:'b',name:'Bob',age:50},{id:'c',name:'Cid',age:1}];"

func withPeople(t *testing.T, env ...string) *typist {
	t.Helper()
	p := atPrompt(t, env)
	p.run(people, `3 affected`)
	return p
}

func TestPasteIsText(t *testing.T) {
	for name, paste := range map[string]func(*typist, string){
		"bracketed": (*typist).paste,
		"raw":       func(p *typist, s string) { p.send(strings.ReplaceAll(s, "\n", "\r")) },
	} {
		t.Run(name, func(t *testing.T) {
			p := withPeople(t)
			paste(p, "DELETE User WHERE age > 3\n\n\n\tAND name = 'Ann'")
			time.Sleep(100 * time.Millisecond)
			p.run(";", `: 1 document\. Run it\? `)
			p.run("y", `1 affected`)
			p.run("COUNT User;", `(?s)COUNT User;.*\n +2\n`)
			paste(p, "COUNT User;\nCOUNT User WHERE age = 1;\nCOUNT User WHERE name = 'a\tb';")
			p.run("", `(?s)\n +2\n.*\n +1\n.*\n +0\n`)
		})
	}
}

func TestPasteOfManyLines(t *testing.T) {
	p := withPeople(t)
	p.paste(strings.Repeat("CREATE User { id: uuid(), name: 'x', age: 7 };\n\n", 200))
	time.Sleep(50 * time.Millisecond)
	p.send(enter)
	p.run("COUNT User WHERE age = 7;", `(?s)COUNT User WHERE.*\n +200\n`)
}

func TestLongLine(t *testing.T) {
	for _, bracketed := range []bool{true, false} {
		p := atPrompt(t, nil)
		start := time.Now()
		line := "LET x = '" + strings.Repeat("0123456789abcdef", 1<<10) + "'; LET n = x;"
		if bracketed {
			p.paste(line)
			p.send(enter)
		} else {
			p.send(line + enter)
		}
		p.run("\\timing", `timing off`)
		require.Less(t, time.Since(start), 15*time.Second, "16 KB, bracketed %v", bracketed)
	}
}

func TestAnEmptyLineRunsNoDelete(t *testing.T) {
	p := withPeople(t)
	for _, statement := range []string{"DELETE User ALL", "UPDATE User ALL SET age = 0", "DROP MODEL User", "LET x = DELETE User ALL"} {
		p.run(statement+enter, `ends in ;`)
		p.idle()
		p.send(ctrlC)
		p.idle()
	}
	p.run("COUNT User WHERE age > 0"+enter, `\n +3\n`)
}

func TestRecalledInItsLines(t *testing.T) {
	p := withPeople(t)
	p.run("FIND User"+enter+"WHERE age = 1;", `Cid`)
	p.expect(`rql> `)
	p.send(up)
	p.expect(`FIND User\s+WHERE age = 1;`)
	p.send("\x1b[1~" + "\x1b[4~") // Home, End of the last line
	p.send("\x7f\x7f40;")         // 1; becomes 40;
	p.run("", `Ann`)
	p.send(up + up) // to the first line
	p.send("\x1b[1;5C\x1b[1;5C" + "\x1b[7~" + "\x1b[8~")
	p.send(" -- here")
	p.run("\x1b[1;5F", `Ann`)
}

func TestCommandsInsideAStatement(t *testing.T) {
	p := withPeople(t)
	p.run("FIND User"+enter+`\?`, `leave`)
	p.expect(`FIND User`)
	p.run("help", `leave`)
	p.run("WHERE age = 1;", `Cid`)
	p.run("FIND User"+enter+`\q`, "")
	require.Equal(t, 0, p.ends())
}

func TestNextRows(t *testing.T) {
	p := withPeople(t)
	p.run("\\set old 20", "")
	p.run("FIND User WHERE age > 0 RETURN name, age * 2 AS twice ORDER BY age LIMIT 1;", `Cid`)
	p.expect(`1 row, \\n shows the next`)
	p.run(`\n`, `Ann`)
	p.expect(`shows the next`)
	p.run(`\next`, `Bob`)
	p.run(`\n`, `no rows follow`)
	p.run("FIND User WHERE age > $old ORDER BY name DESC LIMIT 1;", `Bob`)
	p.run(`\n`, `Ann`)
	p.run("COUNT User;", `3`)
	p.run(`\n`, `no rows follow`)
}

func TestEditorProgram(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "editor")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\nsed -i 's/Ann/Bob/' \"$1\"\n"), 0o700))
	p := withPeople(t, "EDITOR="+script)
	p.send("FIND User WHERE name = 'Ann';")
	p.send("\x18\x05") // ^X^E
	p.expect(`name = 'Bob';`)
	p.run("", `b +│ Bob`)
	p.run(`\e`, `name = 'Bob';`)
	p.run("", `b +│ Bob`)
}

func TestEndOfInput(t *testing.T) {
	p := withPeople(t)
	p.expect(`rql> `) // before it the terminal itself takes ^D, and the program never sees it
	p.send("\x04")
	require.Equal(t, 0, p.ends())

	p = atPrompt(t, nil)
	p.send("CREATE")
	p.signal(syscall.SIGTERM)
	require.Equal(t, 0, p.ends())

	p = atPrompt(t, nil)
	p.signal(syscall.SIGHUP) // the window is closed
	require.Equal(t, 0, p.ends())
}

func TestDumbTerminal(t *testing.T) {
	p := atPrompt(t, []string{"TERM=dumb"})
	p.run(people, `3 affected`)
	p.run("FIND User", `\.\.\.> `)
	p.run("WHERE age = 1;", `Cid`)
	p.run("FIND User", `\.\.\.> `)
	p.send(ctrlC)
	p.expect(`rql> `)
	p.run("COUNT User;", `\n +3\n`)
	p.run("FIND User", `\.\.\.> `)
	p.run(`\q`, "")
	require.Equal(t, 0, p.ends())
	require.NotContains(t, p.raw(), "\x1b")
}

func TestNarrowAndResized(t *testing.T) {
	p := start(t, nil, 40)
	p.expect(`rql> `)
	p.run(people, `3 affected`)
	p.run("FIND User WHERE age = 1 RETURN id, name, age, 'a long text' AS text, age + 1 AS more, age + 2 AS even_more;", `no room for even_more \(\\x\)`)
	require.NoError(t, pty.Setsize(p.tty, &pty.Winsize{Rows: 30, Cols: 90}))
	p.run("FIND User WHERE age = 1 RETURN id, name, age, 'a long text' AS text, age + 1 AS more, age + 2 AS even_more;", `c  │ Cid  │   1 │ a long text │ +2 │ +3\n`)
	p.run(`\x`, `x on`)
	p.run("FIND User WHERE age = 1;", ` age +│ 1\n`)
}

func TestRowsAtThePrompt(t *testing.T) {
	p := atPrompt(t, nil, "-y")
	p.run(people, `3 affected`)
	p.paste(strings.Repeat("CREATE User { id: uuid(), name: 'x', age: 7 };", 60))
	p.send(enter)
	p.run("FIND User;", `the first 40 rows, there are more \(\\rows all\)`)
	p.run("UPDATE User ALL SET age = 8 RETURN id;", `40 of 63 rows shown \(\\rows all\), 63 affected`)
	p.run(`\rows all`, "")
	p.run("FIND User;", `\(63 rows`)
	p.run(`\o out.txt`, "")
	p.send("FIND User;" + enter)
	p.expect(`\(63 rows`)
	p.run(`\o`, "")
	p.run("COUNT User WHERE age = 8;", `\n +63\n`)
	text, err := os.ReadFile(filepath.Join(p.cmd.Dir, "out.txt"))
	require.NoError(t, err)
	require.Equal(t, 65, strings.Count(string(text), "\n"))
}

func TestPager(t *testing.T) {
	p := withPeople(t, "PAGER=sed 's/^/page: /'")
	p.paste(strings.Repeat("CREATE User { id: uuid(), name: 'x', age: 7 };", 60))
	p.send(enter)
	p.run("FIND User WHERE age = 1;", `\n c +│ Cid`)
	p.run("FIND User ORDER BY age;", `page:  c +│ Cid(?s).*\(63 rows`)

	p = atPrompt(t, []string{"PAGER=true"}, "-y") // ends at once
	p.run(people, `3 affected`)
	p.paste(strings.Repeat("CREATE User { id: uuid(), name: 'x', age: 7 };", 60))
	p.send(enter)
	p.run("UPDATE User ALL SET age = 9 RETURN id;", `63 affected`)
	p.run("COUNT User WHERE age = 9;", `\n +63\n`)
}

func TestQuestions(t *testing.T) {
	p := withPeople(t)
	p.run("UPDATE User ALL SET age = 8;", `UPDATE User ALL SET age = 8: 3 documents. Run it\? \[y/N\] `)
	p.run("n", `not run`)
	p.run("DELETE User ALL;", `3 documents`)
	p.send(ctrlC)
	p.expect(`not run`)
	p.run("DROP MODEL User ALL;", `3 documents`)
	p.run("", `not run`)
	p.run("LET n = DELETE User WHERE age > 1 LIMIT 1 RETURN id; COUNT User;", `1 document\.`)
	p.run("y", `\n +2\n`)
	p.run("UPDATE User ALL SET age = 8;", `2 documents`)
	p.run("y", `2 affected`)
	p.run("DELETE User WHERE age = 7; DELETE User 'a';", `(?s)0 affected.*0 affected.*rql> `)
	p.paste(strings.Repeat("CREATE User { id: uuid(), name: 'x', age: 7 };", 1001))
	p.send(enter)
	p.run("UPDATE User WHERE age = 7 AND name = 'x' SET age = 9;", `1001 documents`)
	p.run("yes", `1001 affected`)

	p = atPrompt(t, nil, "-y")
	p.run(people, `3 affected`)
	p.run("DELETE User ALL;", `3 affected`)
}

// A change that ^C stops says how far it came, and the prompt goes on when its server is started again.
func TestStoppedAndRestarted(t *testing.T) {
	s := testredis.Run(t)
	p := atPrompt(t, []string{"RQL_URL=" + s.URL}, "-y", "--duty", "0.005")
	var rows strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&rows, "%d\n", i)
	}
	require.NoError(t, os.WriteFile(filepath.Join(p.cmd.Dir, "n.csv"), []byte("id\n"+rows.String()), 0o600))
	p.run("MODEL N { id int KEY, n int DEFAULT 0 }; IMPORT 'n.csv' INTO N;", `\n +5000 │`)
	p.send("UPDATE N ALL SET n += 1;" + enter)
	p.expect(`\d rows, `)
	p.send(ctrlC)
	p.expect(`stopped after \d+ rows; what it had done stays`)
	s.Kill()
	p.run("COUNT N;", `1:1: connection: `)
	again := testredis.Run(t)
	require.NoError(t, os.Remove(s.Socket))
	require.NoError(t, os.Symlink(again.Socket, s.Socket))
	p.run("MODEL M { id int KEY };", `MODEL done`)
	p.run("CREATE M { id: 77 };", `\n +77\n`)
}

func TestReadOnlyPrompt(t *testing.T) {
	url, _ := testredis.Start(t)
	p := atPrompt(t, []string{"RQL_URL=" + url + "?ns=shop"}, "--read-only")
	require.Contains(t, p.text(), " shop (read-only)> ")
	p.run("MODEL T { id string KEY };", `1:1: read-only: this session only reads`)
	p.run("SHOW MODELS;", `rql|shop`)
}

func TestPassword(t *testing.T) {
	s := testredis.Run(t, "--port", "0", "--requirepass", "p@ss/word")
	file := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(file, []byte("p@ss/word\n"), 0o600))
	for name, x := range map[string]struct{ env, argv []string }{
		"RQL_PASSWORD": {env: []string{"RQL_PASSWORD=p@ss/word"}}, "REDISCLI_AUTH": {env: []string{"REDISCLI_AUTH=p@ss/word"}},
		"file": {argv: []string{"--password-file", file}}, "-W": {argv: []string{"-W"}}, "asked": {},
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, append(x.env, "RQL_URL="+s.URL), 100, x.argv...)
			if len(x.env)+len(x.argv) == 0 || name == "-W" {
				p.expect(`Password of \S+: `)
				p.send("p@ss/word\rLET y = 2;\r") // the line behind it is typed ahead
			}
			p.expect(`> `)
			p.run("LET x = 1; SHOW MODELS;", `rows?, |ms\)`)
			require.NotContains(t, p.text(), "p@ss/word")
		})
	}
}

func TestPasswordThatIsNotGiven(t *testing.T) {
	s := testredis.Run(t, "--port", "0", "--requirepass", "p@ss/word")
	p := start(t, []string{"RQL_URL=" + s.URL}, 100)
	p.expect(`Password of \S+: `)
	p.send(ctrlC)
	require.Equal(t, 130, p.ends())

	var said strings.Builder // without a terminal
	require.Equal(t, 3, Main([]string{"-c", "SHOW MODELS", "--url", s.URL}, strings.NewReader(""), io.Discard, &said))
	require.Contains(t, said.String(), "hint: -W asks for a password; RQL_PASSWORD")
}

// A typed INCLUDE is refused, and a file that \i runs may have it.
func TestIncludeAtThePrompt(t *testing.T) {
	p := withPeople(t)
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.rql"), filepath.Join(dir, "b.rql")
	require.NoError(t, os.WriteFile(a, []byte("INCLUDE 'b.rql'; PRINT 'a', n"), 0o600))
	require.NoError(t, os.WriteFile(b, []byte("LET n = 41 + 1"), 0o600))
	p.run("INCLUDE 'b.rql';", `(?s)not-allowed: INCLUDE reads a file.*hint: \\i b.rql runs the file`)
	p.run("\\i "+a, `\na 42\n`)
	require.NoError(t, os.Remove(b))
	p.run("\\i "+a, `a.rql:1:9: include: cannot read .*b.rql: no such file`)
}

func TestCommandsOfThePrompt(t *testing.T) {
	p := withPeople(t)
	p.run("3 + 4;", `\n +7\n`)
	p.send("LET x = 'hello';" + enter)
	p.idle()
	p.run("x;", `\n hello\n`)
	p.run("frob;", `1:1: unknown-statement`)
	p.run(`\h find`, `FIND returns the documents that satisfy a condition`)
	p.run("help upper", `(?s)upper\(s\).*string → string`)
	p.send(`\set min 40` + enter)
	p.idle()
	p.run("FIND User WHERE age = $min;", `Ann`)
	p.run(`\g`, `Ann`)
	p.run("COUNT Usr;", `hint: `)
	p.run(`\fix`, `(?s)COUNT User;.*\n +3\n`)
	p.run(`\di`, `\(0 indexes\)`)
	p.run(`\conninfo`, `models +1`)
	p.run(`\keys`, `\(\d+ keys\)`)
	p.run(`\peek User:a`, `(?s)hash, for ever\s+1\) '(age|id|name)'.*'Ann'`)
	p.run(`\redis HGET User:b name`, `'Bob'`)
	p.run(`\! echo from the shell`, `from the shell\n`)
	p.run(`\watch 0.1`, `(?s)Ann|3.*every 0.1 s.*every 0.1 s`)
	p.send(ctrlC)
	p.run("COUNT User;", `\n +3\n`)
	p.idle()
	p.send("FIND us")
	p.idle()
	p.send("\t")
	p.expect(`er `)
	p.send("WHERE na")
	p.idle()
	p.send("\t")
	p.expect(`me `)
	p.run("= 'Ann';", `40\n`)
	p.send(`\c mem://` + enter)
	p.idle()
	p.run("COUNT User;", `there is no model User`)
	p.run(`\nonsense`, `unknown command`)
}

// In a narrow terminal the caret is under what it marks, and plans and help are broken between words.
func TestNarrowTexts(t *testing.T) {
	p := start(t, nil, 40)
	p.expect(`rql> `)
	p.run(people, `3 affected`)
	p.run("FIND User WHERE name = 'somebody' AND age = 4 AND nam = 'x';", `\n  …[^\n]+ AND nam = 'x';\n +\^\^\^\n`)
	p.run("EXPLAIN FIND User WHERE name = 'somebody' AND age = 4;", `\n├─ [^\n]{1,37}\n│  \w`)
	p.run(`\h FIND`, `\n  FIND Model [^\n]{1,30}\n    \[`)
}

// With a namespace, keys can be named without it.
func TestKeysOfANamespace(t *testing.T) {
	url, _ := testredis.Start(t)
	p := atPrompt(t, []string{"RQL_URL=" + url + "?ns=shop"}, "-y")
	p.run(people, `3 affected`)
	p.run(`\keys User:a`, `(?s)  shop:User:a\n.*\(1 key\)`)
	p.run(`\peek User:a`, `(?s)hash, for ever.*'Ann'`)
	p.run(`\peek shop:User:b`, `(?s)hash, for ever.*'Bob'`)
	p.run(`\peek User:z`, `there is no key shop:User:z`)
	p.run(`\conninfo`, `uptime +days: 0`)
}

func TestFirstStart(t *testing.T) {
	p := start(t, nil, 100)
	p.expect(`MODEL City`)
	p.expect(`rql> `)
	p.paste("MODEL City { id string KEY, name string, people int INDEX };\nCREATE City { id: 'vie', name: 'Vienna', people: 2000000 };\nFIND City WHERE people > 1000000;")
	p.run("", `Vienna`)
}

// A search in the history, a list of possibilities, and the red of a prompt
// whose server is remote and can be changed.
func TestListsBelowTheText(t *testing.T) {
	p := withPeople(t)
	p.run("COUNT User WHERE age = 40;", `\n +1\n`)
	p.run("COUNT User WHERE age = 1;", `\n +1\n`)
	p.idle()
	p.send("\x12") // ^R
	p.expect(`search: `)
	p.send("= 4")
	p.expect(`(?s)= 4.*> COUNT User WHERE age = 40;`)
	p.send(enter)
	p.expect(`rql> COUNT User WHERE age = 40;`)
	p.run("", `\n +1\n`)
	p.idle()
	p.send("FIND User ORDER BY ")
	p.idle()
	p.send("\t")
	p.expect(`age`)
	p.send("\t")
	p.expect(`> `)
	p.send("\x1b") // the list closes, the text is as it was
	p.idle()
	p.run("name;", `(?s)Ann.*Bob.*Cid`)
}
