package markdown

import (
	"fmt"
	"io"
	"strings"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/escape"
	"github.com/assaysec/assay/internal/report/frame"
	"github.com/assaysec/assay/internal/risk"
)

// MaxSize is the longest comment in bytes; forges refuse longer ones from 65,536 characters on.
const MaxSize = 60_000

// The room that is kept for the end of the comment, and how much of one text is shown.
const (
	tailSize = 12_000
	maxText  = 300

	standingSize  = 8_000 // of what exceptions do, and of what the change alters
	roomForRest   = 200   // for the line that counts what has no room
	maxStandings  = 20
	maxAltered    = 20
	maxStatements = 5

	maxStops   = 20 // with their code; further ones in one line each
	maxReasons = 8
	maxGaps    = 10
	maxLines   = 12
	maxPaste   = 40
	maxFolds   = 30
	maxColumns = 160
)

// Marker is the first line of every comment about a stage. Comments of two stages are two comments.
func Marker(stage string) string {
	safe := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return '_'
	}, stage)
	safe = strings.ReplaceAll(safe, "--", "__") // two would end the HTML comment
	return "<!-- assay comment 1 stage=" + safe[:min(len(safe), 64)] + " -->"
}

// Write writes the report.
func Write(w io.Writer, d *report.Document, _ report.Options) error {
	v := report.Look(d)
	gaps := report.Gaps(d)
	end := &comment{limit: standingSize}
	end.standings(v)
	end.limit = end.Len() + standingSize
	end.alterations(v)
	c := &comment{limit: MaxSize - tailSize - end.Len()}
	c.head(v, gaps)
	c.stop(v)
	c.folded("Warned", v.ByGroup[report.Warning], warned)
	c.noted(v.ByGroup[report.Noted])
	c.folded("Kept", v.ByGroup[report.Kept], kept)
	c.limit = MaxSize
	c.WriteString(end.String())
	c.tail(v, gaps)
	_, err := io.WriteString(w, c.String())
	return err
}

// A comment grows block by block, as long as there is room.
type comment struct {
	strings.Builder
	limit int
}

// add adds a block, or nothing and false where there is no room.
func (c *comment) add(block string) bool {
	if c.Len()+len(block) > c.limit {
		return false
	}
	c.WriteString(block)
	return true
}

// head is bounded by the limits on its parts.
func (c *comment) head(v *report.View, gaps []report.Gap) {
	c.add(Marker(v.Verdict.Stage) + "\n")
	outcome := report.OutcomeOf(v.Document, gaps)
	title := "### " + sign[outcome] + " " + capital(string(outcome))
	if v.Verdict.Stage != "" {
		title += ": " + prose(v.Verdict.Stage)
	}
	c.add(title + "\n\n" + counts(v, gaps) + "\n\n")
	if left := v.NotShown(); left != "" {
		c.add("**Not shown:** " + left + ".\n\n")
	}
	rulings, reasons := v.RunRulings(), v.Reasons()
	c.list(len(rulings), maxReasons, "ruling", func(i int) string { return runRuling(rulings[i]) })
	c.list(len(reasons), maxReasons, "reason", func(i int) string { return prose(reasons[i]) })
	if len(rulings)+len(reasons) > 0 {
		c.add("\n")
	}
	if unknown := v.Unknown(); unknown != "" {
		c.add("**Unknown:** " + prose(unknown) + ".\n\n")
	}
	if !report.Complete(gaps) {
		c.add("> **Not proven clean.** Something could not be checked, and nobody knows what is in it:\n")
		c.gaps(gaps, "> ")
		c.add("\n")
	}
}

var sign = map[report.Outcome]string{
	report.Denied: "⛔", report.Incomplete: "❔", report.Undecided: "❔", report.Warned: "⚠️", report.Allowed: "✅",
}

func counts(v *report.View, gaps []report.Gap) string {
	var words []string
	for g, name := range []string{"**%s stop this change**", "%s warned", "%s noted", "%s kept"} {
		if n := v.Judged(report.Group(g)); n > 0 {
			words = append(words, fmt.Sprintf(name, report.Plural(n, "finding")))
		}
	}
	if len(words) == 0 {
		return capital(report.Nothing(v, gaps)) + "."
	}
	return strings.Replace(strings.Join(words, ", "), "1 finding stop this", "1 finding stops this", 1) + "."
}

// capital begins a sentence with words of ours.
func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func (c *comment) gaps(gaps []report.Gap, lead string) {
	for i, g := range gaps {
		if i == maxGaps {
			c.add(lead + "- and " + report.Plural(len(gaps)-i, "more gap") + "\n")
			return
		}
		text := prose(g.String())
		if g.Hint != "" {
			text += "; to complete it: " + code(g.Hint)
		}
		c.add(lead + "- " + text + "\n")
	}
}

// stop shows what the gate denies, each with its code.
func (c *comment) stop(v *report.View) {
	risks := v.ByGroup[report.Stopping]
	if len(risks) == 0 {
		return
	}
	c.add("#### Stop: " + report.Plural(len(risks), "finding") + " (" + report.Count(risks).String() + ")\n\n")
	for i, r := range risks {
		block := row(r)
		if i < maxStops {
			block = stopped(v, r)
		}
		if !c.add(block) {
			c.rest(risks[i:])
			return
		}
	}
	c.add("\n")
}

// rest counts what did not fit. The room for it is in tailSize.
func (c *comment) rest(risks []*risk.Risk) {
	c.WriteString("\n**And " + report.Plural(len(risks), "more finding") + "** (" + report.Count(risks).String() + "), for which there is no room here.\n\n")
}

