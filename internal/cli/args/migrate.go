package args

import "time"

// Migration is the task of rql migrate.
type Migration struct {
	Action     string // "new", "diff", "status", "plan", "up", "down", "redo", "baseline", "accept", "verify", "check" or "snapshot"
	Dir        string
	Name       string // of new and diff
	Models     string // of diff: the file with the models to come to
	From       string // of diff: the file with those to begin with, or ""
	Version    string // of baseline and accept, and of --to
	AllowOrder bool
	ExitCode   bool          // of status
	DryRun     bool          // of up
	Steps      int           // of down
	Wait       time.Duration // how long to wait for another run
	Replicas   int           // how many replicas must have each statement
}

// waiting is the flag for how long to wait for another run.
type waiting struct {
	LockTimeout  time.Duration `default:"5m" placeholder:"TIME" help:"How long to wait for another run (5m)."`
	WaitReplicas int           `placeholder:"N" help:"Go on behind a statement only when N replicas have what it wrote."`
}

type migrateCmd struct {
	Dir string `default:"migrations" placeholder:"DIR" help:"Directory of the files (migrations)."`

	New struct {
		Name string `arg:"" help:"What it does, in a word or two."`
	} `cmd:"" help:"Make an empty file with the next number."`
	Diff struct {
		Models string `arg:"" help:"File of the MODEL and PROCEDURE statements to come to."`
		Name   string `default:"models" placeholder:"NAME" help:"What it does, in a word or two (models)."`
		From   string `placeholder:"FILE" help:"File of those to begin with. Default: the server of --url or --data, else what the files make."`
	} `cmd:"" help:"Make a file with the next number of the difference between models."`
	Status struct {
		ExitCode bool `help:"Exit with 4 if a migration is pending, failed, edited, missing or late."`
	} `cmd:"" help:"List the migrations and their state."`
	Plan struct {
		To string `placeholder:"VERSION" help:"Up to this one."`
	} `cmd:"" help:"Show the plans of what up would run; change nothing."`
	Up struct {
		To         string `placeholder:"VERSION" help:"Up to this one."`
		AllowOrder bool   `help:"Run a file even if a later one has already run."`
		DryRun     bool   `help:"The same as plan."`
		waiting
	} `cmd:"" help:"Run the migrations that have not run yet, or continue an interrupted one."`
	Down struct {
		To    string `placeholder:"VERSION" help:"Undo all that follow this one."`
		Steps int    `default:"1" placeholder:"N" help:"How many to undo (1)."`
		waiting
	} `cmd:"" help:"Undo the last one with its DOWN part."`
	Redo struct {
		waiting
	} `cmd:"" help:"Undo the last one and run it again."`
	Baseline struct {
		Version string `arg:"" help:"The last one that the database has."`
	} `cmd:"" help:"Record those up to a version as done, if the database already has their models."`
	Accept struct {
		Version string `arg:"" help:"The one that was edited."`
	} `cmd:"" aliases:"repair" help:"Accept the current file of a migration that has run (also: repair)."`
	Verify   struct{} `cmd:"" help:"Compare the models of the database with those of the migrations."`
	Check    struct{} `cmd:"" help:"Check all files without a server."`
	Snapshot struct{} `cmd:"" help:"Write the models that result from all files to models.rql, without a server."`
}

// Help explains the files.
func (migrateCmd) Help() string {
	return `A migration is a file DIR/0001_name.rql of statements; what follows a statement DOWN; undoes it. Each is carried out once, in order. A run that was stopped or killed goes on where it was: no statement changes a document twice.

  rql migrate new users
  rql migrate diff models.rql --name nick
  rql migrate up --url redis://localhost:6379
  rql migrate status --exit-code`
}

// take copies the flags.
func (c *migrateCmd) take(action string) Migration {
	m := Migration{Action: action, Dir: c.Dir, Steps: c.Down.Steps, ExitCode: c.Status.ExitCode}
	switch action {
	case "new":
		m.Name = c.New.Name
	case "diff":
		m.Name, m.Models, m.From = c.Diff.Name, c.Diff.Models, c.Diff.From
	case "plan":
		m.Version = c.Plan.To
	case "up":
		m.Version, m.AllowOrder, m.DryRun, m.Wait = c.Up.To, c.Up.AllowOrder, c.Up.DryRun, c.Up.LockTimeout
		m.Replicas = c.Up.WaitReplicas
	case "down":
		m.Version, m.Wait, m.Replicas = c.Down.To, c.Down.LockTimeout, c.Down.WaitReplicas
	case "redo":
		m.Wait, m.Replicas = c.Redo.LockTimeout, c.Redo.WaitReplicas
	case "baseline":
		m.Version = c.Baseline.Version
	case "accept":
		m.Version = c.Accept.Version
	}
	return m
}
