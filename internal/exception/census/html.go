package census

import (
	"bufio"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/assaysec/assay/internal/report/escape"
)

// MaxRows is how many rows the page holds; a browser becomes slow with more. The rest is counted.
const MaxRows = 5_000

//go:embed census.html
var pageText string

//go:embed census.css
var style string

// page is parsed on first use, since most runs write no HTML.
var page = sync.OnceValues(func() (*template.Template, error) { return template.New("census").Parse(pageText) })

// A pageData is what the template shows. Every text in it is safe to read; the template makes it safe as HTML.
type pageData struct {
	Style   template.CSS
	Day     string
	Title   string
	Summary []string
	Counts  []count
	Rows    []pageRow
	Left    int // rows that are not shown
}

type count struct {
	Number       int
	Label, Class string
}

type pageRow struct {
	State, Class, Where, What, Text, Reason, Expires, Author, Date, Why string
}

// WriteHTML writes one page that needs nothing beside itself and runs no script.
func WriteHTML(w io.Writer, c *Census) error {
	t, err := page()
	if err != nil {
		return fmt.Errorf("census: %w", err)
	}
	b := bufio.NewWriter(w)
	if err := t.Execute(b, pageOf(c)); err != nil {
		return fmt.Errorf("census: %w", err)
	}
	return b.Flush()
}

func pageOf(c *Census) *pageData {
	s := Summarize(c.Rows)
	p := &pageData{Style: template.CSS(style), Day: c.Now.UTC().Format(time.DateOnly), Title: plural(s.Count, "suppression"), Summary: s.lines()}
	numbers := map[State]int{Hides: s.Hiding, Unused: s.Unused, CannotTell: s.CannotTell, Expired: s.Expired, Unreadable: s.Unreadable, NoEffect: s.NoEffect}
	for _, state := range States {
		if numbers[state] > 0 {
			p.Counts = append(p.Counts, count{numbers[state], string(state), classOf(state)})
		}
	}
	shown := c.Rows[:min(len(c.Rows), MaxRows)]
	p.Left = len(c.Rows) - len(shown)
	for i := range shown {
		r := &shown[i]
		p.Rows = append(p.Rows, pageRow{
			State: r.state(), Class: classOf(r.State), Where: safe(fmt.Sprintf("%s:%d", r.Path, r.Line)), What: safe(r.what()), Text: safe(r.Text),
			Reason: safe(r.Reason), Expires: safe(r.Expires), Author: safe(r.Author), Date: safe(r.Date), Why: safe(r.Why),
		})
	}
	return p
}

// classOf is a state as a name in the style.
func classOf(s State) string { return strings.ReplaceAll(string(s), " ", "-") }

// safe makes target text one line in which everything can be seen, also where the page is printed to a log.
func safe(s string) string { return escape.Terminal(s) }
