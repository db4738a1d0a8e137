package azure

import (
	"bufio"
	"io"
	"strconv"
	"strings"

	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/annotation"
)

// Write writes the report.
// https://learn.microsoft.com/en-us/azure/devops/pipelines/scripts/logging-commands#logissue-log-an-error-or-warning
func Write(w io.Writer, d *report.Document, _ report.Options) error {
	set := annotation.Of(d)
	b := bufio.NewWriter(w)
	for _, a := range set.Shown {
		issue(b, a)
	}
	b.WriteString("assay: " + set.Summary + "\n")
	return b.Flush()
}

// escaped is what the agent takes back, in properties and in the message alike. An agent of before 2021 shows a percent sign
// as it is written here; it would have shown the target's own escapes as what they stand for.
// https://github.com/microsoft/azure-pipelines-agent/blob/master/docs/design/percentEncoding.md
var escaped = strings.NewReplacer("%", "%AZP25", ";", "%3B", "\r", "%0D", "\n", "%0A", "]", "%5D")

func issue(b *bufio.Writer, a annotation.Annotation) {
	b.WriteString("##vso[task.logissue ")
	property := func(name, value string) {
		if value != "" && value != "0" {
			b.WriteString(name + "=" + escaped.Replace(value) + ";")
		}
	}
	kind := "warning"
	if a.Error {
		kind = "error"
	}
	property("type", kind)
	property("sourcepath", a.Path)
	property("linenumber", strconv.Itoa(a.Start.Line))
	property("columnnumber", strconv.Itoa(a.Start.Column))
	property("code", a.Code)
	b.WriteString("]" + escaped.Replace(strings.Join(append([]string{a.Title}, a.Detail...), "\n")) + "\n")
}
