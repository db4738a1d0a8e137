package verify

import (
	"cmp"
	"slices"

	"github.com/assaysec/assay/internal/lazyregexp"
)

// A Found is a credential and where it was found.
type Found struct {
	Credential
	Place string // equal for all that stands in one text
	Line  int
}

// reach is how many lines apart the parts of one credential may stand.
const reach = 10

var (
	awsID     = lazyregexp.New(`^(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}$`)
	awsSecret = lazyregexp.New(`^[0-9A-Za-z+/]{40}$`)
)

// Pair brings the parts of AWS credentials together, which are found one by one: an access key ID, the secret access key
// nearest to it, and a session token where the ID is of a temporary one. The result has the order of list.
func Pair(list []Found) []Credential {
	texts := map[string]parcel{}
	out := make([]Credential, len(list))
	for i, f := range list {
		out[i] = f.Credential
		if f.Verifier != aws.Name {
			continue
		}
		if texts[f.Place] == nil {
			texts[f.Place] = parcel{}
		}
		kind := awsKind(f)
		texts[f.Place][kind] = append(texts[f.Place][kind], part{f.Line, f.Value})
	}
	for _, p := range texts {
		p.sort()
	}
	for i, f := range list {
		if f.Verifier == aws.Name {
			out[i] = texts[f.Place].whole(f)
		}
	}
	return out
}

type kind uint8

const (
	noKind kind = iota
	accessID
	secretKey
	sessionToken
)

func awsKind(f Found) kind {
	switch value := reveal(f.Value); {
	case awsID().MatchString(value):
		return accessID
	case awsSecret().MatchString(value):
		return secretKey
	case len(value) >= 100:
		return sessionToken
	}
	return noKind
}

// A parcel is the parts that stand in one text, by kind and then by line.
type parcel map[kind][]part

type part struct {
	line  int
	value Value
}

func byLine(p part, line int) int { return cmp.Compare(p.line, line) }

func (p parcel) sort() {
	for kind, parts := range p {
		slices.SortStableFunc(parts, func(a, b part) int { return byLine(a, b.line) })
		p[kind] = slices.CompactFunc(parts, func(a, b part) bool { return a.line == b.line && reveal(a.value) == reveal(b.value) })
	}
}

// whole is the credential that a part belongs to. What cannot be completed stays without a part.
func (p parcel) whole(f Found) Credential {
	c := Credential{Verifier: aws.Name}
	kind := awsKind(f)
	if kind == noKind {
		return c
	}
	c.ID, c.Value = p.nearest(accessID, f.Line), p.nearest(secretKey, f.Line)
	switch kind {
	case accessID:
		c.ID = f.Value
	case secretKey:
		c.Value, c.Unsure = f.Value, p.several(accessID, f.Line)
	case sessionToken:
		c.Unsure = p.several(accessID, f.Line)
	}
	if temporary(reveal(c.ID)) {
		c.Session = p.nearest(sessionToken, f.Line)
		c.Unsure = c.Unsure || p.several(sessionToken, f.Line) // with another's token AWS knows no ID
	}
	return c
}

// nearest is the value of a kind that stands nearest to a line, the one before it where two are as near and the first of
// one line, nil if none is within reach.
func (p parcel) nearest(kind kind, line int) Value {
	parts := p[kind]
	at, _ := slices.BinarySearchFunc(parts, line, byLine)
	if at > 0 {
		before := parts[at-1].line
		if at == len(parts) || line-before <= parts[at].line-line {
			at, _ = slices.BinarySearchFunc(parts, before, byLine)
		}
	}
	if at == len(parts) || parts[at].line-line > reach || line-parts[at].line > reach {
		return nil
	}
	return parts[at].value
}

// several reports whether different values of a kind stand within reach of a line.
func (p parcel) several(kind kind, line int) bool {
	parts := p[kind]
	from, _ := slices.BinarySearchFunc(parts, line-reach, byLine)
	for i := from + 1; i < len(parts) && parts[i].line <= line+reach; i++ {
		if reveal(parts[i].value) != reveal(parts[from].value) {
			return true
		}
	}
	return false
}
