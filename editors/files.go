package editors

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"
)

// Files are the generated files, by their names in this folder.
func Files() (map[string][]byte, error) {
	grammar, err := textMate()
	if err != nil {
		return nil, err
	}
	return map[string][]byte{"vscode/syntaxes/rql.tmLanguage.json": grammar, "chroma/rql.xml": chroma()}, nil
}

// textMate is the grammar. TextMate reads line by line, so what may go over lines has a beginning and an end there.
func textMate() ([]byte, error) {
	type pattern struct {
		Name     string    `json:"name"`
		Match    string    `json:"match,omitempty"`
		Begin    string    `json:"begin,omitempty"`
		End      string    `json:"end,omitempty"`
		Patterns []pattern `json:"patterns,omitempty"`
	}
	var list []pattern
	for _, r := range Rules() {
		p := pattern{Name: r.Scope, Match: r.Pattern}
		switch r.Scope {
		case "comment.block.rql":
			p.Match, p.Begin, p.End = "", `/\*`, `\*/`
		case "string.quoted.single.rql", "string.quoted.double.rql":
			quote := r.Pattern[:1]
			p.Match, p.Begin, p.End = "", quote, quote+"(?!"+quote+")"
			p.Patterns = []pattern{{Name: "constant.character.escape.rql", Match: `\\.|` + quote + quote}}
		}
		p.Match = strings.Replace(p.Match, `(?:(?<=\n)|(?<![\s\S]))`, "^", 1)
		list = append(list, p)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(map[string]any{"name": "RQL", "scopeName": "source.rql", "fileTypes": []string{"rql"}, "patterns": list}); err != nil {
		return nil, fmt.Errorf("write the grammar: %w", err)
	}
	return b.Bytes(), nil
}

// chroma is the lexer, in the form of chroma's own.
func chroma() []byte {
	var b bytes.Buffer
	b.WriteString(`<lexer>
  <config>
    <name>RQL</name>
    <alias>rql</alias>
    <filename>*.rql</filename>
    <mime_type>text/x-rql</mime_type>
    <ensure_nl>false</ensure_nl>
  </config>
  <rules>
    <state name="root">
      <rule pattern="\s+"><token type="TextWhitespace"/></rule>
`)
	for _, r := range Rules() {
		b.WriteString(`      <rule pattern="`)
		_ = xml.EscapeText(&b, []byte(r.Pattern)) // a buffer takes everything
		fmt.Fprintf(&b, "\"><token type=%q/></rule>\n", r.Token)
	}
	b.WriteString("    </state>\n  </rules>\n</lexer>\n")
	return b.Bytes()
}
