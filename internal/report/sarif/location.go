package sarif

import (
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/escape"
	"github.com/assaysec/assay/internal/report/frame"
)

// locationOf is the place of a finding. A service that needs a file shows the base itself for a place without one.
func locationOf(v *report.View, target string, p *finding.Place) location {
	if p.Target != "" {
		target = p.Target
	}
	physical := &physicalLocation{ArtifactLocation: artifactLocation{URI: ".", URIBaseID: base(v.Targets, target)}}
	if p.Path != "" {
		physical.ArtifactLocation.URI = escape.URI(p.Path)
		physical.Region = regionOf(p)
	}
	if physical.Region != nil {
		physical.ContextRegion = contextOf(p, physical.Region)
	}
	return location{PhysicalLocation: physical, LogicalLocations: logical(p)}
}

// regionOf is the place's range; nil where it has none or one that SARIF does not allow (§3.30).
func regionOf(p *finding.Place) *region {
	if p.Start.Line < 1 {
		return nil
	}
	r := &region{StartLine: p.Start.Line, StartColumn: max(p.Start.Column, 0)}
	if p.End.Line < p.Start.Line || p.End.Line == p.Start.Line && p.End.Column < p.Start.Column {
		return r
	}
	r.EndLine, r.EndColumn = p.End.Line, max(p.End.Column, 0)
	return r
}

// contextOf is the frame around a region; it must hold the region and more than it (§3.29.5).
func contextOf(p *finding.Place, r *region) *region {
	if p.Frame == nil || len(p.Frame.Lines) == 0 || p.Frame.First < 1 {
		return nil
	}
	last := p.Frame.First + len(p.Frame.Lines) - 1
	if r.StartLine < p.Frame.First || max(r.StartLine, r.EndLine) > last || wholly(p) {
		return nil
	}
	snippet := make([]string, len(p.Frame.Lines))
	for i, l := range p.Frame.Lines {
		snippet[i] = line(strings.TrimRight(strings.ReplaceAll(l, "\t", "    "), "\r\n"))
	}
	return &region{StartLine: p.Frame.First, EndLine: last, Snippet: &text{Text: strings.Join(snippet, "\n")}}
}

// wholly reports whether a place takes all of its frame.
func wholly(p *finding.Place) bool {
	return !slices.ContainsFunc(frame.Of(p), func(l frame.Line) bool { return !l.Hit || l.Before != "" || l.After != "" })
}

// logical names what is no file: package, workload, layer, commit.
func logical(p *finding.Place) []logicalLocation {
	var all []logicalLocation
	add := func(kind, name string) {
		if name != "" {
			all = append(all, logicalLocation{FullyQualifiedName: line(name), Kind: kind})
		}
	}
	add("package", p.Package)
	add("workload", p.Workload)
	add("layer", p.Layer)
	if p.Commit != nil {
		add("commit", p.Commit.ID)
	}
	return all
}

// message is plain text in which brackets make no link (§3.11.6). Braces stay: without arguments nothing takes them for
// placeholders, and viewers show doubled ones as they are.
func message(s string) *text {
	s = line(s)
	if strings.Contains(s, "](") {
		s = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(s)
	}
	return &text{Text: s}
}

// line makes target text one line in which everything can be seen.
func line(s string) string { return escape.Line(s) }

func lines(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = line(s)
	}
	return out
}
