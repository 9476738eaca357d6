package ir

import "github.com/rql-lang/rql/lang"

// Procedure is a stored ATOMIC with parameters. Only its text is stored: the
// body is checked again, against the schema at that time, by every CALL.
type Procedure struct {
	Name    string
	Version string              // its version in the catalog; "" if it is not stored
	Def     string              // canonical PROCEDURE statement
	Decl    *lang.ProcedureStmt // its syntax tree
	Source  *lang.Source        // the text to which the tree's spans belong
	Broken  bool                // its definition has errors, which were reported
}

// Within returns a position in the text of the procedure, which was called at call.
func (p *Procedure) Within(sp, call lang.Span) *lang.Within {
	return &lang.Within{Name: "procedure " + p.Name, Source: p.Source, Span: sp, Call: call}
}

// Procedure returns the procedure with that exact name, or nil.
func (s *Schema) Procedure(name string) *Procedure {
	if s == nil {
		return nil
	}
	return s.procs.get(name)
}

// Procedures returns the names of the procedures in byte order.
func (s *Schema) Procedures() []string {
	if s == nil {
		return nil
	}
	return s.procs.names()
}

// WithProcedure returns a schema with p added or replaced.
func (s *Schema) WithProcedure(p *Procedure) *Schema {
	return &Schema{models: s.models, procs: s.procs.with(p.Name, p), formerly: s.formerly}
}

// WithoutProcedure returns a schema without the named procedure.
func (s *Schema) WithoutProcedure(name string) *Schema {
	return &Schema{models: s.models, procs: s.procs.with(name, nil), formerly: s.formerly}
}
