package register

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/risk"
)

// A Match says which findings an exception speaks about: all those that fit each part which is set. A fingerprint stands
// alone.
type Match struct {
	Fingerprint string `json:"fingerprint,omitempty" yaml:"fingerprint,omitempty"`
	Rule        string `json:"rule,omitempty" yaml:"rule,omitempty"`       // its ID, or one of its other names
	Package     string `json:"package,omitempty" yaml:"package,omitempty"` // package URL; without a version it stands for all of them
	Path        string `json:"path,omitempty" yaml:"path,omitempty"`       // glob
	Service     string `json:"service,omitempty" yaml:"service,omitempty"`
}

// Key is the match in its canonical form. Two exceptions with one key permit the same.
func (m Match) Key() string {
	m.Path = strings.Join(globParts(m.Path), "/")
	m.Package = purlOf(m.Package).String()
	return encode(m)
}

func encode(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own types, made of text and numbers
	}
	return string(text)
}

// Fits reports whether a match speaks about a risk.
func (m *Match) Fits(r *risk.Risk) bool {
	switch {
	case *m == Match{}:
		return false
	case m.Fingerprint != "" && m.Fingerprint != r.Fingerprint,
		m.Rule != "" && m.Rule != r.Rule && !slices.Contains(r.Aliases, m.Rule),
		m.Package != "" && !purlOf(m.Package).covers(purlOf(r.Place.Package)),
		m.Path != "" && !fitsGlob(m.Path, r.Place.Path),
		m.Service != "" && m.Service != r.Service:
		return false
	}
	return true
}

// purl is a package URL in parts: https://github.com/package-url/purl-spec
type purl struct{ name, version, rest string }

func purlOf(text string) purl {
	var p purl
	text, p.rest = cutAny(text, "?#")
	p.name = text
	// An @ that begins a name, as in pkg:npm/@babel/core, begins no version.
	if i := strings.LastIndexByte(text, '@'); i > 0 && text[i-1] != '/' && !strings.Contains(text[i:], "/") {
		p.name, p.version = text[:i], text[i:]
	}
	p.name, p.version = unescape(p.name), unescape(p.version)
	return p
}

func cutAny(text, chars string) (before, after string) {
	if i := strings.IndexAny(text, chars); i >= 0 {
		return text[:i], text[i:]
	}
	return text, ""
}

func unescape(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}

// covers reports whether q is the same package, in the same version and with the same qualifiers where p has them.
func (p purl) covers(q purl) bool {
	return p.name == q.name && (p.version == "" || p.version == q.version) && (p.rest == "" || p.rest == q.rest)
}

func (p purl) String() string { return p.name + p.version + p.rest }
