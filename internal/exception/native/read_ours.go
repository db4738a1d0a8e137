package native

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

var ruleForm = lazy(`^[A-Za-z0-9][A-Za-z0-9_./:-]*$`)

// readOwnLine reads a mark that says nothing but itself.
func readOwnLine(p *place, f *Found) bool {
	f.Reach = []Reach{p.own()}
	return true
}

// readAssay reads ours:
//
//	assay:ignore RULE[,RULE…] [until=2027-01-31] [reason="…"]
//
// What the line holds before and after it, such as the signs of a comment, does not matter. One that cannot be understood
// has no effect, and its author should know.
func readAssay(p *place, f *Found) bool {
	f.Reach = []Reach{p.own()}
	if p.alone() {
		f.Reach[0] = p.next()
	}
	for rest := trimSpace(p.after); rest != ""; rest = trimSpace(rest) {
		var err error
		if rest, err = f.readWord(rest); err != nil {
			f.fail(p.word + ": " + err.Error())
			return true
		}
	}
	if len(f.Rules) == 0 {
		f.fail(p.word + " names no rule")
	}
	return true
}

func trimSpace(s string) string { return strings.TrimLeft(s, " \t") }

// readWord takes one rule list or one setting off the front. Rules come first; the first word that is neither ends the
// mark, because it belongs to whatever the line goes on with.
func (f *Found) readWord(rest string) (string, error) {
	word := rest
	if i := strings.IndexAny(rest, " \t"); i >= 0 {
		word = rest[:i]
	}
	key, _, isSetting := strings.Cut(word, "=")
	if !isSetting || !ruleForm.get().MatchString(key) {
		return f.readRules(word, rest), nil
	}
	value, after, err := cutValue(rest[len(key)+1:])
	if err != nil {
		return "", fmt.Errorf("%s: %w", key, err)
	}
	switch {
	case key == "until" && f.Until == "" && value != "":
		f.Until = value
	case key == "reason" && f.Reason == "":
		f.Reason = value
	case key == "until" || key == "reason":
		return "", fmt.Errorf("%s is empty or given twice", key)
	default:
		return "", fmt.Errorf("unknown word %q: want until or reason", key)
	}
	return after, nil
}

func (f *Found) readRules(word, rest string) string {
	if f.Until != "" || f.Reason != "" {
		return ""
	}
	for rule := range strings.SplitSeq(strings.TrimRight(word, ","), ",") {
		if !ruleForm.get().MatchString(rule) {
			return ""
		}
		f.add(rule)
	}
	return rest[len(word):]
}

// add takes a rule once. One more than the limit is kept, so that settle sees it.
func (f *Found) add(rule string) {
	if len(f.Rules) <= maxRules && rule != "" && len(rule) <= maxRule && !slices.Contains(f.Rules, rule) {
		f.Rules = append(f.Rules, rule)
	}
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
