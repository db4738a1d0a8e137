package html

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/frame"
	"github.com/assaysec/assay/internal/risk"
)

// An areaChart shows risk by area as stacked bars, in units of its view box.
type areaChart struct {
	Title  string
	Few    bool // so few bars that the other pictures stand below and not beside them
	Height int
	Bars   []bar
	Legend []string // the classes that occur, worst first
	Desc   string   // the same in words
	Rest   string   // the areas that are not drawn: a bar of them all would dwarf the others
}

type bar struct {
	Label, Full, Desc string
	Y, Middle         int
	Segments          []segment
	End               string // where the number stands
	Total             string
}

type segment struct {
	Class, X, Width, Middle, Count, Title string
}

const (
	maxAreas  = 10
	fewAreas  = 4
	rowHeight = 30
	barStart  = 128 // right of the labels
	barRoom   = 262
	labelRoom = 16 // columns of a label
)

// keptClass stands beside the levels: what is held back is shown, but not as a risk of today.
const keptClass = "kept"

// An area counts findings of one part of the target: those that are not held back by level, and those that are.
type area struct {
	name string
	open report.Levels
	kept int
}

func (a *area) total() int { return a.open.Total() + a.kept }

// worse orders areas: by the count of the worst level, then of the next, then by all that is kept.
func worse(a, b *area) int {
	for _, level := range report.Worst {
		if c := cmp.Compare(b.open[level], a.open[level]); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(b.kept, a.kept), strings.Compare(a.name, b.name))
}

func areasOf(v *report.View) areaChart {
	byName := map[string]*area{}
	var all []*area
	root := v.Root()
	for _, r := range v.ByRisk {
		name := v.Area(r, root)
		a := byName[name]
		if a == nil {
			a = &area{name: name}
			byName[name] = a
			all = append(all, a)
		}
		a.add(v, r)
	}
	slices.SortFunc(all, worse)
	c := draw(all[:min(len(all), maxAreas)])
	if more := len(all) - maxAreas; more > 0 {
		rest := &area{}
		for _, a := range all[maxAreas:] {
			rest.merge(a)
		}
		c.Rest = "And " + report.Plural(more, "more area") + ": " + rest.words()
	}
	switch {
	case v.ByService():
		c.Title = "Risk by service"
	case root != "":
		c.Title = "Risk by folder of " + safe(root)
	default:
		c.Title = "Risk by folder"
	}
	return c
}

func (a *area) add(v *report.View, r *risk.Risk) {
	if v.Group(r) == report.Kept {
		a.kept++
		return
	}
	a.open[min(r.Level.Level, finding.Critical)]++
}

func (a *area) merge(b *area) {
	a.kept += b.kept
	for i, n := range b.open {
		a.open[i] += n
	}
}

func draw(areas []*area) areaChart {
	c := areaChart{Height: len(areas)*rowHeight + 4, Few: len(areas) <= fewAreas}
	most := 1
	for _, a := range areas {
		most = max(most, a.total())
	}
	used := map[string]bool{}
	var words []string
	for i, a := range areas {
		b := a.bar(i, most)
		for _, s := range b.Segments {
			used[s.Class] = true
		}
		words = append(words, b.Desc)
		c.Bars = append(c.Bars, b)
	}
	for _, class := range append(levelNames(), keptClass) {
		if used[class] {
			c.Legend = append(c.Legend, class)
		}
	}
	c.Desc = strings.Join(words, ". ")
	return c
}

func levelNames() []string {
	names := make([]string, len(report.Worst))
	for i, level := range report.Worst {
		names[i] = level.String()
	}
	return names
}

func (a *area) bar(i, most int) bar {
	full := safe(a.name)
	b := bar{Label: full, Full: full, Y: i*rowHeight + 4, Middle: i*rowHeight + 19, Total: report.Number(a.total())}
	if frame.Cells(full) > labelRoom {
		b.Label = frame.Crop(full, labelRoom-1) + "…"
	}
	x := float64(barStart)
	add := func(class string, n int) {
		if n == 0 {
			return
		}
		w := float64(barRoom) * float64(n) / float64(most)
		s := segment{Class: class, X: units(x), Width: units(max(w-1, 0.5)), Middle: units(x + w/2), Title: fmt.Sprintf("%s: %s %s", full, report.Number(n), class)}
		if w >= float64(10*len(report.Number(n))) {
			s.Count = report.Number(n)
		}
		b.Segments = append(b.Segments, s)
		x += w
	}
	for _, level := range report.Worst {
		add(level.String(), a.open[level])
	}
	add(keptClass, a.kept)
	b.End = units(x + 6)
	b.Desc = full + ": " + a.words()
	return b
}

// words are the counts of an area that are not zero.
func (a *area) words() string {
	words := a.open.String()
	if a.kept > 0 {
		words = strings.TrimPrefix(words+", "+report.Number(a.kept)+" kept", ", ")
	}
	return words
}

