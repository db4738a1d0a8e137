package html

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"sync"

	"github.com/assaysec/assay/internal/report"
)

// MaxFindings is how many findings the table holds; a browser becomes slow with more. The rest is counted.
const MaxFindings = 2_000

//go:embed report.html
var pageText string

//go:embed report.css
var style string

//go:embed filter.js
var script string

// page is parsed on first use, since most runs write no HTML.
var page = sync.OnceValues(func() (*template.Template, error) { return template.New("report").Parse(pageText) })

// Write writes the report.
func Write(w io.Writer, d *report.Document, _ report.Options) error {
	t, err := page()
	if err != nil {
		return fmt.Errorf("html: %w", err)
	}
	b := bufio.NewWriter(w)
	if err := t.Execute(b, pageOf(report.Look(d))); err != nil {
		return fmt.Errorf("html: %w", err)
	}
	return b.Flush()
}

// csp allows the page its own style and its own script, and nothing else.
func csp() string {
	hash := sha256.Sum256([]byte(script))
	return "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) +
		"'; base-uri 'none'; form-action 'none'"
}
