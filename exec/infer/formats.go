package infer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang/codec"
)

// dateTimes are formats of datetimes other than those of ISO 8601.
var dateTimes = []string{
	"DD.MM.YYYY", "DD.MM.YYYY HH:mm", "DD.MM.YYYY HH:mm:ss", "DD/MM/YYYY", "DD/MM/YYYY HH:mm", "DD/MM/YYYY HH:mm:ss",
	"MM/DD/YYYY", "MM/DD/YYYY HH:mm", "MM/DD/YYYY HH:mm:ss", "YYYY/MM/DD", "YYYY/MM/DD HH:mm", "YYYY/MM/DD HH:mm:ss",
}

// A number with a decimal comma, and one with three digits behind it, which may be thousands.
var (
	commaNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(,[0-9]+)?$`)
	thousands   = regexp.MustCompile(`,[0-9]{3}$`)
)

// formats finds how floats and datetimes are written in a file of text.
func (r *Records) formats() {
	if !r.text {
		return
	}
	for _, name := range r.names {
		texts := r.values[name]
		r.Comma = r.Comma || commas(texts)
		var fit []string
		for _, format := range dateTimes {
			if moments(texts, format) {
				fit = append(fit, format)
			}
		}
		if len(fit) == 1 && r.DateTime == "" { // not 01/02/2026, which may be either
			r.DateTime = fit[0]
		}
	}
	for _, name := range r.names { // a point in another column is no decimal point then
		r.Comma = r.Comma && !slices.ContainsFunc(r.values[name], func(s string) bool { return fraction.MatchString(s) && strings.Contains(s, ".") })
	}
}

// commas reports whether texts are numbers with a decimal comma.
func commas(texts []string) bool {
	some := false
	for _, s := range texts {
		if !commaNumber.MatchString(s) {
			return false
		}
		some = some || strings.Contains(s, ",") && !thousands.MatchString(s)
	}
	return some
}

// moments reports whether texts are datetimes of a format.
func moments(texts []string, format string) bool {
	if len(texts) == 0 {
		return false
	}
	return !slices.ContainsFunc(texts, func(s string) bool {
		_, err := codec.ParseDateTimeAs(s, format)
		return err != nil
	})
}
