package lang

// Limits of one text. Exceeding one is an error with a code and a position, and
// together they bound the cost of parsing and checking any text to about a
// second and 64 MiB.
const (
	// MaxSource is the longest text of one Parse, and the longest statement of a stream, in bytes.
	MaxSource = 1 << 20
	// MaxTokens bounds the words, literals and signs of one text.
	MaxTokens = 150_000
	// MaxName bounds a name, in bytes.
	MaxName = 255
	// MaxDepth bounds nested brackets, prefix operators, ** and field paths.
	MaxDepth = 100
	// MaxChain bounds the operators of one level: a + b + c has two.
	MaxChain = 1000
	// MaxNested bounds the nesting of statements.
	MaxNested = 50
	// MaxIncludes bounds how deep files include each other.
	MaxIncludes = 16
	// MaxStatements bounds the statements of one text, including nested ones.
	MaxStatements = 5000
	// MaxFields bounds the fields of a model together with its rules, including
	// those of the models that it embeds; the values of an enum; the columns
	// that a statement returns; and the items of a SET.
	MaxFields = 1000
	// MaxTerms bounds the terms of GROUP BY, ORDER BY and FETCH, and the parameters of a procedure.
	MaxTerms = 100
	// MaxMembers bounds the members of the value that a LET names, including
	// nested members; it is nested to MaxDepth at most.
	MaxMembers = 5000
	// MaxTotalFields bounds the fields and columns of everything that one text declares and returns.
	MaxTotalFields = 50_000
	// MaxExprs bounds the expressions that are checked for one text: its own, those of the procedures that it calls and
	// those of the rules that its models embed.
	MaxExprs = 250_000
)

// MaxLife is the maximum lifetime of a document, 100 years. A later expiration is an error.
const MaxLife Duration = 100 * 365 * 24 * 3600 * 1000

// MaxRejects is the number of records that an IMPORT with ON ERROR rejects at most, unless its LIMIT says another.
const MaxRejects = 1000

// MaxMessage bounds the length of a diagnostic's message, and of its hint, in
// bytes.
const MaxMessage = 4000

// MaxString is the maximum length in bytes of the result of +, * and replace().
const MaxString = 1 << 20

// MaxJSON is the maximum size in bytes of a list, a map or a json as JSON text, in which form it is stored and sent: a script
// that changes one reads and writes all of it.
const MaxJSON = 1 << 20

// MaxIndexed is the maximum length in bytes of an indexed or unique string or tuple.
const MaxIndexed = 1024
