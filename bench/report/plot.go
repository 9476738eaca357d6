package main

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/rql-lang/rql/bench/rig"
)

// ratios draws a bar for each figure: how much longer RQL takes than code by hand, on a logarithmic scale.
func ratios(path string, r *rig.Report) error {
	p := plot.New()
	p.Title.Text = fmt.Sprintf("%s, %s: time of RQL / by hand", r.Name, r.Date.Format("2006-01-02"))
	p.X.Scale, p.X.Tick.Marker = log2{}, plot.TickerFunc(powers)
	list := slices.Clone(r.Figures)
	slices.Reverse(list) // the first one is on top
	names, least, most := make([]string, len(list)), 1.0, 1.0
	for i, f := range list {
		names[i] = f.Name
		least, most = min(least, f.Low), max(most, f.High)
		bar, err := plotter.NewLine(plotter.XYs{{X: 1, Y: float64(i)}, {X: f.Ratio, Y: float64(i)}})
		if err != nil {
			return err
		}
		bar.Width, bar.Color = vg.Points(8), plotutil.Color(2)
		if f.Ratio > 1 {
			bar.Color = plotutil.Color(0)
		}
		spread, err := plotter.NewLine(plotter.XYs{{X: f.Low, Y: float64(i)}, {X: f.High, Y: float64(i)}})
		if err != nil {
			return err
		}
		p.Add(bar, spread)
	}
	p.X.Min, p.X.Max = least/1.1, most*1.1
	p.Y.Min, p.Y.Max = -1, float64(len(list))
	p.NominalY(names...)
	p.Y.Padding = 1.5 * vg.Centimeter // a viewer without the font may take a wider one
	p.Add(plotter.NewGrid())
	return p.Save(24*vg.Centimeter, vg.Length(len(list)+4)*0.6*vg.Centimeter, path)
}

// throughput draws the calls per second of each client by the number of callers, a line for each job and client.
func throughput(path string, r *rig.Report) error {
	p := plot.New()
	p.Title.Text = fmt.Sprintf("%s, %s: calls/s", r.Name, r.Date.Format("2006-01-02"))
	p.X.Label.Text = "callers"
	p.X.Scale, p.X.Tick.Marker = log2{}, plot.TickerFunc(powers)
	p.Y.Min = 0
	p.Legend.Top, p.Legend.Left = true, true
	type series struct{ job, client string }
	var order []series
	points := map[series]plotter.XYs{}
	for _, c := range r.Callers {
		s := series{c.Job, c.Client}
		if points[s] == nil {
			order = append(order, s)
		}
		points[s] = append(points[s], plotter.XY{X: float64(c.Callers), Y: c.PerSecond})
	}
	var jobs, clients []string
	for _, s := range order {
		if !slices.Contains(jobs, s.job) {
			jobs = append(jobs, s.job)
		}
		if !slices.Contains(clients, s.client) {
			clients = append(clients, s.client)
		}
	}
	for _, s := range order {
		l, dots, err := plotter.NewLinePoints(points[s])
		if err != nil {
			return err
		}
		client, job := slices.Index(clients, s.client), slices.Index(jobs, s.job)
		l.Color, l.Dashes = plotutil.Color(client), plotutil.Dashes(job)
		dots.Color, dots.Shape = l.Color, draw.CircleGlyph{}
		p.Add(l, dots)
		p.Legend.Add(s.job+", "+s.client, l)
	}
	p.Add(plotter.NewGrid())
	return p.Save(24*vg.Centimeter, 18*vg.Centimeter, path)
}

// log2 is a logarithmic scale.
type log2 struct{}

func (log2) Normalize(lo, hi, x float64) float64 {
	return (math.Log2(x) - math.Log2(lo)) / (math.Log2(hi) - math.Log2(lo))
}

// powers marks the powers of two.
func powers(lo, hi float64) []plot.Tick {
	var out []plot.Tick
	for x := math.Exp2(math.Floor(math.Log2(lo))); x <= hi; x *= 2 {
		if x >= lo {
			out = append(out, plot.Tick{Value: x, Label: fmt.Sprint(x)})
		}
	}
	return out
}
