package codec

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// The range of a geo, which is that of GEOADD: Web Mercator ends at this latitude.
const (
	MaxLon = 180.0
	MaxLat = 85.05112878
)

// EarthRadius is the radius in metres of the sphere used for distances, the same as in Redis.
const EarthRadius = 6372797.560856

// MakeGeo returns a geo for a longitude and a latitude in degrees; the error
// has the code bad-argument if they are out of range.
func MakeGeo(lon, lat float64) (lang.Geo, error) {
	if !(math.Abs(lon) <= MaxLon && math.Abs(lat) <= MaxLat) {
		return "", errorf(lang.CodeBadArgument, "a longitude lies within ±180 and a latitude within ±85.05112878")
	}
	var buf [56]byte
	b := AppendFloat(buf[:0], lon+0)
	return lang.Geo(AppendFloat(append(b, ','), lat+0)), nil
}

// ParseGeo parses a longitude and a latitude separated by a comma.
func ParseGeo(s string) (lang.Geo, error) {
	lon, lat, ok := splitGeo(s)
	if !ok {
		return "", errorf(lang.CodeBadConversion, "%s is not a longitude and a latitude, as '13.4,52.5'", lang.Quote(s))
	}
	g, err := MakeGeo(lon, lat)
	if err != nil {
		return "", errorf(lang.CodeBadConversion, "%s is not a geo point: %s", lang.Quote(s), err.(*Error).Message)
	}
	return g, nil
}

func splitGeo(s string) (lon, lat float64, ok bool) {
	a, b, found := strings.Cut(s, ",")
	if !found {
		return 0, 0, false
	}
	lon, ok1 := readFloat(a)
	lat, ok2 := readFloat(b)
	return lon, lat, ok1 && ok2
}

// GeoAt returns the longitude and the latitude of a geo.
func GeoAt(g lang.Geo) (lon, lat float64) {
	lon, lat, _ = splitGeo(string(g))
	return lon, lat
}

// toGeo converts text, a list of longitude and latitude, or an object with the
// members lon and lat to a geo.
func toGeo(v any) (any, error) {
	var parts [2]any
	switch x := v.(type) {
	case lang.Geo:
		return v, nil
	case string:
		g, err := ParseGeo(x)
		if err != nil {
			return nil, err
		}
		return g, nil
	case []any:
		if len(x) != 2 {
			return nil, wrongKind(v, lang.TypeGeo)
		}
		parts = [2]any{x[0], x[1]}
	case map[string]any:
		if len(x) != 2 {
			return nil, wrongKind(v, lang.TypeGeo)
		}
		parts = [2]any{x["lon"], x["lat"]}
	default:
		return nil, wrongKind(v, lang.TypeGeo)
	}
	var at [2]float64
	for i, p := range parts {
		f, err := floatOf(p, lang.TypeFloat)
		if err != nil {
			return nil, wrongKind(v, lang.TypeGeo)
		}
		at[i] = f
	}
	g, err := MakeGeo(at[0], at[1])
	if err != nil {
		return nil, errorf(lang.CodeBadConversion, "%s", err.(*Error).Message)
	}
	return g, nil
}

// GeoDistance is the great-circle distance between two places in metres, by the
// haversine formula.
func GeoDistance(a, b lang.Geo) float64 {
	lon1, lat1 := GeoAt(a)
	lon2, lat2 := GeoAt(b)
	const rad = math.Pi / 180
	u := math.Sin((lat2*rad - lat1*rad) / 2)
	v := math.Sin((lon2*rad - lon1*rad) / 2)
	x := u*u + math.Cos(lat1*rad)*math.Cos(lat2*rad)*v*v
	return 2 * EarthRadius * math.Asin(math.Min(1, math.Sqrt(x)))
}

// geoBits is the resolution of the grid: the number of bits for each of
// longitude and latitude.
const geoBits = 26

// GeoCell returns the number of the grid cell that contains a place: the bits
// of its column and its row interleaved, the column's first, so that the cells
// of any square whose side is a power of two have consecutive numbers.
func GeoCell(lon, lat float64) uint64 {
	return interleave(geoIndex(lon, MaxLon), geoIndex(lat, MaxLat))
}

// geoIndex returns the column or row of a coordinate.
func geoIndex(v, limit float64) uint32 {
	i := math.Floor((v + limit) / (2 * limit) * (1 << geoBits))
	return uint32(min(max(i, 0), 1<<geoBits-1))
}

func interleave(x, y uint32) uint64 {
	n := uint64(0)
	for i := geoBits - 1; i >= 0; i-- {
		n = n<<2 | uint64(x>>i&1)<<1 | uint64(y>>i&1)
	}
	return n
}

