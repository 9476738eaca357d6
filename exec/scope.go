package exec

import (
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
)

// SessionOptions describe the context in which texts run.
type SessionOptions struct {
	Prompt  bool // LET may rebind a name
	Program bool // the command-line program: IMPORT is allowed
	// NoRefresh: reads raise no ends, whatever the model says.
	NoRefresh bool
	// DryRun: only the last statement of a text runs, and the ones before it count as if they had: they declare the models that it uses. IMPORT
	// reads and checks every record and writes nothing.
	DryRun bool
	// OpenImport opens a file of an IMPORT, of which MatchImport returns those of a pattern; nil: there are no patterns.
	// CreateExport creates the file of an EXPORT, with these columns. nil: the statement is an error.
	OpenImport   func(file string, o lang.FileOptions) (RowSource, error)
	MatchImport  func(pattern string) ([]string, error)
	CreateExport func(file string, o lang.FileOptions, columns []string, types []lang.Type) (RowSink, error)
	Progress     func(run.Progress) // nil: no reports
	Checkpoint   *Checkpoint        // nil: the run does not save its position
}

// scope is the context in which texts run: the engine, the options, and the names that LET has bound.
type scope struct {
	e     *Engine
	o     SessionOptions
	now   lang.DateTime // of the batch to which the statement belongs; 0: it has a time of its own
	vars  map[string]variable
	batch []int // see check.Options
}

// variable is the value of a LET name.
type variable struct {
	t lang.Type
	v any
}

// MaxLetRows is the maximum number of rows in a top-level LET.
const MaxLetRows = 10000

// options returns the options of the checker.
func (s *scope) options() check.Options {
	o := check.Options{Prompt: s.o.Prompt, Program: s.o.Program, Migration: s.o.Checkpoint != nil, Batch: s.batch, NoRefresh: s.o.NoRefresh}
	if len(s.vars) > 0 {
		o.Vars = make(map[string]lang.Type, len(s.vars))
		for n, v := range s.vars {
			o.Vars[n] = v.t
		}
	}
	return o
}

// bind binds a name to a value.
func (s *scope) bind(name string, v variable) {
	if s.vars == nil {
		s.vars = map[string]variable{}
	}
	s.vars[name] = v
}

// instant returns the time of a statement.
func (s *scope) instant() lang.DateTime {
	if s.o.Checkpoint != nil {
		return s.o.Checkpoint.Now
	}
	if s.now != 0 {
		return s.now
	}
	return s.e.db.Instant()
}
