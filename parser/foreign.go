package parser

import (
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

func (p *parser) foreignHead(t *lexer.Token) *lang.Diag { return nil }

func (p *parser) foreign(tokens []lexer.Token) *lang.Diag { return nil }

