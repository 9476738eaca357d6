package eval

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
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

// distance is distance(a, b) in metres.
func distance(args []any) (any, error) {
	a, ok1 := args[0].(lang.Geo)
	b, ok2 := args[1].(lang.Geo)
	if !ok1 || !ok2 {
		return nil, wrongArgument("distance")
	}
	return codec.GeoDistance(a, b), nil
}