func appendGeoMember(dst []byte, cell uint64) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, 'g')
	for shift := 48; shift >= 0; shift -= 4 {
		dst = append(dst, hex[cell>>shift&15])
	}
	return dst
}

// geoSlack enlarges a circle, in metres, by more than the rounding error of a
// distance.
const geoSlack = 1.0

// maxGeoRanges bounds the number of ranges that cover a circle.
const maxGeoRanges = 24

// GeoCover returns ranges of cells, both ends included and in order, that
// contain every place within radius metres of a place, and some more.
func GeoCover(center lang.Geo, radius float64) [][2]uint64 {
	if !(radius >= 0) {
		return nil
	}
	lon, lat := GeoAt(center)
	boxes := geoBoxes(lon, lat, radius*(1+1e-9)+geoSlack)
	var out [][2]uint64
	for _, b := range boxes {
		out = append(out, b.cover(maxGeoRanges/len(boxes))...)
	}
	return mergeRanges(out)
}

// GeoMembers returns the two components that represent a range of cells in an
// index.
func GeoMembers(r [2]uint64) (lo, hi string) {
	return string(appendGeoMember(nil, r[0])), string(appendGeoMember(nil, r[1]))
}

// geoBox is a rectangle of the grid, including its edges.
type geoBox struct{ x0, x1, y0, y1 uint32 }

// geoBoxes returns the one or two rectangles around a circle; if it crosses the
// 180th meridian there are two, and around a pole they span all longitudes.
func geoBoxes(lon, lat, radius float64) []geoBox {
	const deg = 180 / math.Pi
	angle := radius / EarthRadius
	south, north := lat-angle*deg, lat+angle*deg
	y0, y1 := geoIndex(south, MaxLat), geoIndex(north, MaxLat)
	whole := []geoBox{{0, 1<<geoBits - 1, y0, y1}}
	if angle >= math.Pi/2 || south <= -89.9 || north >= 89.9 {
		return whole
	}
	side := math.Sin(angle) / math.Cos(lat/deg)
	if side >= 1 {
		return whole
	}
	width := math.Asin(side)*deg + 1e-9
	west, east := lon-width, lon+width
	switch {
	case width >= 180:
		return whole
	case west < -180:
		return []geoBox{{0, geoIndex(east, MaxLon), y0, y1}, {geoIndex(west+360, MaxLon), 1<<geoBits - 1, y0, y1}}
	case east > 180:
		return []geoBox{{0, geoIndex(east-360, MaxLon), y0, y1}, {geoIndex(west, MaxLon), 1<<geoBits - 1, y0, y1}}
	}
	return []geoBox{{geoIndex(west, MaxLon), geoIndex(east, MaxLon), y0, y1}}
}

// quad is a square of the grid: its corner and the number of bits of its side.
type quad struct {
	x, y  uint32
	level int
	whole bool // it is completely inside the box
}

// cover subdivides the squares that intersect the box until there are n of
// them.
func (b geoBox) cover(n int) [][2]uint64 {
	quads := []quad{{level: geoBits}}
	for again := true; again; {
		again = false
		var next []quad
		for i, q := range quads {
			if q.whole || q.level == 0 || len(next)+4+len(quads)-i-1 > n {
				next = append(next, q)
				continue
			}
			again = true
			half := uint32(1) << (q.level - 1)
			for _, c := range [4]quad{{x: q.x, y: q.y}, {x: q.x, y: q.y + half}, {x: q.x + half, y: q.y}, {x: q.x + half, y: q.y + half}} {
				c.level = q.level - 1
				if c.x > b.x1 || c.y > b.y1 || c.x+half-1 < b.x0 || c.y+half-1 < b.y0 {
					continue
				}
				c.whole = c.x >= b.x0 && c.y >= b.y0 && c.x+half-1 <= b.x1 && c.y+half-1 <= b.y1
				next = append(next, c)
			}
		}
		quads = next
	}
	out := make([][2]uint64, len(quads))
	for i, q := range quads {
		first := interleave(q.x, q.y)
		out[i] = [2]uint64{first, first + 1<<(2*q.level) - 1}
	}
	return out
}

// mergeRanges sorts ranges and merges adjacent and overlapping ones.
func mergeRanges(in [][2]uint64) [][2]uint64 {
	slices.SortFunc(in, func(a, b [2]uint64) int { return cmp.Compare(a[0], b[0]) })
	var out [][2]uint64
	for _, r := range in {
		if n := len(out); n > 0 && r[0] <= out[n-1][1]+1 {
			out[n-1][1] = max(out[n-1][1], r[1])
			continue
		}
		out = append(out, r)
	}
	return out
}
