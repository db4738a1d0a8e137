package secret

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/lazyregexp"
)

// settle sorts the matches of one file and leaves one for each secret: the one of a generic rule gives way to another
// rule's on the same line that contains its secret, and in the built-in pack the less telling of two that share a secret
// gives way to the other.
func (e *Engine) settle(text []byte, matches []match) []match {
	if len(matches) == 0 {
		return nil
	}
	sortMatches(matches)
	matches = e.withoutGeneric(text, withoutTwins(matches))
	if e.foreign {
		return matches
	}
	return e.withoutPublicKeys(text, e.withoutKeyIDs(text, e.oneEach(matches)))
}

// keyPairLines is how many lines apart the halves of an access key stand at most.
const keyPairLines = 3

// withoutKeyIDs drops what a generic rule takes for a secret and is the public half of a pair: an access key beside a
// secret key.
func (e *Engine) withoutKeyIDs(text []byte, matches []match) []match {
	l := newLines(text)
	line := make([]int, len(matches))
	secret := make([]bool, len(matches))
	for i, m := range matches {
		line[i] = l.line(max(m.from, 0))
		secret[i] = m.start >= 0 && strings.Contains(strings.ToLower(string(text[m.start:m.from])), "secret")
	}
	var out []match
	for i, m := range matches {
		public := e.rules[m.rule].generic && !secret[i] && m.start >= 0 && namesAccessKey(text[m.start:m.from])
		if public {
			public = slices.ContainsFunc(around(len(matches), i), func(o int) bool { return secret[o] && distance(line[i], line[o]) <= keyPairLines })
		}
		if !public {
			out = append(out, m)
		}
	}
	return out
}

// pairReach is how many matches before and after one are looked at for its other half.
const pairReach = 8

func around(n, i int) []int {
	var out []int
	for o := max(0, i-pairReach); o < min(n, i+pairReach+1); o++ {
		out = append(out, o)
	}
	return out
}

// namesAccessKey reports whether what stands before a value calls it an access key.
func namesAccessKey(before []byte) bool {
	name, _, _ := bytes.Cut(before, []byte("ey"))
	return strings.HasSuffix(plainName(string(name)), "accessk")
}

// keyNames finds the names of what a text puts behind the name of an algorithm for signatures or key agreement and a colon,
// as identifiers of public keys are written: "ed25519:" + name.
var keyNames = lazyregexp.New(`(?:ed|x|curve)25519:(?:["'\x60]\s{0,3}[+.,]\s{0,3}|[$#]?\{)([A-Za-z_]\w{0,63})`)

// publicKeySize is the size of a public key on Curve25519, in bytes; a private one is as long.
const publicKeySize = 32

// withoutPublicKeys drops what a generic rule takes for a private key and the same text uses as the identifier of a public
// one.
func (e *Engine) withoutPublicKeys(text []byte, matches []match) []match {
	candidate := func(m match) bool {
		raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(m.secret, "="))
		return e.rules[m.rule].generic && m.start >= 0 && err == nil && len(raw) == publicKeySize
	}
	if !slices.ContainsFunc(matches, candidate) {
		return matches
	}
	public := map[string]bool{}
	for _, found := range keyNames().FindAllSubmatch(text, -1) {
		public[string(found[1])] = true
	}
	if len(public) == 0 {
		return matches
	}
	return slices.DeleteFunc(matches, func(m match) bool {
		if !candidate(m) {
			return false
		}
		from, to := lineAround(text, m.start, m.to)
		at := place{line: text[from:to], start: m.start - from, end: m.to - from, from: m.from - from, to: m.to - from}
		return public[at.name()]
	})
}

// withoutTwins drops the matches that were found again in a deeper layer, because they stand beside decoded text.
func withoutTwins(matches []match) []match {
	if !slices.ContainsFunc(matches, func(m match) bool { return m.encodings != nil }) {
		return matches
	}
	type key struct {
		rule, from, to int
		secret         string
	}
	least := make(map[key]int, len(matches))
	for _, m := range matches {
		k := key{m.rule, m.from, m.to, m.secret}
		if layers, seen := least[k]; !seen || len(m.encodings) < layers {
			least[k] = len(m.encodings)
		}
	}
	return slices.DeleteFunc(matches, func(m match) bool {
		k := key{m.rule, m.from, m.to, m.secret}
		twin := len(m.encodings) > least[k]
		if !twin {
			least[k] = -1 // the next one of as many layers is another of the same
		}
		return twin
	})
}

func (e *Engine) withoutGeneric(text []byte, matches []match) []match {
	l := newLines(text)
	line := make([]int, len(matches))
	byLine := map[int][]int{}
	for i, m := range matches {
		line[i], _ = l.place(m.start)
		byLine[line[i]] = append(byLine[line[i]], i)
	}
	var out []match
	for i, m := range matches {
		better := e.rules[m.rule].generic && slices.ContainsFunc(byLine[line[i]], func(o int) bool {
			return !e.rules[matches[o].rule].generic && strings.Contains(matches[o].secret, m.secret) && !e.marked(text, &matches[o])
		})
		if !better {
			out = append(out, m)
		}
	}
	return out
}

// oneEach keeps the most telling of the matches whose secrets lie within each other.
func (e *Engine) oneEach(matches []match) []match {
	slices.SortStableFunc(matches, func(a, b match) int { return cmp.Or(a.from-b.from, b.to-a.to) })
	var out []match
	for _, m := range matches {
		last := len(out) - 1
		if last < 0 || m.to > out[last].to {
			out = append(out, m)
			continue
		}
		kept, gone := out[last], m
		if e.tells(&m, &kept) {
			kept, gone = m, kept
		}
		if gone.rule != kept.rule && !slices.Contains(kept.also, gone.rule) {
			kept.also = append(slices.Clone(kept.also), gone.rule)
		}
		for _, r := range gone.also {
			if r != kept.rule && !slices.Contains(kept.also, r) {
				kept.also = append(kept.also, r)
			}
		}
		out[last] = kept
	}
	sortMatches(out)
	return out
}

// tells reports whether a says more about a secret than b: whose it is, how sure that is, how bad, and from how close.
func (e *Engine) tells(a, b *match) bool {
	x, y := &e.rules[a.rule], &e.rules[b.rule]
	return cmp.Or(
		order(!x.generic, !y.generic),
		order(x.config.Provider != "", y.config.Provider != ""),
		cmp.Compare(x.confidence, y.confidence),
		order(x.checksum != nil, y.checksum != nil),
		cmp.Compare(x.severity, y.severity),
		closer(a, b, x.config.Provider == y.config.Provider),
		cmp.Compare(b.rule, a.rule),
	) > 0
}

// closer compares how near to the secret a rule's words stand. Between rules of one provider that says nothing.
func closer(a, b *match, sameProvider bool) int {
	if sameProvider {
		return 0
	}
	return cmp.Compare(b.end-b.start, a.end-a.start)
}

func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func sortMatches(matches []match) {
	slices.SortStableFunc(matches, func(a, b match) int {
		return cmp.Or(a.start-b.start, a.end-b.end, a.rule-b.rule, strings.Compare(a.secret, b.secret))
	})
}
