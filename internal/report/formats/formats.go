package formats

import (
	"fmt"
	"io"
	"strings"

	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/azure"
	"github.com/assaysec/assay/internal/report/github"
	"github.com/assaysec/assay/internal/report/gitlab"
	"github.com/assaysec/assay/internal/report/html"
	"github.com/assaysec/assay/internal/report/json"
	"github.com/assaysec/assay/internal/report/jsonl"
	"github.com/assaysec/assay/internal/report/junit"
	"github.com/assaysec/assay/internal/report/markdown"
	"github.com/assaysec/assay/internal/report/sarif"
	"github.com/assaysec/assay/internal/report/text"
)

// A Format turns a document into bytes.
type Format struct {
	Name  string
	About string // for whom it is, in a few words
	Write func(io.Writer, *report.Document, report.Options) error
}

// All is every format, in the order that help shows them.
var All = []Format{
	{Name: "text", About: "for a person at a terminal", Write: text.Write},
	{Name: "json", About: "everything, for programs (docs/report.schema.json)", Write: json.Write},
	{Name: "jsonl", About: "the same, one object a line", Write: jsonl.Write},
	{Name: "sarif", About: "SARIF 2.1.0, for code scanning services and editors", Write: sarif.Write},
	{Name: "gitlab-secret-detection", About: "GitLab's secret detection report", Write: gitlab.WriteSecretDetection},
	{Name: "gitlab-sast", About: "GitLab's SAST report", Write: gitlab.WriteSAST},
	{Name: "junit", About: "test results, for CI systems", Write: junit.Write},
	{Name: "markdown", About: "a comment on a pull request", Write: markdown.Write},
	{Name: "github", About: "annotations on GitHub, in the log of a step", Write: github.Write},
	{Name: "github-summary", About: "the page of a job on GitHub", Write: github.WriteSummary},
	{Name: "azure", About: "annotations on Azure Pipelines, in the log of a step", Write: azure.Write},
	{Name: "html", About: "one page with pictures, without network", Write: html.Write},
}

// Find is the format with a name; an unknown name is an error that lists the known ones.
func Find(name string) (Format, error) {
	for _, f := range All {
		if f.Name == name {
			return f, nil
		}
	}
	return Format{}, fmt.Errorf("report format %q: want one of %s", name, strings.Join(Names(), ", "))
}

// Names lists the names of all formats.
func Names() []string {
	names := make([]string, len(All))
	for i, f := range All {
		names[i] = f.Name
	}
	return names
}
