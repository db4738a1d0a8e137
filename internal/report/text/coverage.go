package text

import (
	"fmt"
	"strings"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/report"
)

// maxUnchecked is how many unchecked files are named on the first screen.
const maxUnchecked = 5

// coverage is the first screen: what was looked at, by which engines, and what was not.
func (p *printer) coverage(v *report.View, gaps []report.Gap) {
	p.blank()
	p.targets(v)
	p.engines(v, gaps)
	p.skipped(v)
	p.unchecked(gaps)
	p.capped(v)
	if unknown := v.Unknown(); unknown != "" {
		p.wide("unknown", safe(unknown))
	}
}

func (p *printer) targets(v *report.View) {
	if len(v.Targets) == 0 {
		p.wide("looked at", p.paint(red, "nothing"))
	}
	for i, t := range v.Targets {
		files, bytes := extent(v, t.ID)
		text := fmt.Sprintf("%s (%s): %s, %s", t.Name, t.Kind, report.Plural(files, "file"), size(bytes))
		if len(v.Targets) > 1 {
			text = t.ID + " " + text
		}
		if t.Revision != "" {
			text += ", at " + report.ShortID(t.Revision)
		}
		if among := v.Among(t.ID); among != "" {
			text += "; among them " + among
		}
		p.wide(first(i, "looked at"), safe(text))
	}
}

// extent is how much of a target was looked at: by the engine that looked at most, since engines share files.
func extent(v *report.View, target string) (files int, bytes int64) {
	for _, r := range v.Coverage {
		if r.Target == target {
			files, bytes = max(files, r.Files), max(bytes, r.Bytes)
		}
	}
	return files, bytes
}

// engines shows each engine's status, the gaps first so that they are not overlooked.
func (p *printer) engines(v *report.View, gaps []report.Gap) {
	n := 0
	for _, g := range gaps {
		p.gap(v, first(n, "engines"), g)
		n++
	}
	for _, r := range v.Coverage {
		if !r.Complete() {
			continue
		}
		text := fmt.Sprintf("%-12s ", safe(r.Engine+where(v, r.Target))) + p.paint(dim, report.Plural(r.Files, "file"))
		p.engine(first(n, "engines"), green, "done", text)
		n++
	}
}

func (p *printer) gap(v *report.View, label string, g report.Gap) {
	color := yellow
	if g.Failed() {
		color = red
	}
	text := g.Engine
	if g.Engine != "" {
		text += where(v, g.Target)
	}
	if g.Required && text != "" {
		text += " (required)"
	}
	if g.Reason != "" {
		text = strings.TrimPrefix(text+": "+g.Reason, ": ")
	}
	if g.Hint != "" {
		text += "; to complete it: " + g.Hint
	}
	p.engine(label, color, strings.ToUpper(string(g.Status)), safe(text))
}

// engine is a line of the list of engines.
func (p *printer) engine(name, color, status, text string) {
	name, status = fmt.Sprintf("%-*s", label, name), fmt.Sprintf("%-8s ", status)
	p.wrappedAfter(p.paint(dim, name)+p.paint(color, status), name+status, text)
}

// where names the target where there are several.
func where(v *report.View, target string) string {
	if len(v.Targets) < 2 || target == "" {
		return ""
	}
	return " on " + target
}

func (p *printer) skipped(v *report.View) {
	if left := v.Skipped(); left != "" {
		p.wide("left out", safe(left+" (by choice)"))
	}
}

func (p *printer) unchecked(gaps []report.Gap) {
	var all []coverage.Unchecked
	for _, g := range gaps {
		all = append(all, g.Unchecked...)
	}
	for i, u := range all[:min(len(all), maxUnchecked)] {
		p.wide(first(i, "unchecked"), safe(u.Path+": "+u.Reason))
	}
	if more := len(all) - maxUnchecked; more > 0 {
		p.wide("", "and "+report.Plural(more, "more place")+" (all: --format json)")
	}
}

func (p *printer) capped(v *report.View) {
	if n := v.Capped(report.AnyEngine); n > 0 {
		p.wide("capped", report.Plural(n, "file")+" with more findings of one rule than are reported")
	}
}

// first is the label of the first line of several.
func first(i int, label string) string {
	if i == 0 {
		return label
	}
	return ""
}

// size writes a number of bytes for a reader.
func size(n int64) string {
	if n < 1024 {
		return report.Plural(int(n), "byte")
	}
	value, unit := float64(n), ""
	for _, u := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if value < 1024 {
			break
		}
		value, unit = value/1024, u
	}
	return fmt.Sprintf("%.1f %s", value, unit)
}
