package lang

// Operation is an arithmetic operator between two kinds and the kind of its
// result.
type Operation struct {
	Op          Op
	Left, Right Kind
	Result      Kind
}

// operations are those of kinds other than int, float and list, which the
// checker handles itself: the two numeric kinds mix, and so do lists with
// different elements.
var operations = []Operation{
	{OpAdd, KString, KString, KString},
	{OpMul, KString, KInt, KString},
	{OpAdd, KBytes, KBytes, KBytes},
	{OpMul, KBytes, KInt, KBytes},
	{OpAdd, KDateTime, KDuration, KDateTime},
	{OpSub, KDateTime, KDuration, KDateTime},
	{OpSub, KDateTime, KDateTime, KDuration},
	{OpAdd, KDuration, KDuration, KDuration},
	{OpSub, KDuration, KDuration, KDuration},
	{OpDiv, KDuration, KDuration, KFloat},
	{OpMul, KDuration, KInt, KDuration},
	{OpMul, KDuration, KFloat, KDuration},
	{OpDiv, KDuration, KInt, KDuration},
	{OpDiv, KDuration, KFloat, KDuration},
}

// Operations lists the operations of kinds other than int, float and list. The
// list must not be modified.
func Operations() []Operation { return operations }

// ResultOf returns the kind of l op r; false if the operator does not accept
// them.
func ResultOf(op Op, l, r Kind) (Kind, bool) {
	for i := range operations {
		if o := &operations[i]; o.Op == op && o.Left == l && o.Right == r {
			return o.Result, true
		}
	}
	return KUnknown, false
}
