package compile

import (
	"context"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
)

// Check parses and checks a text against a schema.
func Check(ctx context.Context, src *lang.Source, args map[string]any, o check.Options, schema *ir.Schema) (*ir.Program, lang.Diags, error) {
	return checkFile(ctx, parser.Parse(src), args, o, schema)
}

// checkFile checks a parsed text against a schema. The error is that of a context that ended.
func checkFile(ctx context.Context, file *lang.File, args map[string]any, o check.Options, schema *ir.Schema) (*ir.Program, lang.Diags, error) {
	if o.Params == nil {
		o.Params = make(map[string]lang.Type, len(args))
		for name, v := range args {
			o.Params[name] = codec.TypeOf(v)
		}
	}
	prog, diags := check.Check(ctx, file, schema, o)
	if len(file.Diags) > 0 {
		diags = append(append(lang.Diags{}, file.Diags...), diags...)
		diags.Sort()
	}
	verifyFixes(ctx, file.Source, diags, o, schema)
	if prog == nil && diags.Err() == nil {
		return nil, nil, fail.Ended(ctx)
	}
	return prog, diags, nil
}
