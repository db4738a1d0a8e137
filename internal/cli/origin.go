package cli

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/assaysec/assay/internal/config"
	"github.com/assaysec/assay/internal/engine/secret"
	"github.com/assaysec/assay/internal/engines"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/escape"
	"github.com/assaysec/assay/internal/risk"
	"github.com/assaysec/assay/internal/scan"
	"github.com/assaysec/assay/internal/source"
	"github.com/spf13/pflag"
)

// byDefault is the origin of what nobody set.
const byDefault = "default"

// A setting is one value that holds, and what set it.
type setting struct{ name, value, from string }

// settingsTable lists what holds: what the file says, what flags and variables say instead, and the defaults.
type settingsTable struct {
	config *config.Config
	flags  *pflag.FlagSet
	rows   []setting
}

func (t *settingsTable) add(name, value, from string) {
	t.rows = append(t.rows, setting{name, value, from})
}

// said adds a value that the file may say under its key. Without the key it has its default.
func (t *settingsTable) said(key, value, otherwise string) {
	if at, ok := t.config.PlaceOf(key); ok {
		t.add(key, value, at.String())
	} else {
		t.add(key, otherwise, byDefault)
	}
}

// flag is what set a flag; empty where nothing did.
func (t *settingsTable) flag(name string) string {
	f := t.flags.Lookup(name)
	if !f.Changed {
		return ""
	}
	if variable := f.Annotations[fromVariable]; variable != nil {
		return variable[0]
	}
	return "--" + name
}

func (t *settingsTable) services() {
	for _, s := range t.config.Services {
		value := fmt.Sprintf("tier %s, exposure %s, data %v", cmp.Or(string(s.Tier), "unknown"), cmp.Or(string(s.Exposure), "unknown"), s.Data)
		t.add("service "+s.Name, value, t.config.PlaceOfService(s.Name).String())
	}
}

func (t *settingsTable) gate(stage string) {
	text := t.config.Gate(stage)[0].Text
	key := "gate." + stage
	t.lines(key+".deny", text.Deny, policy.DefaultDeny)
	t.lines(key+".warn", text.Warn, policy.DefaultWarn)
	if text.Require != nil {
		t.lines(key+".require", text.Require, "")
		return
	}
	t.said(key+".require", list(text.Engines), list(engines.Names()))
}

func (t *settingsTable) lines(key string, lines []policy.Line, otherwise string) {
	if len(lines) == 0 {
		t.said(key, "nothing", "default policy: "+otherwise)
	}
	for _, l := range lines {
		t.add(l.Key, l.Expr, l.At.String())
	}
}

func (t *settingsTable) due() {
	otherwise := risk.DefaultDue()
	for _, tier := range profile.Tiers {
		for _, level := range risk.Levels {
			key := fmt.Sprintf("due.%s.%s", tier, level)
			if _, ok := t.config.PlaceOf(key); ok {
				t.said(key, report.Plural(t.config.Due[tier][level], "day"), "")
				delete(otherwise[tier], level)
			}
		}
	}
	left := 0
	for _, levels := range otherwise {
		left += len(levels)
	}
	if left > 0 {
		t.add("due", report.Plural(left, "value")+" of the default table, docs/risk.md", byDefault)
	}
}

// rules are the rule files. A flag stands in place of all that the file says.
func (t *settingsTable) rules() {
	s := t.config.Secret
	depth := strconv.Itoa(max(s.DecodeDepth, 0)) // negative for none
	t.said("secret.decode-depth", depth, strconv.Itoa(secret.DefaultDecodeDepth))
	if by := t.flag("rules"); by != "" {
		named, _ := t.flags.GetStringArray("rules")
		t.add("rules", list(named), by)
		return
	}
	t.said("secret.config", s.Config, "none")
	t.said("secret.rules", list(s.Rules), "none")
	t.said("rules", list(t.config.Rules), engines.Builtin)
}

func (t *settingsTable) scan(f *lookFlags) {
	s := t.config.Scan
	if by := t.flag("jobs"); by != "" {
		t.add("scan.jobs", strconv.Itoa(f.jobs), by)
	} else {
		t.said("scan.jobs", strconv.Itoa(s.Jobs), strconv.Itoa(runtime.GOMAXPROCS(0)))
	}
	t.include(f)
	if by := t.flag("allow-empty"); by != "" {
		t.add("scan.allow-empty", strconv.FormatBool(f.allowEmpty), by)
	} else {
		t.said("scan.allow-empty", strconv.FormatBool(s.AllowEmpty), "false")
	}
	d := source.Limits{}.WithDefaults()
	for _, l := range []struct {
		key             string
		said, otherwise int64
	}{
		{"file-size", s.Limits.FileSize, scan.DefaultMaxFile},
		{"archive-depth", int64(s.Limits.ArchiveDepth), int64(d.Depth)},
		{"archive-size", s.Limits.ArchiveSize, d.Bytes},
		{"archive-members", int64(s.Limits.ArchiveMembers), int64(d.Members)},
		{"archive-ratio", s.Limits.ArchiveRatio, d.Ratio},
		{"findings-per-rule", int64(s.Limits.FindingsPerRule), secret.DefaultMaxPerRule},
	} {
		t.said("scan.limits."+l.key, strconv.FormatInt(l.said, 10), strconv.FormatInt(l.otherwise, 10))
	}
}

// include adds up what the file and the flag say.
func (t *settingsTable) include(f *lookFlags) {
	var classes, from []string
	if at, ok := t.config.PlaceOf("scan.include"); ok {
		from = append(from, at.String())
	}
	if by := t.flag("include"); by != "" {
		from = append(from, by)
	}
	for _, c := range slices.Concat(t.config.Scan.Include, f.classes()) {
		if !slices.Contains(classes, string(c)) {
			classes = append(classes, string(c))
		}
	}
	t.add("scan.include", list(classes), cmp.Or(strings.Join(from, ", "), byDefault))
}

// others are the flags that the file has no key for; all says whether to list those, too, that nothing set.
func (t *settingsTable) others(all bool) {
	t.flags.VisitAll(func(f *pflag.Flag) {
		by := t.flag(f.Name)
		switch {
		case by == "" && !all:
		case slices.Contains([]string{"help", "origin", "jobs", "include", "rules", "allow-empty"}, f.Name):
		default:
			t.add("--"+f.Name, cmp.Or(strings.Trim(f.Value.String(), "[]"), "none"), cmp.Or(by, byDefault))
		}
	})
}

// list writes a list of names.
func list(names []string) string { return cmp.Or(strings.Join(names, ", "), "none") }

// showConfig lists what holds, with what set it where origin asks for that.
func (a *app) showConfig(t *settingsTable, f *lookFlags, origin bool) error {
	t.services()
	for _, stage := range policy.Stages {
		t.gate(stage)
	}
	t.due()
	t.rules()
	t.scan(f)
	t.others(origin)
	w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	for _, s := range t.rows {
		fmt.Fprintf(w, "%s\t%s", escape.Terminal(s.name), escape.Terminal(s.value))
		if origin {
			fmt.Fprintf(w, "\t%s", escape.Terminal(s.from))
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}