// A donut shows parts of a whole; its circle has a circumference of 100.
type donut struct {
	Total    string
	Long     bool // the total needs a smaller letter
	Segments []arc
	Desc     string
}

type arc struct {
	Class, Label, Count, Length, Rest, Offset string
}

func noveltyOf(v *report.View) donut {
	counts := map[risk.Novelty]int{}
	total := 0
	for _, r := range v.ByRisk {
		if v.Group(r) != report.Kept {
			counts[r.New]++
			total++
		}
	}
	d := donut{Total: report.Number(total), Long: total > 999}
	at := 0.0
	var words []string
	for _, part := range []struct {
		class, label string
		n            int
	}{
		{"new", "new with this change", counts[risk.NewYes]},
		{"old", "there before", counts[risk.NewNo]},
		{"unknown", "not known", total - counts[risk.NewYes] - counts[risk.NewNo]},
	} {
		words = append(words, fmt.Sprintf("%d %s", part.n, part.label))
		a := arc{Class: part.class, Label: part.label, Count: report.Number(part.n)}
		if part.n > 0 {
			length := 100 * float64(part.n) / float64(total)
			a.Length, a.Rest, a.Offset = units(length), units(100-length), units(25-at)
			at += length
		}
		d.Segments = append(d.Segments, a)
	}
	d.Desc = strings.Join(words, ", ")
	return d
}

// Columns show how many findings are due when.
type columns struct {
	Columns []column
	Desc    string
}

type column struct {
	Class, Label, Count string
	X, Middle, Y        int
	NumberY, Height     int
}

const (
	columnRoom  = 110 // units of height
	columnWidth = 46
	columnStep  = 68
)

func dueOf(v *report.View) columns {
	names := []struct{ class, label string }{
		{"overdue", "overdue"}, {"soon", "in 7 days"}, {"month", "in 30 days"}, {"later", "later"}, {"never", "unknown"},
	}
	counts := make([]int, len(names))
	for _, r := range v.ByRisk {
		if v.Group(r) != report.Kept || r.Status == risk.Baseline {
			counts[dueColumn(r, v.Now)]++
		}
	}
	most := max(1, slices.Max(counts))
	var c columns
	var words []string
	for i, n := range names {
		height := counts[i] * columnRoom / most
		if counts[i] > 0 {
			height = max(height, 3)
		}
		x := i * columnStep
		c.Columns = append(c.Columns, column{
			Class: n.class, Label: n.label, Count: report.Number(counts[i]),
			X: x + (columnStep-columnWidth)/2, Middle: x + columnStep/2, Y: 20 + columnRoom - height, NumberY: 14 + columnRoom - height, Height: height,
		})
		words = append(words, fmt.Sprintf("%d %s", counts[i], n.label))
	}
	c.Desc = strings.Join(words, ", ")
	return c
}

func dueColumn(r *risk.Risk, now time.Time) int {
	switch left := r.Due.Sub(now); {
	case r.Due.IsZero():
		return 4
	case left < 0:
		return 0
	case left <= 7*24*time.Hour:
		return 1
	case left <= 30*24*time.Hour:
		return 2
	}
	return 3
}

// An engineRow is one engine on one target in the picture of coverage.
type engineRow struct {
	Engine, Target, Status, Class, Files, Note string
	Required                                   bool
}

func enginesOf(v *report.View, gaps []report.Gap) []engineRow {
	var rows []engineRow
	for _, g := range gaps {
		rows = append(rows, engineRow{
			Engine: safe(cmp.Or(g.Engine, "all engines")), Target: safe(targetName(v, g.Target)), Status: safe(string(g.Status)),
			Class: statusClass(g.Status), Note: safe(g.Reason), Files: files(v, g.Engine, g.Target), Required: g.Required,
		})
	}
	for _, r := range v.Coverage {
		if r.Complete() {
			rows = append(rows, engineRow{
				Engine: safe(r.Engine), Target: safe(targetName(v, r.Target)), Status: string(r.Status), Class: statusClass(r.Status),
				Files: report.Plural(r.Files, "file"),
			})
		}
	}
	return rows
}

// files is what an engine with a gap looked at all the same.
func files(v *report.View, engine, target string) string {
	for _, r := range v.Coverage {
		if r.Engine == engine && r.Target == target && r.Files > 0 {
			return report.Plural(r.Files, "file")
		}
	}
	return ""
}

func targetName(v *report.View, id string) string {
	if id == "" {
		return ""
	}
	return v.Target(id).Kind
}

func statusClass(s coverage.Status) string {
	switch s {
	case coverage.Done:
		return "done"
	case coverage.Partial, coverage.Stale:
		return "partial"
	case coverage.NotRun:
		return "notrun"
	}
	return "error"
}

// units writes a length so that it is the same everywhere.
func units(f float64) string { return fmt.Sprintf("%.2f", f) }
