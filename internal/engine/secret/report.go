package secret

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/lazyregexp"
	"github.com/assaysec/assay/internal/scan"
)

// Properties is what a finding of this engine knows beside what all findings know.
type Properties struct {
	Provider  string   `json:"provider,omitempty"`
	Entropy   float64  `json:"entropy"`             // Shannon's, bits for each character
	Length    int      `json:"length"`              // of the secret, in bytes
	Encodings []string `json:"encodings,omitempty"` // peeled to find it, outermost first
	Generic   bool     `json:"generic,omitempty"`
	Tags      []string `json:"tags,omitempty"` // the rule's
	Also      []string `json:"also,omitempty"` // rules that found the same secret and gave way to this one

	// Verifier and Value serve --verify within the run that found the secret; neither is written anywhere.
	Verifier string `json:"-"`
	Value    Value  `json:"-"`
}

// A Value is a secret. However it is printed or marshalled it shows nothing; only Reveal gives it.
type Value struct{ text string }

// Reveal returns the secret. Only what asks its provider about it may call this.
func (v Value) Reveal() string { return v.text }

// IsZero reports whether there is no secret in it.
func (v Value) IsZero() bool { return v.text == "" }

func (v Value) String() string { return Redacted }

// GoString keeps %#v from showing the secret.
func (v Value) GoString() string { return Redacted }

// Format keeps every verb from showing the secret.
func (v Value) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(Redacted)) }

// MarshalText keeps every encoder from showing the secret.
func (v Value) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// Recall reads the properties of a finding back that scan has kept. They hold no Value: a finding from a cache cannot be
// verified.
func (e *Engine) Recall(text []byte) (any, error) {
	var p Properties
	err := json.Unmarshal(text, &p)
	return p, err
}

// Piecewise says that a large file may come in pieces: no rule looks further than a piece.
func (e *Engine) Piecewise() bool { return true }

// report turns the matches of one file into findings.
func (e *Engine) report(f *scan.File, matches []match) []finding.Finding {
	if len(matches) == 0 {
		return nil
	}
	hide := secretSpans(matches)
	l := newLines(f.Text)
	out := make([]finding.Finding, 0, len(matches))
	for i := range matches {
		out = append(out, e.finding(f, l, &matches[i], hide))
	}
	return out
}

// secretSpans are the parts of a text that no frame may show, sorted and merged.
func secretSpans(matches []match) []span {
	spans := make([]span, 0, len(matches))
	for _, m := range matches {
		spans = append(spans, span{m.from, m.to})
	}
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })
	merged := spans[:1]
	for _, s := range spans[1:] {
		if last := &merged[len(merged)-1]; s.from <= last.to {
			last.to = max(last.to, s.to)
		} else {
			merged = append(merged, s)
		}
	}
	return merged
}

func (e *Engine) finding(f *scan.File, l *lines, m *match, hide []span) finding.Finding {
	r := &e.rules[m.rule]
	from, to := m.from, m.to
	if e.foreign || from < len(f.Text) && f.Text[from] == '\n' { // a key's block begins with the line that says so
		from, to = m.start, m.end
	}
	for from < to && f.Text[from] == '\n' {
		if from++; e.foreign { // gitleaks counts a line feed to the line that it begins
			break
		}
	}
	fd := e.describe(r)
	fd.Place = finding.Place{Kind: finding.InFile, Path: f.Path, Start: l.position(from), End: l.position(to)}
	near := hideNear(hide, m)
	fd.Surroundings = surroundings(f.Text, m, near)
	fd.Place.Frame = frame(f.Text, l, m, near)
	p := fd.Properties.(Properties)
	p.Entropy = math.Round(m.entropy*100) / 100
	p.Length = len(m.secret)
	p.Encodings = m.encodings
	p.Value = Value{m.secret}
	for _, i := range m.also {
		p.Also = append(p.Also, "secret/"+e.rules[i].id)
		fd.Aliases = append(fd.Aliases, e.rules[i].config.Aliases...)
	}
	slices.Sort(p.Also)
	slices.Sort(fd.Aliases)
	fd.Aliases = namesIn(f.Path, slices.Compact(append(fd.Aliases, p.Also...)))
	fd.Properties = p
	if r.filters&repeated != 0 && isPlain(m.secret) && !e.filters().language.isDisorder(m.secret) { // a word, as passwords of test servers are
		fd.Severity, fd.Confidence = min(fd.Severity, finding.High), min(fd.Confidence, finding.MediumConfidence)
	}
	if r.config.Verify == verifyAWS && besideForeignID(f.Text, m) {
		fd.Confidence = min(fd.Confidence, finding.MediumConfidence)
		fd.Message = "a credential stands in the text: " + fd.Title + ", though the key ID beside it is of another server than AWS"
		p.Verifier, p.Provider = "", ""
		fd.Properties = p
	}
	if m.doubt {
		fd.Confidence = finding.LowConfidence
		fd.Message += ", though its value looks made up"
	}
	if len(m.encodings) > 0 {
		fd.Message += ", encoded as " + strings.Join(m.encodings, " in ")
	}
	return fd
}

