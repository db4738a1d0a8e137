package comment

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/annotation"
	"github.com/assaysec/assay/internal/report/escape"
)

// MaxSize is the longest comment in bytes. GitHub refuses 65,536 characters and more, GitLab takes a million, and nobody
// reads either.
const MaxSize = 60_000

// Options say how a comment is written. The zero value suits a pull request without links.
type Options struct {
	// Key tells comments of one request apart; empty means the stage.
	Key string

	// Blob is the address below which the files of the judged commit can be looked at; empty, or one that could be taken
	// for something else, means no links.
	Blob string

	// Gate is the command that gives the same verdict elsewhere; empty means the one that asks for the same look.
	Gate string

	Limit int // in bytes; 0 means MaxSize

	// Long lists more of everything, for a page of its own, and leaves out the marker.
	Long bool
}

// How much of each kind is listed, and how much of one text is shown.
const (
	maxGaps    = 6
	maxReasons = 3
	maxRulings = 5 // on the run
	maxText    = 240
)

// most is how many findings are listed that stop, warn, and are noted.
func (o *Options) most() [3]int {
	if o.Long {
		return [3]int{1000, 500, 200}
	}
	return [3]int{20, 10, 0}
}

// mostOthers is how many exceptions, and how many alterations, are listed.
func (o *Options) mostOthers() int {
	if o.Long {
		return 100
	}
	return 6
}

// Marker is the first line of the comments with a key.
func Marker(key string) string {
	safe := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return '_'
	}, key)
	safe = strings.ReplaceAll(safe, "--", "__") // two would end the HTML comment
	return "<!-- assay:gate v1 " + safe[:min(len(safe), 64)] + " -->"
}

// Key is the key of a document's comment.
func Key(d *report.Document, o Options) string { return cmp.Or(o.Key, d.Verdict.Stage, "gate") }

// Quiet reports whether a document has nothing to say to a request that has no comment yet: it is allowed, nothing warns,
// no exception needs a word, nothing that judges is altered, and everything was checked.
func Quiet(d *report.Document) bool {
	v, gaps := report.Look(d), report.Gaps(d)
	return report.OutcomeOf(d, gaps) == report.Allowed && len(gaps) == 0 && len(v.Standings()) == 0 && len(v.Alterations) == 0 && v.Judged(report.Stopping)+v.Judged(report.Warning)+len(v.Failing()) == 0
}

// Body is the comment about a document.
func Body(d *report.Document, o Options) string {
	o.Limit = cmp.Or(o.Limit, MaxSize)
	v, gaps := report.Look(d), report.Gaps(d)
	links := newLinker(o.Blob)
	most := o.most()

	// The end has its room before the lists may grow.
	end, tail := text{limit: o.Limit / 4}, text{limit: o.Limit / 8}
	end.end(v, gaps, &o)
	tail.standings(v, &o)
	tail.limit = tail.Len() + o.Limit/8
	tail.alterations(v, &o)
	tail.WriteString(end.String())

	t := text{limit: o.Limit / 4}
	if !o.Long {
		t.add(Marker(Key(d, o)) + "\n")
	}
	t.head(v, gaps)
	t.limit = o.Limit - tail.Len() - o.Limit/8
	t.todo(v, links, most[0])
	t.limit = o.Limit - tail.Len()
	t.folded(v, "warn, and stop nothing", v.ByGroup[report.Warning], links, most[1])
	if o.Long {
		listed, folds := report.FoldInfo(v.ByGroup[report.Noted])
		t.folded(v, "are noted", listed, links, most[2])
		t.folds(folds)
	}
	t.WriteString(tail.String())
	return t.String()
}

// A text grows block by block, as long as there is room.
type text struct {
	strings.Builder
	limit int
}

// roomForRest is kept in every list for the line that counts the rest, and for what closes the list.
const roomForRest = 200

// add adds a block, or nothing and false where there is no room.
func (t *text) add(block string) bool {
	if t.Len()+len(block) > t.limit {
		return false
	}
	t.WriteString(block)
	return true
}

// list adds items, no more than most, and counts the rest.
func (t *text) list(n, most int, noun, lead string, item func(int) string) {
	t.limit -= roomForRest
	shown := 0
	for shown < min(n, most) && t.add(item(shown)) {
		shown++
	}
	t.limit += roomForRest
	if n > shown {
		t.add(lead + "and " + report.Plural(n-shown, "more "+noun) + "\n")
	}
}

