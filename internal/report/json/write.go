package json

import (
	"io"

	"github.com/assaysec/assay/internal/report"
)

// Write writes the report. It encodes one finding at a time, so that a large report is never held twice.
func Write(w io.Writer, d *report.Document, _ report.Options) error {
	o := report.NewObjectWriter(w)
	o.Field("schema", d.Schema)
	o.Field("tool", d.Tool)
	o.Field("now", report.Time(d.Now))
	o.Field("targets", list(d.Targets))
	o.Array("findings", len(d.Findings), func(i int) (any, error) { return FindingOf(&d.Findings[i]) })
	o.Array("coverage", len(d.Coverage), func(i int) (any, error) { return RecordOf(&d.Coverage[i]), nil })
	if d.Filtered != nil {
		o.Field("filtered", FilteredOf(d.Filtered))
	}
	o.Field("verdict", VerdictOf(&d.Verdict))
	if n := len(d.Exceptions); n > 0 {
		o.Array("exceptions", n, func(i int) (any, error) { return ExceptionOf(&d.Exceptions[i]), nil })
	}
	if d.Suppressions != nil {
		o.Field("suppressions", d.Suppressions)
	}
	if n := len(d.Alterations); n > 0 {
		o.Array("alterations", n, func(i int) (any, error) { return d.Alterations[i], nil })
	}
	return o.Close()
}
