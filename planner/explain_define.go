package planner

import (
	"strings"

	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
)

// explainChange prints how a statement changes a model, and what is done to its documents.
func explainChange(t *plan.Text, d *ir.Define) {
	if d.Works != nil {
		t.Line("dry run: tests the documents of %s, in steps, and changes nothing of what follows", d.Model.Name)
	}
	for _, words := range d.Changes {
		t.Line("change: %s", words)
	}
	if d.Empty != nil {
		t.Line("only while %s has no documents", d.Model.Name)
	}
	if d.Enters {
		t.Line("enters the documents of %s, by their names in steps", d.Model.Name)
	}
	var filled, dropped, converted []string
	for _, f := range d.NewFields {
		filled = append(filled, f.Name)
	}
	if d.Added != nil {
		for _, f := range d.Added.Computed() {
			filled = append(filled, f.Columns[0].Label())
		}
	}
	for _, ix := range d.NewIndexes {
		filled = append(filled, "INDEX "+ix.Name)
	}
	for _, ix := range d.NewUniques {
		filled = append(filled, "UNIQUE "+ix.Name)
	}
	for _, f := range d.Dropped {
		dropped = append(dropped, f.Name)
	}
	for _, f := range d.Converted {
		converted = append(converted, f.Name)
	}
	if len(converted) > 0 {
		t.Line("converts %s, in steps over the documents of %s", strings.Join(converted, ", "), d.Model.Name)
	}
	if len(filled) > 0 {
		t.Line("fills %s, in steps over the documents of %s", strings.Join(filled, ", "), d.Model.Name)
	}
	if len(d.NewChecks) > 0 {
		t.Line("tests the documents of %s, in steps: CHECK %s", d.Model.Name, strings.Join(d.NewChecks, ", CHECK "))
	}
	if len(converted) > 0 {
		t.Line("removes the old values of %s, in steps", strings.Join(converted, ", "))
	}
	if len(dropped) > 0 {
		t.Line("removes %s from the documents of %s, in steps", strings.Join(dropped, ", "), d.Model.Name)
	}
}
