package receipt

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/assaysec/assay/internal/judge"
)

// A Replay is what came of deciding again.
type Replay struct {
	Case    *judge.Case
	Ruling  *judge.Ruling
	Changed []string // inputs, subject and tool, where they do not have their digest any more, sorted

	// Difference is the first place where the decision differs from the stored one; nil where the two are the same bytes.
	Difference *Difference
}

// Same reports whether the receipt says the same as before.
func (r *Replay) Same() bool { return len(r.Changed) == 0 && r.Difference == nil }

// A Difference is a place in the decision, and what stands there.
type Difference struct {
	At     string // such as verdict.decision or findings[3].status
	Stored string // as JSON; empty for nothing
	Now    string
}

func (d *Difference) String() string {
	return fmt.Sprintf("%s: the receipt says %s, and its inputs lead to %s", d.At, orNothing(d.Stored), orNothing(d.Now))
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	if r := []rune(text); len(r) > 120 {
		return string(r[:119]) + "…"
	}
	return text
}

// Again decides again from the inputs of a receipt. The stored decision is read only to compare it.
func (s *Statement) Again(h judge.Hosts) (*Replay, error) {
	out := &Replay{Changed: s.changed(s.Predicate.Digests)}
	var err error
	if out.Case, err = s.Predicate.Inputs.judge(); err == nil {
		out.Ruling, err = judge.Judge(out.Case, h)
	}
	if err != nil && len(out.Changed) > 0 {
		// Not wrapped: faults of files are told by their places there, which would hide what was changed.
		return nil, fmt.Errorf("changed since the receipt was written: %s: %v", strings.Join(out.Changed, ", "), err)
	} else if err != nil {
		return nil, err
	}
	now, err := marshal(decisionOf(out.Ruling))
	if err != nil {
		return nil, err
	}
	var stored bytes.Buffer
	if err := json.Compact(&stored, s.Predicate.Decision); err != nil {
		return nil, fmt.Errorf("the stored decision: %w", err)
	}
	if !bytes.Equal(stored.Bytes(), now) {
		out.Difference = difference(stored.Bytes(), now)
	}
	return out, nil
}

// changed are the names whose digests are others in a list, sorted.
func (s *Statement) changed(digests map[string]string) []string {
	var out []string
	for name, digest := range s.found {
		if digests[name] != digest {
			out = append(out, name)
		}
	}
	for name := range digests {
		if s.found[name] == "" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Differs are the names of the inputs that another receipt has otherwise, sorted.
func (s *Statement) Differs(other *Statement) []string { return s.changed(other.found) }

func difference(stored, now []byte) *Difference {
	var a, b any
	if json.Unmarshal(stored, &a) != nil || json.Unmarshal(now, &b) != nil {
		return &Difference{At: "decision", Stored: "something that is no JSON"}
	}
	if d := differ("", a, b); d != nil {
		d.At = cmp.Or(d.At, "decision")
		return d
	}
	return &Difference{At: "decision", Stored: "the same in other bytes", Now: "itself"}
}

// differ finds the first difference in the order of names.
func differ(at string, a, b any) *Difference {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok {
			break
		}
		keys := slices.Collect(maps.Keys(x))
		for k := range y {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range slices.Compact(keys) {
			if d := differ(joined(at, k), x[k], y[k]); d != nil {
				return d
			}
		}
		return nil
	case []any:
		y, ok := b.([]any)
		if !ok {
			break
		}
		for i := range max(len(x), len(y)) {
			var l, r any
			if i < len(x) {
				l = x[i]
			}
			if i < len(y) {
				r = y[i]
			}
			if d := differ(at+"["+strconv.Itoa(i)+"]", l, r); d != nil {
				return d
			}
		}
		return nil
	}
	if l, r := show(a), show(b); l != r {
		return &Difference{at, l, r}
	}
	return nil
}

func joined(at, key string) string {
	if at == "" {
		return key
	}
	return at + "." + key
}

func show(v any) string {
	if v == nil {
		return ""
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	return string(text)
}
