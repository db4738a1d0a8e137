package ignorefile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/assaysec/assay/internal/exception/native"
	"github.com/assaysec/assay/internal/finding"
)

// readSnyk reads a policy (docs.snyk.io, "The .snyk file"): under ignore, for each issue a list of paths, each with a
// reason and an end; under exclude, paths that are not looked at. What patch says holds nothing.
func readSnyk(f *File, content []byte, _ Options) {
	f.Tool, f.keys = native.Snyk, keysOf(native.Snyk)
	top := f.tree(content, false)
	if top == nil {
		return
	}
	if top.form != mapping {
		f.fault(top.line, top.column, "want a mapping with version and ignore", "")
		return
	}
	if k := top.stranger("version", "ignore", "patch", "exclude", "language-settings", "failThreshold", "suggest"); k != nil {
		f.reject(k.entry(), "unknown section "+strconv.Quote(k.text), "want version, ignore, patch, exclude or language-settings")
	}
	f.eachKey(top.get("ignore"), "ignore", f.snykIssue)
	f.eachKey(top.get("exclude"), "exclude", f.snykExclude)
}

// eachKey hands over the lists of a mapping.
func (f *File) eachKey(n *node, name string, take func(key *node, items []*node)) {
	switch {
	case n == nil || n.form == null:
		return
	case n.form != mapping:
		f.reject(n.entry(), name+" is "+n.what(), "want a mapping of lists")
		return
	}
	for i, key := range n.keys {
		switch v := n.items[i]; v.form {
		case null:
		case list:
			take(key, v.items)
		default:
			f.reject(key.entry(), strconv.Quote(key.text)+" is "+v.what(), "want a list of paths")
		}
	}
}

func (f *File) snykIssue(key *node, items []*node) {
	for _, item := range items {
		e := item.entry()
		e.Rules = []string{key.text}
		if item.form == scalar {
			item = &node{form: mapping, line: item.line, column: item.column, keys: []*node{item}, items: []*node{{form: null}}}
		}
		if item.form != mapping || len(item.keys) == 0 {
			f.reject(e, "an entry of "+strconv.Quote(key.text)+" is "+item.what(), "write - '*': with reason and expires below it")
			continue
		}
		for i, where := range item.keys {
			e := where.entry()
			e.Rules, e.Where = []string{key.text}, where.text
			if f.snykSettings(&e, item.items[i], "reason", "expires", "created", "source", "ignoredBy", "disregardIfFixable", "reasonType") {
				f.snykPath(&e)
				f.add(e, keyOf(native.Snyk, key.text))
			}
		}
	}
}

// snykSettings reads what stands below a path, and takes in an entry that cannot hold.
func (f *File) snykSettings(e *Entry, n *node, known ...string) bool {
	if n.form == null {
		return true
	}
	if n.form != mapping {
		f.reject(*e, "the settings of "+strconv.Quote(e.Where)+" are "+n.what(), "want reason and expires")
		return false
	}
	e.Reason, e.Until = n.str("reason"), n.str("expires")
	if k := n.stranger(known...); k != nil {
		e.Problem = "it has the condition " + strconv.Quote(k.text) + ", which is not known here"
		f.add(*e)
		return false
	}
	if n.str("disregardIfFixable") == "true" {
		e.Problem = "it holds only while no fix exists, which is not known here"
		f.add(*e)
		return false
	}
	if x := n.get("expires"); x == nil || x.form == null {
		return true
	}
	return f.setEnd(e, "expires")
}

// snykPath limits an entry to a path. A chain of packages, and a place within a file, are more than a finding tells.
func (f *File) snykPath(e *Entry) {
	switch {
	case e.Where == "*":
	case strings.Contains(e.Where, ">"):
		e.Problem = "it is limited to " + strconv.Quote(e.Where) + ", and how a package came in, or where in a file a fault is, cannot be compared"
	default:
		where := e.Where
		e.holds = func(x *finding.Finding) bool {
			p, ok := parsePurl(x.Place.Package)
			return x.Place.Path == strings.TrimPrefix(where, "./") || ok && slices.ContainsFunc(p.fullNames(), func(name string) bool {
				return where == name || where == name+"@"+p.version
			})
		}
	}
}

// snykExclude reads the paths of a group: texts, or mappings of one path to its settings.
func (f *File) snykExclude(key *node, items []*node) {
	for _, item := range items {
		e, settings := item.entry(), &node{form: null}
		if e.Where = item.text; item.form == mapping && len(item.keys) > 0 {
			e.Where, settings = item.keys[0].text, item.items[0]
			if settings.form == null && len(item.keys) > 1 { // the settings stand beside the path
				settings = &node{form: mapping, keys: item.keys[1:], items: item.items[1:], line: item.line, column: item.column}
			}
		}
		if item.form != scalar && item.form != mapping || e.Where == "" {
			f.reject(e, "an entry of "+strconv.Quote(key.text)+" is "+item.what(), "want a pattern of paths")
			continue
		}
		if !f.snykSettings(&e, settings, "reason", "expires", "created") {
			continue
		}
		g, err := parseGlob(strings.TrimSuffix(e.Where, "/"))
		below, err2 := parseGlob(strings.TrimSuffix(e.Where, "/") + "/**")
		if err != nil || err2 != nil {
			f.reject(e, strconv.Quote(e.Where)+" is not a pattern of paths", "")
			continue
		}
		e.holds = func(x *finding.Finding) bool {
			return len(native.Names(x, native.Snyk)) > 0 && (g.match(x.Place.Path) || below.match(x.Place.Path))
		}
		f.add(e)
	}
}
