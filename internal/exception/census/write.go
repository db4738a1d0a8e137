package census

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/report/escape"
)

// Schema is the version of the format JSON.
const Schema = "assay-census/1"

// A Census is what the formats show.
type Census struct {
	Now  time.Time
	Rows []Row
}

// A Format writes a census.
type Format struct {
	Name  string
	Write func(io.Writer, *Census) error
}

// Formats are all of them; the first is the default.
var Formats = []Format{{"text", WriteText}, {"json", WriteJSON}, {"csv", WriteCSV}, {"html", WriteHTML}}

// WriteJSON writes an object with the time, the summary and the rows.
func WriteJSON(w io.Writer, c *Census) error {
	rows := c.Rows
	if rows == nil {
		rows = []Row{}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(struct {
		Schema       string    `json:"schema"`
		Now          time.Time `json:"now"`
		Summary      Summary   `json:"summary"`
		Suppressions []Row     `json:"suppressions"`
	}{Schema, c.Now, Summarize(rows), rows})
	if err != nil {
		return fmt.Errorf("census: %w", err)
	}
	_, err = w.Write(escape.JSON(b.Bytes()))
	return err
}

// header names the columns of CSV.
var header = []string{
	"state", "tool", "kind", "path", "line", "column", "rules", "except", "where", "text", "reason", "expires", "author", "date", "hides", "why", "target", "commit",
}

func (r *Row) cells() []string {
	return []string{
		string(r.State), r.Tool, r.Kind, r.Path, strconv.Itoa(r.Line), strconv.Itoa(r.Column), strings.Join(r.Rules, " "), strings.Join(r.Except, " "), r.Where,
		r.Text, r.Reason, r.Expires, r.Author, r.Date, strconv.Itoa(r.Hides), r.Why, r.Target, r.Commit,
	}
}

// WriteCSV writes a table (RFC 4180) in which no cell is a formula.
func WriteCSV(w io.Writer, c *Census) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(header); err != nil {
		return err
	}
	for i := range c.Rows {
		cells := c.Rows[i].cells()
		for n := range cells {
			cells[n] = cell(cells[n])
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// cell makes a text one line that a spreadsheet shows and does not compute (OWASP, "CSV Injection"). Programs that pass
// over blanks at the front see the apostrophe first, too.
func cell(s string) string {
	trimmed := strings.TrimLeft(s, " \u00a0")
	if trimmed != "" && strings.ContainsRune("=+-@\t\r\n|%＝＋－＠", []rune(trimmed)[0]) {
		return "'" + escape.Terminal(s)
	}
	return escape.Terminal(s)
}

// WriteText writes a list for a terminal, sorted by place, and what it comes to.
func WriteText(w io.Writer, c *Census) error {
	b := bufio.NewWriter(w)
	for i := range c.Rows {
		c.Rows[i].text(b)
	}
	if len(c.Rows) > 0 {
		fmt.Fprintln(b)
	}
	for _, line := range Summarize(c.Rows).lines() {
		fmt.Fprintln(b, line)
	}
	return b.Flush()
}

func (r *Row) text(w io.Writer) {
	fmt.Fprintf(w, "%-11s  %s:%d  %s\n", r.state(), escape.Terminal(r.Path), r.Line, escape.Terminal(r.what()))
	for _, part := range []string{r.author(), r.conditions(), r.Why} {
		if part != "" {
			fmt.Fprintf(w, "             %s\n", escape.Terminal(part))
		}
	}
}

func (r *Row) state() string {
	if r.State == Hides {
		return fmt.Sprintf("hides %d", r.Hides)
	}
	return string(r.State)
}

// what says whose suppression it is and of which rules.
func (r *Row) what() string {
	switch {
	case len(r.Except) > 0:
		return r.Tool + " all but " + strings.Join(r.Except, ", ")
	case len(r.Rules) > 0:
		return r.Tool + " " + strings.Join(r.Rules, ", ")
	case r.State == Unreadable:
		return r.Text
	case r.Where != "":
		return r.Tool + " " + r.Where
	}
	return r.Tool + " all rules"
}

func (r *Row) author() string {
	switch {
	case r.Author == "":
		return ""
	case r.Date == "":
		return "by " + r.Author
	}
	return "by " + r.Author + " on " + r.Date
}

// conditions say why it is there and for how long.
func (r *Row) conditions() string {
	reason, expiry := "no reason", "no expiry"
	if r.Reason != "" {
		reason = "reason: " + r.Reason
	}
	if r.Expires != "" {
		expiry = "until " + r.Expires
	}
	return reason + "; " + expiry
}

// lines are a summary in words.
func (s Summary) lines() []string {
	if s.Count == 0 {
		return []string{"No suppressions."}
	}
	var parts []string
	for _, p := range []struct {
		n    int
		word string
	}{{s.Hiding, "hiding"}, {s.Unused, "unused"}, {s.CannotTell, "cannot tell"}, {s.Expired, "expired"}, {s.Unreadable, "unreadable"}, {s.NoEffect, "without effect"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.word))
		}
	}
	return []string{
		fmt.Sprintf("%s, %s hidden: %s.", plural(s.Count, "suppression"), plural(s.Hidden, "finding"), strings.Join(parts, ", ")),
		fmt.Sprintf("%d without a reason, %d without an expiry. By tool: %s.", s.WithoutReason, s.WithoutExpiry, strings.Join(s.tools(), ", ")),
	}
}

// tools are the tools with their counts, the largest first.
func (s Summary) tools() []string {
	var names []string
	for name := range s.ByTool {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if s.ByTool[a] != s.ByTool[b] {
			return s.ByTool[b] - s.ByTool[a]
		}
		return strings.Compare(a, b)
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %d", name, s.ByTool[name])
	}
	return names
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
