package cli

import (
	"context"
	"path"
	"path/filepath"

	"github.com/assaysec/assay/internal/engines"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/loosening"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/scan"
)

// changeEngine stands before the rules of what is wrong with a change itself.
const changeEngine = "change"

// altered is what a change does to the files that judge it.
type altered struct {
	list     []report.Alteration
	findings []finding.Finding
	broken   faults // what is wrong with them after the change
}

// alterations compares the files that can loosen a verdict in the base and after the change.
func (c *change) alterations(ctx context.Context, t *target, seen *scan.Report, set *settings, f *lookFlags, hide func(string) string) (altered, error) {
	var out altered
	if !c.known {
		return out, nil
	}
	after, err := c.after(ctx, t, seen.Kept, f)
	if after == nil || err != nil {
		return out, err
	}
	own, above := c.namedFiles(t, set, f)
	list := after.own.compare(own, engines.Names())
	touched := len(list) > 0
	if after.above != nil {
		list = append(list, after.above.compare(above, engines.Names())...)
		touched = len(list) > 0 || after.above.touched()
	}
	for i := range list { // they quote files in which somebody may have put a credential
		list[i].What, list[i].Path = hide(scan.Mask(list[i].What)), hide(list[i].Path)
	}
	if touched {
		out.broken = after.faults(f)
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

// namedFiles are the files that the base's configuration or a flag names, by their kinds: those of the target, and those of
// the whole repository where the target is a folder of it.
func (c *change) namedFiles(t *target, set *settings, f *lookFlags) (own, above map[string]loosening.Kind) {
	own, above = map[string]loosening.Kind{}, map[string]loosening.Kind{}
	by := own
	if set.speaks != nil {
		by = above
	}
	say := func(kind loosening.Kind, paths ...string) {
		for _, p := range paths {
			if p != "" && p != engines.Builtin && filepath.IsLocal(p) {
				by[path.Clean(filepath.ToSlash(p))] = kind
			}
		}
	}
	s := set.config
	say(loosening.Rules, s.Rules...)
	say(loosening.Rules, s.Secret.Rules...)
	say(loosening.Rules, s.Secret.Config)
	say(loosening.Signers, s.Exceptions.AllowedSigners)
	flag := func(kind loosening.Kind, p string) {
		if p == "" || p == engines.Builtin {
			return
		}
		inside, ok := c.said.inside(p)
		if !ok {
			return
		}
		if below, in := below(t.prefix, inside); in {
			own[below] = kind
		} else {
			above[inside] = kind
		}
	}
	for _, p := range f.rules {
		flag(loosening.Rules, p)
	}
	flag(loosening.Configuration, f.config)
	flag(loosening.Baseline, f.baseline)
	return own, above
}

// paths are those of all files.
func (h *gitHouse) paths() []string {
	names := make([]string, 0, len(h.files))
	for name := range h.files {
		names = append(names, name)
	}
	return names
}
