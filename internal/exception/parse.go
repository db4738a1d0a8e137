package exception

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// ErrNoMark says that a text holds no mark that is read here.
var ErrNoMark = errors.New("no mark")

const (
	ignoreWord = "assay:ignore"
	allowWord  = "gitleaks:allow"
	maxMark    = 4096 // bytes of a line after the mark's word
	maxRules   = 50
)

var ruleForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_./:-]*$`)

// ParseMark reads the first mark in a line of text:
//
//	assay:ignore RULE[,RULE…] [until=2027-01-31] [reason="…"]
//	gitleaks:allow
//
// What the line holds before and after it, such as the signs of a comment, does not matter. A mark of ours that cannot
// be understood is an error: it has no effect, and its author should know. The place is for the caller to fill in.
func ParseMark(line string) (Mark, error) {
	ours, theirs := strings.Index(line, ignoreWord), strings.Index(line, allowWord)
	switch {
	case ours < 0 && theirs < 0:
		return Mark{}, ErrNoMark
	case ours < 0 || theirs >= 0 && theirs < ours:
		return Mark{Tool: gitleaks}, nil
	}
	rest := line[ours+len(ignoreWord):]
	if len(rest) > maxMark {
		rest = rest[:maxMark]
	}
	m := Mark{Tool: Assay}
	for rest = trimSpace(rest); rest != ""; rest = trimSpace(rest) {
		var err error
		if rest, err = m.readWord(rest); err != nil {
			return Mark{}, err
		}
	}
	if len(m.Rules) == 0 {
		return Mark{}, fmt.Errorf("%s names no rule", ignoreWord)
	}
	return m, nil
}

func trimSpace(s string) string { return strings.TrimLeft(s, " \t") }

// readWord takes one rule list or one setting off the front. Rules come first; the first word that is neither ends the
// mark, because it belongs to whatever the line goes on with.
func (m *Mark) readWord(rest string) (string, error) {
	word := rest
	if i := strings.IndexAny(rest, " \t"); i >= 0 {
		word = rest[:i]
	}
	key, _, isSetting := strings.Cut(word, "=")
	if !isSetting || !ruleForm.MatchString(key) {
		return m.readRules(word, rest)
	}
	value, after, err := cutValue(rest[len(key)+1:])
	if err != nil {
		return "", fmt.Errorf("%s: %s: %w", ignoreWord, key, err)
	}
	switch {
	case key == "until" && m.Until == "" && value != "":
		m.Until = value
	case key == "reason" && m.Reason == "":
		m.Reason = value
	case key == "until" || key == "reason":
		return "", fmt.Errorf("%s: %s is empty or given twice", ignoreWord, key)
	default:
		return "", fmt.Errorf("%s: unknown word %q: want until or reason", ignoreWord, key)
	}
	return after, nil
}

func (m *Mark) readRules(word, rest string) (string, error) {
	if m.Until != "" || m.Reason != "" {
		return "", nil
	}
	for rule := range strings.SplitSeq(strings.TrimRight(word, ","), ",") {
		if !ruleForm.MatchString(rule) {
			return "", nil
		}
		if len(m.Rules) == maxRules {
			return "", fmt.Errorf("%s: more than %d rules", ignoreWord, maxRules)
		}
		if !slices.Contains(m.Rules, rule) {
			m.Rules = append(m.Rules, rule)
		}
	}
	return rest[len(word):], nil
}

// cutValue takes a value off the front: in quotes of either kind, or up to the next space.
func cutValue(s string) (value, rest string, err error) {
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		end := strings.IndexByte(s[1:], s[0])
		if end < 0 {
			return "", "", errors.New("the closing quote is missing")
		}
		return s[1 : end+1], s[end+2:], nil
	}
	if i := strings.IndexAny(s, " \t"); i >= 0 {
		return s[:i], s[i:], nil
	}
	return s, "", nil
}
