package github

import (
	"bufio"
	"io"
	"strconv"
	"strings"

	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/annotation"
	"github.com/assaysec/assay/internal/report/comment"
)

// Write writes the annotations: an error for what stops, a warning for what warns, and a notice with the outcome.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
func Write(w io.Writer, d *report.Document, _ report.Options) error {
	set := annotation.Of(d)
	b := bufio.NewWriter(w)
	for _, a := range set.Shown {
		name := "warning"
		if a.Error {
			name = "error"
		}
		write(b, name, properties(a), strings.Join(a.Detail, "\n"))
	}
	write(b, "notice", []property{{"title", "assay"}}, set.Summary)
	return b.Flush()
}

type property struct{ name, value string }

// properties places an annotation. GitHub takes columns only where one line is meant.
func properties(a annotation.Annotation) []property {
	var list []property
	number := func(name string, n int) {
		if n > 0 {
			list = append(list, property{name, strconv.Itoa(n)})
		}
	}
	if a.Path != "" {
		list = append(list, property{"file", a.Path})
		number("line", a.Start.Line)
		number("endLine", a.End.Line)
		if a.End.Line == a.Start.Line {
			number("col", a.Start.Column)
			number("endColumn", a.End.Column)
		}
	}
	return append(list, property{"title", a.Title})
}

// The runner takes these back, and nothing else. In a property a colon and a comma have a meaning too.
var (
	data  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	value = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func write(b *bufio.Writer, name string, list []property, text string) {
	b.WriteString("::" + name)
	for i, p := range list {
		b.WriteString([]string{" ", ","}[min(i, 1)] + p.name + "=")
		value.WriteString(b, p.value) // a bufio.Writer keeps its error for Flush
	}
	b.WriteString("::")
	data.WriteString(b, text)
	b.WriteByte('\n')
}

// maxSummary is how long a step's part of the summary may be; from 1 MiB on GitHub refuses it.
const maxSummary = 1_000_000

// WriteSummary writes the page of a job, to be appended to the file that GITHUB_STEP_SUMMARY names.
func WriteSummary(w io.Writer, d *report.Document, _ report.Options) error {
	_, err := io.WriteString(w, comment.Body(d, comment.Options{Limit: maxSummary, Long: true}))
	return err
}
