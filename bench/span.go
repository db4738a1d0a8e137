package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
)

// A cutter gets the secret out of a match, as gitleaks does, so that findings can be compared by their secrets though
// assay's report holds none.
type cutter map[string]cutRule

type cutRule struct {
	expression *regexp.Regexp
	group      int
}

func readCutter(rules string) (cutter, error) {
	text, err := os.ReadFile(rules)
	if err != nil {
		return nil, err
	}
	var c struct {
		Rules []struct {
			ID, Regex   string
			SecretGroup int
		}
	}
	if err := toml.Unmarshal(text, &c); err != nil {
		return nil, err
	}
	out := cutter{}
	for _, r := range c.Rules {
		if r.Regex == "" {
			continue
		}
		re, err := regexp.Compile(r.Regex)
		if err != nil {
			return nil, err
		}
		out[r.ID] = cutRule{re, r.SecretGroup}
	}
	return out, nil
}

// secret is the part of a match that a rule calls the secret: its group, else the first group that is not empty, else all.
func (c cutter) secret(rule, match string) string {
	r := c[rule]
	if r.expression == nil {
		return match
	}
	groups := r.expression.FindStringSubmatch(match)
	if r.group > 0 && r.group < len(groups) {
		return groups[r.group]
	}
	for i, g := range groups {
		if i > 0 && g != "" {
			return g
		}
	}
	return match
}

// covers reports whether some match of a rule in a whole text gives a secret.
func (c cutter) covers(rule string, text []byte, secret string) bool {
	r := c[rule]
	if r.expression == nil {
		return false
	}
	for _, m := range r.expression.FindAll(text, -1) {
		if c.secret(rule, strings.Trim(string(m), "\n")) == secret {
			return true
		}
	}
	return false
}

// cut is the part of a text from one position up to another. Columns count code points.
func cut(text []byte, s *spot) (string, bool) {
	from, ok := offset(text, s.Start.Line, s.Start.Column)
	to, also := offset(text, s.End.Line, s.End.Column)
	if !ok || !also || to < from {
		return "", false
	}
	return string(text[from:to]), true
}

func offset(text []byte, line, column int) (int, bool) {
	at := 0
	for ; line > 1; line-- {
		i := bytes.IndexByte(text[at:], '\n')
		if i < 0 {
			return 0, false
		}
		at += i + 1
	}
	for ; column > 1; column-- {
		if at >= len(text) {
			return 0, false
		}
		_, size := utf8.DecodeRune(text[at:])
		at += size
	}
	return at, line == 1 && column == 1
}
