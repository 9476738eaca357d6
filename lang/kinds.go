package lang

// Ranges of datetimes and of other integer kinds, in milliseconds for times.
const (
	MinDateTime = -62135596800000 // 0001-01-01T00:00:00Z
	MaxDateTime = 253402300799999 // 9999-12-31T23:59:59.999Z
)

var kindTable = [kinds]KindInfo{
	KUnknown: {Name: "unknown", Order: Ordered, Casts: casts("string")},
	KNull:    {Name: "null", Order: Ordered, Casts: casts("string")},
	KBool: {Name: "bool", Repr: ReprBool, Bare: true, Variants: []string{"text"}, Order: Sortable, Member: true,
		Casts: casts("string"), Zero: zero(false)},
	KInt: {Name: "int", Repr: ReprInt, Bare: true, Aliases: []string{"integer", "bigint", "number", "smallint"},
		Order: Ordered, Key: true, Member: true, Number: true, Arithmetic: true, Negative: true, Sum: true, Mean: KFloat, Numeric: true,
		Casts: casts("string", "int", "int64", "float"), Low: -MaxInt, High: MaxInt, Range: "±9007199254740991", Zero: zero(int64(0))},
	KInt64: {Name: "int64", Repr: ReprLong, Bare: true, Order: Ordered, Key: true, Member: true, Number: true, Numeric: true,
		Casts: casts("string", "int64", "float"), MayCast: casts("int"), Zero: zero(int64(0))},
	KFloat: {Name: "float", Repr: ReprFloat, Bare: true, Aliases: []string{"double", "real", "decimal", "numeric"},
		Order: Ordered, Member: true, Number: true, Arithmetic: true, Negative: true, Sum: true, Mean: KFloat, Numeric: true,
		Casts: casts("string", "float"), Zero: zero(int64(0))},
	KString: {Name: "string", Repr: ReprString, Bare: true, Aliases: []string{"varchar", "char", "uuid", "str"},
		Order: Ordered, Key: true, Member: true, Arithmetic: true, Literal: true,
		Casts: casts("string"), MayCast: casts("int", "int64", "float", "datetime", "duration"), Zero: zero("")},
	KBytes: {Name: "bytes", Repr: ReprBytes, Bare: true, InJSON: VariantBase64, Aliases: []string{"blob", "binary"},
		Order: Ordered, Member: true, Arithmetic: true, Literal: true},
	KEnum: {Name: "enum", Repr: ReprString, Brackets: true, Order: Ordered, Member: true, Literal: true, Casts: casts("string"),
		Zero: func(t Type) Expr { return &Literal{Value: t.Values[0]} }},
	KDateTime: {Name: "datetime", Repr: ReprInt, Bare: true, Aliases: []string{"timestamp", "date", "time"}, Variants: []string{VariantISO, "s", "ms"}, InJSON: VariantISO,
		Order: Ordered, Member: true, Arithmetic: true,
		Literal: true, Reads: "a datetime", Sample: "write it in ISO 8601: '2026-11-23T14:05:00Z'",
		Casts: casts("string", "datetime"), Low: MinDateTime, High: MaxDateTime, Range: "the years 1 to 9999", Make: func(n int64) any { return DateTime(n) },
		Zero: func(Type) Expr { return &Call{Name: "now"} }},
	KDuration: {Name: "duration", Repr: ReprInt, Bare: true, Variants: []string{"ns", "ms", "s"},
		Order: Ordered, Member: true, Arithmetic: true, Negative: true, Sum: true, Mean: KDuration, Numeric: true,
		Literal: true, Reads: "a duration", Sample: "write it as 1w2d3h4m5s6ms",
		Casts: casts("string", "duration"), Low: -MaxInt, High: MaxInt, Range: "±9007199254740991 milliseconds", Make: func(n int64) any { return Duration(n) }},
	KList: {Name: "list", Repr: ReprJSON, InJSON: VariantJSON, Brackets: true, Aliases: []string{"array"}, Write: "list<…>", Arithmetic: true,
		Zero: func(Type) Expr { return &List{} }},
	KMap:      {Name: "map", Repr: ReprJSON, InJSON: VariantJSON, Brackets: true, Zero: func(Type) Expr { return &Object{} }},
	KEmbedded: {Name: "embedded", Repr: ReprJSON, InJSON: VariantJSON},
	KRef:      {Name: "ref", Brackets: true, Variants: []string{VariantKey}, Member: true},
	KJSON: {Name: "json", Repr: ReprJSON, Bare: true, Aliases: []string{"object", "jsonb", "dict"}, Write: "json or map<…>", Literal: true,
		Casts: casts("string"), MayCast: casts("int", "int64", "float", "datetime", "duration")},
	KRow:    {Name: "row", Repr: ReprJSON},
	KRecord: {Name: "object", Repr: ReprJSON},
	KObject: {Name: "object", Repr: ReprJSON},
	KGeo: {Name: "geo", Repr: ReprGeo, Bare: true, Literal: true,
		Reads: "a longitude and a latitude within their ranges", Sample: "write it as '13.4,52.5', or point(13.4, 52.5)", Casts: casts("string")},
	KText:   {Name: "text", Repr: ReprString, Bare: true, Order: Ordered, Literal: true, Casts: casts("string")},
	KVector: {Name: "vector", Repr: ReprVector, InJSON: VariantJSON, Brackets: true},
	KSet:    {Name: "set", Repr: ReprCollection, Brackets: true},
	KPQueue: {Name: "pqueue", Repr: ReprCollection, Brackets: true},
	KRefs:   {Name: "refs", Brackets: true},
}

func casts(names ...string) []string { return names }

func zero(v any) func(Type) Expr { return func(Type) Expr { return &Literal{Value: v} } }
