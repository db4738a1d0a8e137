package ignorefile

import (
	"net/url"
	"slices"
	"strings"
)

// A purl is a package URL as far as statements about packages compare it.
type purl struct {
	kind, namespace, name, version string
	qualifiers                     []string // sorted, key=value
}

func parsePurl(text string) (purl, bool) {
	rest, ok := strings.CutPrefix(text, "pkg:")
	if !ok {
		return purl{}, false
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, query, _ := strings.Cut(rest, "?")
	var p purl
	if at := strings.LastIndexByte(rest, '@'); at > 0 && rest[at-1] != '/' {
		rest, p.version = rest[:at], unescape(rest[at+1:])
	}
	rest = strings.Trim(rest, "/")
	slash := strings.IndexByte(rest, '/')
	if slash <= 0 || slash == len(rest)-1 {
		return purl{}, false
	}
	p.kind = strings.ToLower(rest[:slash])
	p.name = rest[slash+1:]
	if last := strings.LastIndexByte(p.name, '/'); last >= 0 {
		p.namespace, p.name = unescape(p.name[:last]), p.name[last+1:]
	}
	if p.name = unescape(p.name); p.kind == "pypi" {
		p.name = strings.ReplaceAll(strings.ToLower(p.name), "_", "-")
	}
	if query != "" {
		p.qualifiers = strings.Split(query, "&")
		slices.Sort(p.qualifiers)
	}
	return p, true
}

func unescape(s string) string {
	if out, err := url.PathUnescape(s); err == nil {
		return out
	}
	return s
}

// covers reports whether a statement about p is one about q: what p leaves open, q may have.
func (p purl) covers(q purl) bool {
	return p.kind == q.kind && p.namespace == q.namespace && p.name == q.name && (p.version == "" || p.version == q.version) &&
		!slices.ContainsFunc(p.qualifiers, func(pair string) bool { return !slices.Contains(q.qualifiers, pair) })
}

// coversText is covers for texts; one that is no package URL covers itself.
func coversText(statement, found string) bool {
	if found == "" {
		return false
	}
	p, ok := parsePurl(statement)
	q, too := parsePurl(found)
	return statement == found || ok && too && p.covers(q)
}

// A purlSet is what statements name, package URLs and others, to be asked about many findings.
type purlSet struct {
	texts  map[string]bool
	byName map[string][]purl
}

func setOf(statements []string) purlSet {
	s := purlSet{map[string]bool{}, map[string][]purl{}}
	for _, text := range statements {
		s.texts[text] = true
		if p, ok := parsePurl(text); ok {
			s.byName[p.key()] = append(s.byName[p.key()], p)
		}
	}
	return s
}

func (s purlSet) cover(found string) bool {
	q, ok := parsePurl(found)
	return found != "" && s.texts[found] || ok && slices.ContainsFunc(s.byName[q.key()], func(p purl) bool { return p.covers(q) })
}

func (p purl) key() string { return p.kind + "/" + p.namespace + "/" + p.name }

// fullNames are the ways in which tools write the name of a package.
func (p purl) fullNames() []string {
	if p.namespace == "" {
		return []string{p.name}
	}
	return []string{p.name, p.namespace + "/" + p.name, p.namespace + ":" + p.name}
}
