package lang

type (
	// IncludeStmt stands for the statements of another file.
	IncludeStmt struct {
		Sp     Span
		File   string
		FileSp Span
	}
	// PrintStmt is PRINT: its items are those of a RETURN.
	PrintStmt struct {
		Sp    Span
		Items *Returns
	}
)

func (s *IncludeStmt) Span() Span { return s.Sp }
func (s *PrintStmt) Span() Span   { return s.Sp }

func (*IncludeStmt) stmtNode() {}
func (*PrintStmt) stmtNode()   {}
