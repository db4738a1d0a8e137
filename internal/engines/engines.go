// Package engines is the one list of engines in the binary.
package engines

import (
	"fmt"
	"path"
	"strings"
	"sync"

	"github.com/assaysec/assay/internal/engine/secret"
	"github.com/assaysec/assay/internal/scan"
)

// Settings are what engines are made from. The zero value is the built-in packs with their defaults.
type Settings struct {
	// Rules are rule files that stand in place of built-in packs, or the word "builtin" for those.
	Rules []string
	// Read gives the bytes of a rule file, by a path from the root of the target.
	Read func(path string) ([]byte, error)
	// DecodeDepth bounds the layers of encoding that are peeled; 0 means the default, negative none.
	DecodeDepth int
	// MaxPerRule bounds the findings of one rule in one file; 0 means the default.
	MaxPerRule int
}

// An Entry is one engine.
type Entry struct {
	Name  string
	About string // what it finds, in a few words
	// New makes the engine. Notes are for a person: what of the rule files is ignored.
	New func(Settings) (e scan.Engine, notes []string, err error)
	// Rules are the built-in rules, for whoever lists them.
	Rules func() ([]Rule, error)
}

// A Rule is what is told of a built-in rule.
type Rule struct {
	ID         string // with the engine's name
	Finds      string // in a few words
	Severity   string
	Confidence string
	Aliases    []string
	Advice     string
	More       [][2]string // what only this engine knows: names and values, in the order in which they are told
}

// Names are the names that a rule goes by: its own two, and those of others, with and without the tool's, but no CWE,
// which says too little. Others may have one name for several rules of ours.
func (r *Rule) Names() []string {
	_, id, _ := strings.Cut(r.ID, "/")
	names := []string{r.ID, id}
	for _, a := range r.Aliases {
		if strings.HasPrefix(a, "CWE-") {
			continue
		}
		names = append(names, a)
		if _, name, ok := strings.Cut(a, ":"); ok {
			names = append(names, name)
		}
	}
	return names
}

// Rules are the built-in rules of all engines. They are shared: nobody changes them.
func Rules() ([]Rule, error) { return allRules() }

var allRules = sync.OnceValues(func() ([]Rule, error) {
	var list []Rule
	for _, e := range All {
		rules, err := e.Rules()
		if err != nil {
			return nil, fmt.Errorf("rules of the %s engine: %w", e.Name, err)
		}
		list = append(list, rules...)
	}
	return list, nil
})

// All is every engine in the binary, in the order reports show them. No init functions: importing a package changes
// nothing.
var All = []Entry{
	{Name: "secret", About: "credentials in files, history and messages", New: newSecret, Rules: secretRuleList},
	{Name: "pipeline", About: "faults in GitHub Actions, GitLab CI and Azure Pipelines", New: newPipeline, Rules: pipelineRuleList},
}

// Names are the names of all engines.
func Names() []string {
	names := make([]string, len(All))
	for i, e := range All {
		names[i] = e.Name
	}
	return names
}

// Find returns the entries of the given names, in the order of All; of no names, all.
func Find(names []string) ([]Entry, error) {
	if len(names) == 0 {
		return All, nil
	}
	var out []Entry
	known := map[string]bool{}
	for _, e := range All {
		known[e.Name] = true
	}
	for _, n := range names {
		if !known[n] {
			return nil, fmt.Errorf("engine %q is not known: there is %s", n, strings.Join(Names(), ", "))
		}
	}
	for _, e := range All {
		for _, n := range names {
			if n == e.Name {
				out = append(out, e)
				break
			}
		}
	}
	return out, nil
}

// Builtin is the word that stands for the built-in packs among rule files.
const Builtin = "builtin"

// newSecret makes the secret engine. A single foreign configuration is obeyed as it is; beside the built-in pack, or one
// of several, its rules are added and ours keep their filters.
func newSecret(s Settings) (scan.Engine, []string, error) {
	o := secret.Options{DecodeDepth: s.DecodeDepth, MaxPerRule: s.MaxPerRule}
	var config *secret.Config
	var notes []string
	for _, name := range s.Rules {
		c, more, err := secretRules(s, name)
		if err != nil {
			return nil, nil, err
		}
		notes = append(notes, more...)
		if config == nil {
			config = c
		} else {
			config = c.Merge(config)
		}
		if o.Foreign = name != Builtin; o.Foreign {
			o.Skip = append(o.Skip, path.Clean(name))
		}
	}
	if len(s.Rules) > 1 {
		o.Foreign = false
	}
	if config == nil {
		e, err := builtinSecret(o.DecodeDepth, o.MaxPerRule)
		return e, nil, err
	}
	e, err := secret.New(config, o)
	if err != nil {
		return nil, nil, err
	}
	if len(e.Rules()) == 0 {
		return nil, nil, fmt.Errorf("%s: no rules, so nothing would be found", strings.Join(s.Rules, ", "))
	}
	return e, notes, nil
}

// compiled holds the engine of the built-in pack by its options: whoever judges many changes in one process makes it once.
var compiled sync.Map

func builtinSecret(depth, perRule int) (scan.Engine, error) {
	o := secret.Options{DecodeDepth: depth, MaxPerRule: perRule}
	engine, _ := compiled.LoadOrStore([2]int{depth, perRule}, sync.OnceValues(func() (*secret.Engine, error) {
		config, err := secret.PackedBuiltin()
		if err != nil {
			return nil, err
		}
		return secret.New(config, o)
	}))
	return engine.(func() (*secret.Engine, error))()
}

func secretRules(s Settings, name string) (*secret.Config, []string, error) {
	if name == Builtin {
		c, err := secret.PackedBuiltin()
		return c, nil, err
	}
	c, notes, err := secret.Load(s.Read, name)
	if err == nil && len(s.Rules) > 1 {
		unfiltered(c)
	}
	return c, notes, err
}

// unfiltered keeps our filters from rules that do not ask for any: a team's own find what they say.
func unfiltered(c *secret.Config) {
	for i := range c.Rules {
		switch r := &c.Rules[i]; {
		case r.Filters != nil:
		case r.TokenEfficiency:
			r.Filters = []string{"token-efficiency"}
		default:
			r.Filters = []string{}
		}
	}
}
