package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/scan"
)

// Name is the engine's.
const Name = "pipeline"

// DefaultMaxPerRule bounds the findings of one rule in one file unless something else is said.
const DefaultMaxPerRule = 100

// An Engine looks at pipelines. It reads its rules when it first has something to say: most commits change no pipeline.
type Engine struct{ most int }

var (
	_ scan.Engine   = (*Engine)(nil)
	_ scan.Joiner   = (*Engine)(nil)
	_ scan.Lister   = (*Engine)(nil)
	_ scan.Recaller = (*Engine)(nil)
)

// New makes an engine. maxPerRule bounds the findings of one rule in one file; 0 means the default.
func New(maxPerRule int) *Engine {
	if maxPerRule == 0 {
		maxPerRule = DefaultMaxPerRule
	}
	return &Engine{most: maxPerRule}
}

// Name is "pipeline".
func (e *Engine) Name() string { return Name }

// Version changes with what the checks say.
func (e *Engine) Version() string { return "2" }

// Digests is that of the rules.
func (e *Engine) Digests() map[string]string { return map[string]string{"rules": rulesDigest()} }

// Rules are the IDs of all rules.
func (e *Engine) Rules() []string {
	c := catalog()
	ids := make([]string, len(c.Rules))
	for i := range c.Rules {
		ids[i] = c.Rules[i].Name()
	}
	return ids
}

// Names are the IDs of all rules and the names that others have for them.
func (e *Engine) Names() []string {
	c := catalog()
	var names []string
	for i := range c.Rules {
		r := &c.Rules[i]
		names = append(append(names, r.Name()), r.Names()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Wants asks the platforms by the path alone. What lies in somebody else's code runs nowhere here, and a link is no file.
func (e *Engine) Wants(f *scan.FileInfo) bool {
	return f.Class != coverage.Binary && f.Class != coverage.Vendored && f.Class != coverage.Link && f.Size <= document.MaxSize && !strings.Contains(f.Path, "!/") &&
		len(platformsOf(f.Path)) > 0
}

// summaryKind is the kind of the facts that summaries are: Name is the platform, Value a summary.
const summaryKind = "pipeline"

// A summary is what Join gets to know of a file.
type summary struct {
	Layout layout          `json:"layout"`
	Of     json.RawMessage `json:"of"` // the platform's own
}

// Look looks at one file by itself.
func (e *Engine) Look(_ context.Context, f *scan.File) scan.Result {
	var res scan.Result
	l := newLayout(f.Text)
	for _, p := range platformsOf(f.Path) {
		faults, of, unchecked := p.look(f.Path, f.Text)
		res.Unchecked = append(res.Unchecked, unchecked...)
		if len(of) > 0 {
			value, err := json.Marshal(summary{l, of})
			if err != nil {
				panic(err) // a platform's summary is JSON
			}
			res.Facts = append(res.Facts, scan.Fact{Kind: summaryKind, Name: p.name, Value: string(value), Place: finding.Place{Kind: finding.InFile, Path: f.Path}})
		}
		faults, res.Capped = e.cap(faults, res.Capped)
		for i := range faults {
			fd := e.finding(f.Path, p.name, l, f.Text, &faults[i])
			fd.Related = related(f.Path, map[string]layout{f.Path: l}, faults[i].Steps)
			res.Findings = append(res.Findings, fd)
		}
	}
	return res
}

// cap leaves out what one rule has too much to say of one file.
func (e *Engine) cap(faults []fault.Fault, capped map[string]int) ([]fault.Fault, map[string]int) {
	fault.Sort(faults)
	seen := map[string]int{}
	kept := faults[:0]
	for _, f := range faults {
		if seen[f.Path+" "+f.Rule]++; seen[f.Path+" "+f.Rule] <= e.most {
			kept = append(kept, f)
			continue
		}
		if capped == nil {
			capped = map[string]int{}
		}
		capped[Name+"/"+f.Rule] = e.most
	}
	return kept, capped
}

// Join finds what lies between the files.
func (e *Engine) Join(_ context.Context, facts []scan.Fact) scan.Result {
	var res scan.Result
	for i := range platforms {
		e.join(&platforms[i], facts, &res)
	}
	return res
}

func (e *Engine) join(p *platform, facts []scan.Fact, res *scan.Result) {
	var paths []string
	var summaries [][]byte
	layouts := map[string]layout{}
	for i := range facts {
		if facts[i].Kind != summaryKind || facts[i].Name != p.name {
			continue
		}
		var s summary
		if err := json.Unmarshal([]byte(facts[i].Value), &s); err != nil {
			res.Unchecked = append(res.Unchecked, facts[i].Place.Path+": its summary cannot be read")
			continue
		}
		paths, summaries = append(paths, facts[i].Place.Path), append(summaries, s.Of)
		layouts[facts[i].Place.Path] = s.Layout
	}
	if len(paths) == 0 {
		return
	}
	faults, unchecked := p.join(paths, summaries)
	res.Unchecked = append(res.Unchecked, unchecked...)
	faults, res.Capped = e.cap(faults, res.Capped)
	for i := range faults {
		f := &faults[i]
		fd := e.finding(f.Path, p.name, layouts[f.Path], nil, f)
		fd.Related = related(f.Path, layouts, f.Steps)
		res.Findings = append(res.Findings, fd)
	}
}

// Recall reads the properties of a finding back.
func (e *Engine) Recall(text []byte) (any, error) {
	var p Properties
	dec := json.NewDecoder(bytes.NewReader(text))
	return p, dec.Decode(&p)
}
