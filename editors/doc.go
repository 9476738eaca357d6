// Package editors makes what editors and highlighters need of the language, from its own tables of words: a TextMate grammar
// and the folder of an extension for Visual Studio Code, and a lexer for chroma. It is a module of its own, so that no
// program that embeds RQL inherits a highlighter.
//
//	go run ./generate   writes vscode and chroma/rql.xml
package editors
