package cli

import (
	"context"
	"maps"
	"path"
	"path/filepath"
	"slices"

	"github.com/assaysec/assay/internal/engines"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/loosening"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/scan"
	"github.com/assaysec/assay/internal/source"
)

// changeEngine stands before the rules of what is wrong with a change itself.
const changeEngine = "change"

// altered is what a change does to the files that judge it.
type altered struct {
	list     []report.Alteration
	findings []finding.Finding
	unsound  error // what is wrong with one of them after the change
}

// alterations compares the files that can loosen a verdict in the base and after the change.
func (c *change) alterations(ctx context.Context, t *target, seen *scan.Report, set *settings, f *lookFlags, hide func(string) string) (altered, error) {
	var out altered
	base, ok := c.house.(*gitHouse)
	if c.was != nil {
		base = c.was
	}
	if !c.known || !ok {
		return out, nil
	}
	head, names, err := c.headHouse(ctx, t, seen, f)
	if head == nil || err != nil {
		return out, err
	}
	named := namedFiles(set, f)
	kinds := map[string]loosening.Kind{}
	add := func(name string) {
		if kind, ok := loosening.KindOf(name, named); ok && !source.Vendored(name) {
			kinds[name] = kind
		}
	}
	for name := range base.files {
		add(name)
	}
	for name := range named {
		add(name)
	}
	for _, name := range names {
		add(name)
	}
	var list []loosening.Alteration
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		list = append(list, loosening.Compare(loosening.File{
			Path: name, Kind: kinds[name], Base: readIfThere(base, name), Head: readIfThere(head, name), Engines: engines.Names(),
		})...)
	}
	for i := range list { // they quote files in which somebody may have put a credential
		list[i].What, list[i].Path = hide(scan.Mask(list[i].What)), hide(list[i].Path)
	}
	if len(list) > 0 {
		out.unsound = unsound(head, seen.Kept, f)
	}
	out.findings = loosening.Findings(list)
	for _, a := range list {
		out.list = append(out.list, report.Alteration{Path: a.Path, Line: a.Line, Kind: string(a.Kind), What: a.What, Loosens: a.Loosens})
	}
	return out, nil
}

// readIfThere gives nil for a file that is not there. What cannot be read, such as a link that leads out, is as good as
// gone: nobody would obey it.
func readIfThere(h house, name string) []byte {
	text, err := h.read(name)
	if err == nil && text == nil {
		text = []byte{}
	}
	return text
}

// namedFiles are the files that the base's configuration or a flag names, by their kinds.
func namedFiles(set *settings, f *lookFlags) map[string]loosening.Kind {
	named := map[string]loosening.Kind{}
	add := func(kind loosening.Kind, paths ...string) {
		for _, p := range paths {
			if p != "" && p != engines.Builtin && filepath.IsLocal(p) {
				named[path.Clean(filepath.ToSlash(p))] = kind
			}
		}
	}
	c := set.config
	add(loosening.Rules, c.Rules...)
	add(loosening.Rules, c.Secret.Rules...)
	add(loosening.Rules, c.Secret.Config)
	add(loosening.Rules, f.rules...)
	add(loosening.Signers, c.Exceptions.AllowedSigners)
	add(loosening.Configuration, f.config)
	add(loosening.Baseline, f.baseline)
	return named
}

// headHouse is where the files are read as the change leaves them, with the paths that may be of interest.
func (c *change) headHouse(ctx context.Context, t *target, seen *scan.Report, f *lookFlags) (house, []string, error) {
	switch {
	case f.staged:
		index, err := c.repo.Index(ctx)
		if err != nil {
			return nil, nil, err
		}
		var entries []source.GitEntry
		for _, e := range index.Entries {
			if p, in := below(t.prefix, e.Path); in && !e.IntentToAdd {
				entries = append(entries, source.GitEntry{Path: p, Mode: e.Mode, ID: e.ID})
			}
		}
		h := newGitHouse(entries, c.repo)
		return h, h.paths(), nil
	case t.given != nil && t.revision == "":
		return nil, nil, nil
	case t.revision != "":
		id, err := t.resolve(t.revision)
		if err != nil {
			return nil, nil, err
		}
		entries, err := treeEntries(ctx, t, id, c.note)
		h := newGitHouse(entries, c.repo)
		return h, h.paths(), err
	}
	var names []string
	for name := range seen.Kept {
		names = append(names, name)
	}
	h := diskHouse{root: t.dir}
	policies, err := h.list(loosening.PolicyFolder)
	if err != nil {
		return nil, nil, err
	}
	return h, slices.Concat(names, policies, loosening.Fixed()), nil
}

// paths are those of all files.
func (h *gitHouse) paths() []string {
	names := make([]string, 0, len(h.files))
	for name := range h.files {
		names = append(names, name)
	}
	return names
}
