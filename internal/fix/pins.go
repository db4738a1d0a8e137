package fix

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// PinsFile is where the pins lie, from the root.
const PinsFile = ".assay/pins.yaml"

const maxPins = 4 << 20

// A Pin says to which commit the name of an action or reusable workflow led on a day.
type Pin struct {
	Uses    string `yaml:"uses"`              // owner/repository@tag; a path in the repository is left out
	Commit  string `yaml:"commit"`            // full hash
	Version string `yaml:"version,omitempty"` // the most exact tag of that commit, for the comment
	Checked string `yaml:"checked"`           // day, as 2026-11-24
}

// Pins are all pins of a repository.
type Pins struct{ list []Pin }

var (
	usesForm   = regexp.MustCompile(`^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+@[A-Za-z0-9_./+-]+$`)
	commitForm = regexp.MustCompile(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)
	tagForm    = regexp.MustCompile(`^[A-Za-z0-9_./+-]*$`)
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
	p := &Pins{}
	for i := range doc.Pins {
		n := &doc.Pins[i]
		pin, err := readPin(n)
		if err == nil && slices.ContainsFunc(p.list, func(o Pin) bool { return o.Uses == pin.Uses }) {
			err = fmt.Errorf("%s is pinned twice", pin.Uses)
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d:%d: %w", file, n.Line, n.Column, err)
		}
		p.list = append(p.list, pin)
	}
	return p, nil
}

func readPin(n *yaml.Node) (Pin, error) {
	var pin Pin
	known := []string{"uses", "commit", "version", "checked"}
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
	_, err := time.Parse(time.DateOnly, pin.Checked)
	switch {
	case !usesForm.MatchString(pin.Uses):
		return pin, fmt.Errorf("uses is %q: want owner/repository@tag", pin.Uses)
	case !commitForm.MatchString(pin.Commit):
		return pin, fmt.Errorf("commit of %s: want the full hash", pin.Uses)
	case !tagForm.MatchString(pin.Version):
		return pin, fmt.Errorf("version of %s: %q is no tag", pin.Uses, pin.Version)
	case err != nil:
		return pin, fmt.Errorf("checked of %s: %q is no date such as 2026-11-24", pin.Uses, pin.Checked)
	}
	return pin, nil
}

// Find gives the pin of an action, by owner/repository[/path]@tag.
func (p *Pins) Find(uses string) (Pin, bool) {
	uses = WithoutPath(uses)
	i := slices.IndexFunc(p.list, func(pin Pin) bool { return strings.EqualFold(pin.Uses, uses) })
	if i < 0 {
		return Pin{}, false
	}
	return p.list[i], true
}

// WithoutPath is owner/repository@tag of owner/repository/path@tag.
func WithoutPath(uses string) string {
	name, tag, _ := strings.Cut(uses, "@")
	parts := strings.SplitN(name, "/", 3)
	if len(parts) < 2 {
		return uses
	}
	return parts[0] + "/" + parts[1] + "@" + tag
}

// Put adds a pin, or takes it in the place of an older one.
func (p *Pins) Put(pin Pin) {
	p.list = slices.DeleteFunc(p.list, func(o Pin) bool { return o.Uses == pin.Uses })
	p.list = append(p.list, pin)
	slices.SortFunc(p.list, func(a, b Pin) int { return cmp.Compare(a.Uses, b.Uses) })
}

// Bytes writes the pins, sorted.
func (p *Pins) Bytes() []byte {
	var out bytes.Buffer
	out.WriteString("# To which commit the name of each action led when assay fix --online looked it up.\npins:\n")
	for _, pin := range p.list {
		fmt.Fprintf(&out, "  - uses: %s\n    commit: %q\n", pin.Uses, pin.Commit)
		if pin.Version != "" {
			fmt.Fprintf(&out, "    version: %q\n", pin.Version)
		}
		fmt.Fprintf(&out, "    checked: %q\n", pin.Checked)
	}
	return out.Bytes()
}
