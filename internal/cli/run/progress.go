package run

import (
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// patience is how long a statement runs before its progress is shown.
const patience = time.Second

// longRun is a script that runs in parts.
type longRun struct {
	script  *Script
	started time.Time
	rows    int64 // documents that its statements have changed
}

// told shows how far a script is that runs in parts.
func (r *Runner) told() {
	if r.long == nil || !r.watched() {
		return
	}
	s := r.long.script
	r.started = r.long.started
	r.show(exec.Progress{What: s.Name, Rows: r.long.rows, Bytes: s.read.Load(), TotalBytes: s.size})
}

// progress shows the progress of a long statement.
func (r *Runner) progress(p exec.Progress) {
	switch {
	case !p.Done && time.Since(r.started) >= r.patience:
		r.show(p)
	case r.long == nil: // else what is shown is that of the script
		r.clearBar()
	}
}

// show shows the progress of what began at r.started.
func (r *Runner) show(p exec.Progress) {
	took := time.Since(r.started)
	if took < r.patience {
		return
	}
	done, total := p.Bytes, p.TotalBytes
	if total <= 0 {
		done, total = p.Rows, r.total
	}
	if total <= 0 {
		total = -1
	}
	if r.bar == nil {
		r.bar = progressbar.NewOptions64(total,
			progressbar.OptionSetWriter(r.Out.Err), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetSpinnerChangeInterval(0), // else a goroutine draws without end, and over the rows too
			progressbar.OptionSetWidth(20), progressbar.OptionClearOnFinish(), progressbar.OptionSpinnerType(14),
			progressbar.OptionEnableColorCodes(false), progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false))
	}
	r.bar.Describe(progressText(p, done, total, took))
	if failed := r.draw(done, total); failed != nil { // failing to draw a bar is not an error
		r.clearBar()
	}
}

func (r *Runner) draw(done, total int64) error {
	if total > 0 {
		return r.bar.Set64(min(done, total-1)) //nolint:wrapcheck // it is dropped
	}
	return r.bar.Add64(1) //nolint:wrapcheck // it is dropped
}

// progressText returns a text such as "UPDATE User: 12000 rows, 3500/s, 8 s left".
func progressText(p exec.Progress, done, total int64, took time.Duration) string {
	text := lang.Visible(p.What) + ": " + plural(p.Rows, "row")
	if p.Failed > 0 {
		text += ", " + plural(p.Failed, "bad one")
	}
	if p.Rows > 0 {
		text += fmt.Sprintf(", %.0f/s", float64(p.Rows)/took.Seconds())
	}
	if done > 0 && total > done {
		left := time.Duration(float64(took) * float64(total-done) / float64(done))
		text += fmt.Sprintf(", %s left", max(left.Round(time.Second), time.Second))
	}
	return text
}

func (r *Runner) clearBar() {
	if r.bar == nil {
		return
	}
	_ = r.bar.Clear() // later output overwrites it
	r.bar = nil
}
