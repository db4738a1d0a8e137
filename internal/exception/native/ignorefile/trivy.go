package ignorefile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/assaysec/assay/internal/exception/native"
	"github.com/assaysec/assay/internal/finding"
)

var trivySections = []string{"vulnerabilities", "misconfigurations", "secrets", "licenses"}

// readTrivyYAML reads .trivyignore.yaml (trivy.dev, "Filtering", ".trivyignore.yaml"). An entry holds until expired_at.
func readTrivyYAML(f *File, content []byte, _ Options) {
	f.Tool, f.keys = native.Trivy, keysOf(native.Trivy)
	top := f.tree(content, false)
	if top == nil {
		return
	}
	if top.form != mapping {
		f.fault(top.line, top.column, "want a mapping with "+strings.Join(trivySections, ", "), "")
		return
	}
	for i, key := range top.keys {
		section := top.items[i]
		switch {
		case !slices.Contains(trivySections, key.text):
			f.reject(key.entry(), "unknown section "+strconv.Quote(key.text), "want "+strings.Join(trivySections, ", "))
		case section.form == null:
		case section.form != list:
			f.reject(section.entry(), key.text+" is "+section.what(), "want a list of entries, each with an id")
		default:
			for _, n := range section.items {
				f.trivyEntry(n, key.text)
			}
		}
	}
}

func (f *File) trivyEntry(n *node, section string) {
	e := n.entry()
	if n.form != mapping || n.str("id") == "" {
		f.reject(e, "an entry of "+section+" without an id", "write - id: CVE-2026-0001")
		return
	}
	e.Rules, e.Reason, e.Until = []string{n.str("id")}, n.str("statement"), n.str("expired_at")
	if k := n.stranger("id", "paths", "purls", "expired_at", "statement"); k != nil {
		e.Problem = "it has the condition " + strconv.Quote(k.text) + ", which is not known here"
		f.add(e)
		return
	}
	paths, okPaths := n.get("paths").texts()
	purls, okPurls := n.get("purls").texts()
	e.Where = strings.Join(slices.Concat(paths, purls), ", ")
	if !okPaths || !okPurls {
		f.reject(e, "paths and purls are lists of texts", "")
		return
	}
	if n.get("expired_at") != nil && !f.setEnd(&e, "expired_at") {
		return
	}
	patterns, bad := globs(paths)
	if bad != "" {
		f.reject(e, strconv.Quote(bad)+" is not a pattern of paths", "")
		return
	}
	for _, p := range purls {
		if _, ok := parsePurl(p); !ok {
			f.reject(e, strconv.Quote(p)+" is not a package URL", "write it as pkg:npm/lodash@4.17.20")
			return
		}
	}
	packages := setOf(purls)
	e.holds = func(x *finding.Finding) bool {
		return (len(patterns) == 0 || within(patterns, x)) && (len(purls) == 0 || packages.cover(x.Place.Package))
	}
	f.add(e, keyOf(native.Trivy, e.Rules[0]))
}

// setEnd reads the date of an entry, or rejects it.
func (f *File) setEnd(e *Entry, key string) bool {
	end, ok := day(e.Until)
	if !ok {
		f.reject(*e, key+": "+strconv.Quote(e.Until)+" is not a date", "write it as 2027-01-31")
		return false
	}
	e.End = end
	return true
}

// globs reads patterns, and gives the first that is none.
func globs(texts []string) (out []glob, bad string) {
	for _, text := range texts {
		g, err := parseGlob(text)
		if err != nil {
			return nil, text
		}
		out = append(out, g)
	}
	return out, ""
}
