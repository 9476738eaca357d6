// Package format lays RQL text out in one style: keywords in capitals, one statement on a line or its clauses below each
// other, bodies indented by two blanks. It keeps comments, the author's line breaks, and every token.
package format