func stopped(v *report.View, r *risk.Risk) string {
	var b strings.Builder
	b.WriteString("**" + level(r) + "** " + place(r) + " " + code(r.Rule) + "\n\n" + prose(r.Message) + ".\n\n")
	if lines := excerpt(&r.Place); len(lines) > 0 {
		b.WriteString(escape.Fence(lines) + "\n")
	}
	item := func(name, text string) {
		if text != "" {
			b.WriteString("- " + name + ": " + text + "\n")
		}
	}
	for i, passage := range report.Advice(r.Advice) {
		switch {
		case passage.Code:
			b.WriteString(inset(escape.Fence(passage.Lines[:min(len(passage.Lines), maxPaste)])))
		case i == 0:
			item("do", prose(passage.Lines[0]))
		default:
			b.WriteString("\n  " + prose(passage.Lines[0]) + "\n")
		}
	}
	var reasons []string
	for _, reason := range v.Why(r) {
		reasons = append(reasons, prose(reason))
	}
	item("why", strings.Join(reasons, "; "))
	item("owner", code(r.Owner))
	due := "unknown"
	if !r.Due.IsZero() {
		due = report.Day(r.Due)
	}
	if report.Overdue(r, v.Now) {
		due += ", **overdue**"
	}
	item("due", due)
	if r.Verification == finding.Live {
		item("verification", "its provider says it is **live**")
	}
	if ruling := v.Ruling(r); ruling != nil {
		item("decided by", code(report.Line(ruling)))
	}
	statements := v.Statements(r)
	for _, s := range statements[:min(len(statements), maxStatements)] {
		item("policy", runRuling(s))
	}
	item("more", code(v.Explain(r)))
	return b.String() + "\n"
}

// inset moves lines below the item of a list that they belong to.
func inset(text string) string {
	return "\n  " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n  ") + "\n"
}

// noted lists what is below what the gate speaks of, what only informs by rule.
func (c *comment) noted(risks []*risk.Risk) {
	listed, folds := report.FoldInfo(risks)
	c.folded("Noted", listed, row)
	if len(folds) == 0 {
		return
	}
	count := report.Plural(report.Folded(folds), "finding")
	if !c.add("<details><summary>Noted, for information: " + count + "</summary>\n\n") {
		c.WriteString("\n**And " + count + "** for information, for which there is no room here.\n\n")
		return
	}
	c.list(len(folds), maxFolds, "rule", func(i int) string {
		return report.Number(len(folds[i].Risks)) + " × " + code(folds[i].Rule) + " " + prose(folds[i].Title)
	})
	c.WriteString("\n</details>\n\n")
}

// folded is a list that opens on a click.
func (c *comment) folded(title string, risks []*risk.Risk, show func(*risk.Risk) string) {
	if len(risks) == 0 {
		return
	}
	if !c.add("<details><summary>" + title + ": " + report.Plural(len(risks), "finding") + " (" + report.Count(risks).String() + ")</summary>\n\n") {
		c.WriteString("**" + title + ":**")
		c.rest(risks)
		return
	}
	for i, r := range risks {
		if !c.add(show(r)) {
			c.rest(risks[i:])
			break
		}
	}
	c.WriteString("\n</details>\n\n")
}

func row(r *risk.Risk) string {
	return "- **" + level(r) + "** " + place(r) + " " + code(r.Rule) + ": " + prose(r.Message) + "\n"
}

func warned(r *risk.Risk) string {
	s := row(r)
	if r.Advice != "" {
		s += "  - do: " + prose(report.Advice(r.Advice)[0].Lines[0]) + "\n"
	}
	if r.Owner != "" {
		s += "  - owner: " + code(r.Owner) + "\n"
	}
	return s
}

func kept(r *risk.Risk) string {
	return "- **" + level(r) + "** " + place(r) + " " + code(r.Rule) + ": " + prose(report.Held(r)) + "\n"
}

// tail says what was looked at. Its parts are bounded by tailSize.
func (c *comment) tail(v *report.View, gaps []report.Gap) {
	var words []string
	for _, r := range v.Coverage {
		if r.Complete() && len(words) < maxGaps {
			word := code(r.Engine) + " " + report.Plural(r.Files, "file")
			if len(v.Targets) > 1 {
				word += " of " + code(v.Target(r.Target).Kind)
			}
			words = append(words, word)
		}
	}
	if len(words) == 0 {
		words = []string{"no engine finished its work"}
	}
	c.add("**Looked at:** " + strings.Join(words, ", "))
	if open := report.Plural(len(gaps), "gap"); len(gaps) > 0 {
		c.add("; " + open)
	}
	c.add(".\n")
	if report.Complete(gaps) && len(gaps) > 0 {
		c.gaps(gaps, "")
	}
	if repair := v.Repair(); repair != "" {
		c.add("\n**Next:** " + code(repair) + "\n")
	}
	c.add("\n<sub>" + escape.Markdown(v.Tool.Name+" "+v.Tool.Version) + ", " + report.Day(v.Now) + "</sub>\n")
}

func level(r *risk.Risk) string { return fmt.Sprintf("%s %d", r.Level.Level, r.Level.Score) }

func place(r *risk.Risk) string {
	s := escape.Code(escape.Middle(report.Where(&r.Place), maxText))
	if c := r.Place.Commit; c != nil && c.ID != "" && r.Place.Path != "" {
		s += " in commit " + code(report.ShortID(c.ID))
	}
	return s
}

// excerpt is the code around a place, its lines marked.
func excerpt(p *finding.Place) []string {
	lines := frame.Text(p)
	lines = lines[:min(len(lines), maxLines)]
	for i := range lines {
		lines[i] = escape.Clip(lines[i], maxColumns)
	}
	return lines
}

// prose and code show target text as running text and as it is written.
func prose(s string) string { return escape.Markdown(escape.Clip(s, maxText)) }

func code(s string) string { return escape.Code(escape.Clip(s, maxText)) }