// head is the verdict, and what weakens it.
func (t *text) head(v *report.View, gaps []report.Gap) {
	outcome := report.OutcomeOf(v.Document, gaps)
	t.add("### " + title(v, outcome, gaps) + "\n\n")
	if words := counts(v); words != "" {
		t.add(words + "\n\n")
	}
	if left := v.NotShown(); left != "" {
		t.add("**Not shown:** " + left + ".\n\n")
	}
	if rulings := v.RunRulings(); len(rulings) > 0 {
		t.list(len(rulings), maxRulings, "ruling", "- ", func(i int) string { return "- " + ruling(rulings[i]) + "\n" })
		t.add("\n")
	}
	if reasons := v.Reasons(); len(annotation.Stopping(v)) == 0 && outcome != report.Allowed && len(reasons) > 0 {
		t.list(len(reasons), maxReasons, "reason", "- ", func(i int) string { return "- " + prose(reasons[i]) + "\n" })
		t.add("\n")
	}
	if !report.Complete(gaps) {
		t.add("> **Not proven clean.** Something could not be checked, and nobody knows what is in it:\n")
		t.gaps(gaps, "> - ")
		t.add("\n")
	}
}

func (t *text) gaps(gaps []report.Gap, lead string) {
	t.list(len(gaps), maxGaps, "gap", lead, func(i int) string {
		s := lead + prose(gaps[i].String())
		if hint := gaps[i].Hint; hint != "" {
			s += "; to complete it: " + code(hint)
		}
		return s + "\n"
	})
}

// title is the verdict in the words of what it means for the reader.
func title(v *report.View, outcome report.Outcome, gaps []report.Gap) string {
	stops, warns := v.Judged(report.Stopping), v.Judged(report.Warning)
	switch {
	case outcome == report.Denied && stops > 0:
		return "⛔ Denied: " + agree(stops, "stops this change", "stop this change")
	case outcome == report.Denied:
		return "⛔ Denied"
	case outcome == report.Undecided:
		return "❔ No verdict"
	case len(v.Failing()) > 0:
		return "⛔ Stopped: " + agree(len(v.Failing()), "is", "are") + " of severity " + v.FailOn.String() + " or above"
	case outcome == report.Incomplete:
		return "❔ Not decided: a required check is missing"
	case outcome == report.Warned && warns > 0:
		return "⚠️ Allowed, but " + agree(warns, "should be looked at", "should be looked at")
	case outcome == report.Warned:
		return "⚠️ Allowed, with a warning"
	case stops+warns+v.Judged(report.Noted)+v.Judged(report.Kept) == 0:
		return "✅ Allowed: " + report.Nothing(v, gaps)
	}
	return "✅ Allowed"
}

// agree is a count of findings with its verb.
func agree(n int, one, many string) string {
	if n == 1 {
		many = one
	}
	return report.Plural(n, "finding") + " " + many
}

// counts names what the title does not.
func counts(v *report.View) string {
	var words []string
	if n := v.Judged(report.Warning); n > 0 && v.Verdict.Decision != policy.Warn {
		words = append(words, report.Plural(n, "warning"))
	}
	if n := v.Judged(report.Noted); n > 0 {
		words = append(words, report.Number(n)+" below what the gate speaks of")
	}
	if n := v.Judged(report.Kept); n > 0 {
		words = append(words, report.Number(n)+" held back")
	}
	if n := v.Overdue(); n > 0 {
		words = append(words, "**"+report.Number(n)+" overdue**")
	}
	if len(words) == 0 {
		return ""
	}
	return "Also: " + strings.Join(words, ", ") + "."
}

// end says what was looked at and how to see the same at home.
func (t *text) end(v *report.View, gaps []report.Gap, o *Options) {
	if report.Complete(gaps) && len(gaps) > 0 {
		t.add("#### Not looked at\n\n")
		t.gaps(gaps, "- ")
		t.add("\n")
	}
	commands := []string{escape.Clip(cmp.Or(o.Gate, strings.TrimSpace("assay gate "+v.Asked)), maxText)}
	if stops := annotation.Stopping(v); len(stops) > 0 {
		commands = append(commands, escape.Clip(v.Explain(stops[0]), maxText))
	}
	if repair := v.Repair(); repair != "" {
		commands = append(commands, escape.Clip(repair, maxText))
	}
	t.add("#### The same at home\n\n" + escape.Fence(commands) + "\n")
	t.add(fmt.Sprintf("<sub>%s, %s looked at, %s</sub>\n", prose(v.Tool.Name+" "+v.Tool.Version), report.Plural(v.LookedAt(), "file"), report.Day(v.Now)))
}
