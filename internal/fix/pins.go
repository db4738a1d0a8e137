package fix

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/lazyregexp"
)

// PinsFile is where the pins lie, from the root.
const PinsFile = ".assay/pins.yaml"

const maxPins = 4 << 20

// A Pin says to which commit the name of an action or reusable workflow led on a day.
type Pin struct {
	Uses    string `yaml:"uses"`              // owner/repository@tag; a path in the repository is left out
	Commit  string `yaml:"commit"`            // full hash
	Version string `yaml:"version,omitempty"` // the most exact tag of that commit, for the comment

	// Against which reference the commit was last checked, such as refs/tags/v4, and on which day, as 2026-11-24. Without a
	// reference nobody has checked it.
	Ref     string `yaml:"ref,omitempty"`
	Checked string `yaml:"checked,omitempty"`
}

// Verified reports whether the file says that the commit was checked. Whoever writes the file can say so: what proves it is
// to ask again.
func (p Pin) Verified() bool { return p.Ref != "" && p.Checked != "" }

// Pins are all pins of a repository. The zero value has none.
type Pins struct {
	byKey map[string]Pin
	lines map[string]int // of the file that they were read from
}

var (
	usesForm   = lazyregexp.New(`^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+@[A-Za-z0-9_./+-]+$`)
	commitForm = lazyregexp.New(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)
	tagForm    = lazyregexp.New(`^[A-Za-z0-9_./+-]*$`)
)

// ParsePins reads a file of pins; file names it in errors, each of which has its line and column.
func ParsePins(file string, text []byte) (*Pins, error) {
	if len(text) > maxPins {
		return nil, fmt.Errorf("%s: larger than %d bytes", file, maxPins)
	}
	var doc struct {
		Pins []yaml.Node `yaml:"pins"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&doc); err != nil && len(bytes.TrimSpace(text)) > 0 {
		return nil, fmt.Errorf("%s: %s", file, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	p := &Pins{lines: map[string]int{}}
	for i := range doc.Pins {
		n := &doc.Pins[i]
		pin, err := readPin(n)
		if _, known := p.Find(pin.Uses); err == nil && known {
			err = fmt.Errorf("%s is pinned twice", pin.Uses)
		}
		if err == nil {
			err = p.Put(pin)
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d:%d: %w", file, n.Line, n.Column, err)
		}
		p.lines[key(pin.Uses)] = n.Line
	}
	return p, nil
}

func readPin(n *yaml.Node) (Pin, error) {
	var pin Pin
	known := []string{"uses", "commit", "version", "ref", "checked"}
	if n.Kind != yaml.MappingNode {
		return pin, fmt.Errorf("a pin is a mapping with %s", strings.Join(known, ", "))
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if !slices.Contains(known, n.Content[i].Value) {
			return pin, fmt.Errorf("unknown key %q: there is %s", n.Content[i].Value, strings.Join(known, ", "))
		}
	}
	if err := n.Decode(&pin); err != nil {
		return pin, fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	return pin, nil
}

// check says what is wrong with a pin.
func (p Pin) check() error {
	_, err := time.Parse(time.DateOnly, p.Checked)
	_, tag, _ := strings.Cut(p.Uses, "@")
	switch {
	case !usesForm().MatchString(p.Uses):
		return fmt.Errorf("uses is %q: want owner/repository@tag", p.Uses)
	case !commitForm().MatchString(p.Commit):
		return fmt.Errorf("commit of %s: want the full hash", p.Uses)
	case !tagForm().MatchString(p.Version):
		return fmt.Errorf("version of %s: %q is no tag", p.Uses, p.Version)
	case p.Ref != "" && p.Ref != "refs/tags/"+tag && p.Ref != "refs/heads/"+tag:
		return fmt.Errorf("ref of %s: %q: want refs/tags/%[3]s or refs/heads/%[3]s", p.Uses, p.Ref, tag)
	case p.Checked == "" && p.Ref != "":
		return fmt.Errorf("checked of %s: missing, with a ref that it was checked against", p.Uses)
	case p.Checked != "" && err != nil:
		return fmt.Errorf("checked of %s: %q is no date such as 2026-11-24", p.Uses, p.Checked)
	}
	return nil
}

// key is what two names have in common that mean one thing: the case of owner and repository does not matter, that of a
// tag does.
func key(uses string) string {
	name, tag, _ := strings.Cut(WithoutPath(uses), "@")
	return strings.ToLower(name) + "@" + tag
}

// SameAction reports whether two names mean one action and reference.
func SameAction(a, b string) bool { return key(a) == key(b) }

// Find gives the pin of an action, by owner/repository[/path]@tag.
func (p *Pins) Find(uses string) (Pin, bool) {
	pin, ok := p.byKey[key(uses)]
	return pin, ok
}

// Line is where the pin of an action stands in its file, 0 where it stands in none.
func (p *Pins) Line(uses string) int { return p.lines[key(uses)] }

// All are the pins, sorted.
func (p *Pins) All() []Pin {
	return slices.SortedFunc(maps.Values(p.byKey), func(a, b Pin) int { return cmp.Compare(a.Uses, b.Uses) })
}

// Len is how many pins there are.
func (p *Pins) Len() int { return len(p.byKey) }

// WithoutPath is owner/repository@tag of owner/repository/path@tag.
func WithoutPath(uses string) string {
	name, tag, _ := strings.Cut(uses, "@")
	parts := strings.SplitN(name, "/", 3)
	if len(parts) < 2 {
		return uses
	}
	return parts[0] + "/" + parts[1] + "@" + tag
}

// Put adds a pin, or takes it in the place of an older one. What ParsePins would refuse is refused.
func (p *Pins) Put(pin Pin) error {
	if err := pin.check(); err != nil {
		return err
	}
	if p.byKey == nil {
		p.byKey = map[string]Pin{}
	}
	p.byKey[key(pin.Uses)] = pin
	return nil
}

// Bytes writes the pins, sorted.
func (p *Pins) Bytes() []byte {
	var out bytes.Buffer
	out.WriteString("# To which commit the name of each action leads. assay fix --online fills and checks this file, and writes it anew: ref and\n" +
		"# checked say against what and when it found a pin right. It changes no commit that is here; other comments are lost.\npins:\n")
	if p.Len() == 0 {
		return []byte(strings.TrimSuffix(out.String(), "\n") + " []\n")
	}
	for _, pin := range p.All() {
		fmt.Fprintf(&out, "  - uses: %q\n    commit: %q\n", pin.Uses, pin.Commit)
		for _, f := range [][2]string{{"version", pin.Version}, {"ref", pin.Ref}, {"checked", pin.Checked}} {
			if f[1] != "" {
				fmt.Fprintf(&out, "    %s: %q\n", f[0], f[1])
			}
		}
	}
	return out.Bytes()
}
