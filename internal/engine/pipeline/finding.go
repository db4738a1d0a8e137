package pipeline

import (
	"cmp"
	"slices"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/scan"
)

// Properties is what a finding of this engine knows beside what all findings know.
type Properties struct {
	Platform string `json:"platform"` // github, gitlab, azure
	Key      string `json:"key"`      // job, step and expression, as the fingerprint has them
}

// finding turns a fault into a finding. Of a fault that Join found the text is gone; its layout has the lines.
func (e *Engine) finding(path string, platform string, l layout, text []byte, f *fault.Fault) finding.Finding {
	r := catalog().byID[f.Rule]
	if r == nil {
		panic("no rule is called " + f.Rule)
	}
	fd := finding.Finding{
		Rule: r.Name(), Aliases: slices.Sorted(slices.Values(r.Names())), Title: r.Title,
		Severity: cmp.Or(f.Severity, r.Severity), Confidence: cmp.Or(f.Confidence, r.Confidence),
		Message: scan.MaskQuoted(f.Message), Advice: cmp.Or(f.Advice, r.Advice), Surroundings: scan.Mask(f.Key),
		Place:      finding.Place{Kind: finding.InFile, Path: path, Start: l.position(f.Span.Start), End: l.position(f.Span.End)},
		Properties: Properties{Platform: platform, Key: scan.Mask(f.Key)},
	}
	if text != nil && !r.Hide {
		fd.Place.Frame = frame(text, l, f.Span)
	}
	if f.Fix != nil && tellable(f.Fix.Edits) {
		edits := endLines(text, f.Fix.Edits)
		fd.Fixes = []finding.Fix{fix(l, f.Fix.Title, edits)}
		if text != nil && !r.Hide {
			fd.Fixes[0].Patch = patch(path, text, l, edits)
		}
	}
	return fd
}

// related is the steps of a flow, each in its file.
func related(path string, layouts map[string]layout, steps []fault.Step) []finding.Place {
	var out []finding.Place
	for _, s := range steps {
		p := cmp.Or(s.Path, path)
		l := layouts[p]
		out = append(out, finding.Place{Kind: finding.InFile, Path: p, Start: l.position(s.Span.Start), End: l.position(s.Span.End)})
	}
	return out
}

// tellable reports whether no edit repeats what could be a credential in quotes: it would stand in the finding.
func tellable(edits []fault.Edit) bool {
	return !slices.ContainsFunc(edits, func(e fault.Edit) bool { return scan.MaskQuoted(e.Text) != e.Text })
}

func fix(l layout, title string, edits []fault.Edit) finding.Fix {
	out := finding.Fix{Title: scan.MaskQuoted(title)}
	for _, e := range edits {
		out.Edits = append(out.Edits, finding.Edit{Start: l.position(e.Span.Start), End: l.position(e.Span.End), Text: e.Text})
	}
	return out
}

const (
	frameLines = 4   // of a place, shown at most
	frameWidth = 160 // code points of a line
)

// frame quotes the lines of a place, without what could be a piece of a credential.
func frame(text []byte, l layout, s fault.Span) *finding.Frame {
	first := l.position(s.Start).Line
	last := min(max(l.position(s.End).Line, first), first+frameLines-1)
	fr := &finding.Frame{First: first}
	for n := first; n <= last; n++ {
		line := []rune(scan.Mask(string(l.line(text, n))))
		if len(line) > frameWidth {
			line = append(line[:frameWidth-1], '…')
		}
		fr.Lines = append(fr.Lines, string(line))
	}
	return fr
}
