package parser

// Limits of one text. Each is an error with a position, never a crash.
const (
	// MaxSource is the longest text of one Parse, and the longest statement of a stream, in bytes.
	MaxSource = 1 << 20
	// MaxDepth bounds nested brackets, prefix operators, ** and field paths.
	MaxDepth = 100
	// MaxChain bounds the operators of one level: a + b + c has two.
	MaxChain = 1000
	// MaxStatements bounds statements inside statements.
	MaxStatements = 50
)