// verifyAWS is the verifier of AWS keys. Servers that speak its protocol have keys of the same look, which it must not see.
const verifyAWS = "aws"

// pairBytes is how far from a secret key the ID of its pair is looked for.
const pairBytes = 300

var keyIDs = lazyregexp.New(`(?i)(secret[_.-]?)?access[_-]?key(?:[_-]?id)?["'\x60]?\s{0,3}[:=>]{1,2}\s{0,3}["'\x60]?([A-Za-z0-9]{16,128})\b`)

// besideForeignID reports whether a key ID stands near a secret key and none that AWS gives out.
func besideForeignID(text []byte, m *match) bool {
	foreign := false
	for _, found := range keyIDs().FindAllSubmatch(text[max(0, m.from-pairBytes):min(len(text), m.to+pairBytes)], -1) {
		if len(found[1]) > 0 {
			continue
		}
		if id := string(found[2]); len(id) == keyIDLength && id[0] == 'A' && strings.HasPrefix(id[2:], "IA") {
			return false
		}
		foreign = true
	}
	return foreign
}

// hideNear keeps the spans that can touch the lines shown for m, so that a file full of secrets costs no more for each.
func hideNear(hide []span, m *match) []span {
	from, _ := slices.BinarySearchFunc(hide, m.from-maxLineBytes, func(s span, at int) int { return s.to - at })
	to, _ := slices.BinarySearchFunc(hide, m.to+frameLines*maxLineBytes, func(s span, at int) int { return s.from - at })
	return hide[from:to]
}

func (e *Engine) pathFinding(f *scan.File, i int) finding.Finding {
	fd := e.describe(&e.rules[i])
	fd.Place = finding.Place{Kind: finding.InPath, Path: f.Path}
	fd.Aliases = namesIn(f.Path, fd.Aliases)
	fd.Message = "a file of this name usually holds credentials"
	return fd
}

const defaultAdvice = "Revoke it at its provider and issue a new one, then keep that in a secret manager; deleting the line does not help, as it stays in history"

func (e *Engine) describe(r *rule) finding.Finding {
	title := strings.TrimRight(strings.TrimSpace(r.config.Description), ".")
	if title == "" {
		title = r.id
	}
	advice := r.config.Advice
	if advice == "" {
		advice = defaultAdvice
	}
	aliases := append(slices.Clone(everyRule), r.config.Aliases...)
	if e.foreign {
		aliases = append(aliases, "gitleaks:"+r.id)
	}
	slices.Sort(aliases)
	return finding.Finding{
		Rule:       "secret/" + r.id,
		Aliases:    slices.Compact(aliases),
		Severity:   r.severity,
		Confidence: r.confidence,
		Title:      title,
		Message:    message(r, title, "text"),
		Advice:     strings.TrimRight(advice, "."),
		Properties: Properties{Provider: r.config.Provider, Generic: r.generic, Tags: r.config.Tags, Verifier: r.config.Verify},
	}
}

func message(r *rule, title, where string) string {
	if r.config.Provider == "" {
		return "a credential stands in the " + where + ": " + title
	}
	return "a credential of " + r.config.Provider + " stands in the " + where + ": " + title
}
