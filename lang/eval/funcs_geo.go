package eval

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// point is point(lon, lat).
func point(args []any) (any, error) {
	g, err := codec.MakeGeo(toFloat(args[0]), toFloat(args[1]))
	if err != nil {
		return nil, faultf(lang.CodeBadArgument, "a longitude lies within ±180 and a latitude within ±85.05112878")
	}
	return g, nil
}

// coordinate is lon(x) or lat(x).
func coordinate(lon bool) func(any) (any, error) {
	return func(v any) (any, error) {
		g, ok := v.(lang.Geo)
		if !ok {
			return nil, wrongArgument("lon, lat")
		}
		x, y := codec.GeoAt(g)
		if lon {
			return x, nil
		}
		return y, nil
	}
}

// distanceOf is distance(a, b): of two places in metres, of two vectors by the
// metric of their type.
func distanceOf(x *ir.Call) func([]any) (any, error) {
	cosine := false
	for _, a := range x.Args {
		cosine = cosine || a.Type().Cosine()
	}
	return func(args []any) (any, error) {
		switch a := args[0].(type) {
		case lang.Geo:
			if b, ok := args[1].(lang.Geo); ok {
				return codec.GeoDistance(a, b), nil
			}
		case lang.Vector:
			if b, ok := args[1].(lang.Vector); ok && len(a) == len(b) {
				return finite(codec.VectorDistance(a, b, cosine))
			}
		}
		return nil, wrongArgument("distance")
	}
}
