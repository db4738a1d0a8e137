package pipeline

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/finding"
	rules "github.com/assaysec/assay/internal/rules/pipeline"
)

// A Rule is what is known of a kind of fault whoever has it.
type Rule struct {
	ID         string             `yaml:"id"` // without the engine's name
	Title      string             `yaml:"title"`
	Severity   finding.Severity   `yaml:"severity"`
	Confidence finding.Confidence `yaml:"confidence"`
	CWE        []string           `yaml:"cwe"`
	Aliases    []string           `yaml:"aliases"` // what other tools call it, as tool:name, or an ID of their own form
	About      string             `yaml:"about"`   // what the fault is, and how it is used
	Advice     string             `yaml:"advice"`
	References []string           `yaml:"references"`

	// Hide says that the lines of such a fault hold a credential, so that no report quotes them.
	Hide bool `yaml:"hide"`
}

// Name is the rule's ID as findings have it.
func (r *Rule) Name() string { return Name + "/" + r.ID }

// Names are all that others call it.
func (r *Rule) Names() []string { return slices.Concat(r.CWE, r.Aliases) }

// A Catalog is the rules of all platforms.
type Catalog struct {
	Rules []Rule // of one platform after another, as their files have them
	byID  map[string]*Rule
}

// Builtin reads the rules that the program has.
var Builtin = sync.OnceValues(func() (*Catalog, error) {
	c := &Catalog{byID: map[string]*Rule{}}
	for _, p := range platforms {
		text, err := rules.Files.ReadFile(p.name + ".yaml")
		if err != nil {
			return nil, err
		}
		var list []Rule
		if err := yaml.Unmarshal(text, &list); err != nil {
			return nil, fmt.Errorf("rules of %s: %w", p.name, err)
		}
		c.Rules = append(c.Rules, list...)
	}
	for i := range c.Rules {
		r := &c.Rules[i]
		r.About, r.Advice = strings.TrimSpace(r.About), strings.TrimSpace(r.Advice) // a block of YAML ends its last line
		c.byID[r.ID] = r
	}
	return c, nil
})

// catalog is the rules for whoever looks. They are a part of the program, which tests read, so that they cannot be missing.
func catalog() *Catalog {
	c, err := Builtin()
	if err != nil {
		panic(err)
	}
	return c
}

// rulesDigest is that of the rules as they are written: each run tells it, and few need to read them for that.
var rulesDigest = sync.OnceValue(func() string {
	h := sha256.New()
	for _, p := range platforms {
		text, err := rules.Files.ReadFile(p.name + ".yaml")
		if err != nil {
			panic(err)
		}
		h.Write(text)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
})
