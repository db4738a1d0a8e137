package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/cache"
	"github.com/assaysec/assay/internal/config"
	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/engines"
	"github.com/assaysec/assay/internal/exception"
	"github.com/assaysec/assay/internal/exception/native"
	"github.com/assaysec/assay/internal/exception/register"
	"github.com/assaysec/assay/internal/judge"
	"github.com/assaysec/assay/internal/receipt"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/scan"
	"github.com/assaysec/assay/internal/source"
)

// A performance is one run of a verb that looks and judges, with what later steps of the verb may ask.
type performance struct {
	document *report.Document
	list     judge.Case
	ruling   *judge.Ruling
	baseline *exception.Baseline
	changes  map[string]*change // by target
	based    bool               // novelty is known: there is a base or a baseline
	probers  map[string]register.Prober
	sights   map[string]looked // by target
	listers  []scan.Lister     // the engines that name their rules
	subjects []receipt.Subject
	broken   faults // of the files that judge, as the change leaves them
}

func newPerformance(now time.Time) *performance {
	return &performance{document: &report.Document{
		Schema: report.Schema, Tool: report.Tool{Name: "assay", Version: Version()}, Now: now,
	}, list: judge.Case{Now: now, Required: engines.Names(), Rego: map[string]string{}}, changes: map[string]*change{},
		probers: map[string]register.Prober{}, sights: map[string]looked{}}
}

// perform looks at the targets, weighs what is found and judges it.
func (a *app) perform(ctx context.Context, args []string, f *lookFlags) (*performance, error) {
	now, err := a.now()
	if err != nil {
		return nil, err
	}
	if err := f.validate(); err != nil {
		return nil, err
	}
	if len(args) == 0 {
		args = []string{"."}
	}
	defer debug.SetGCPercent(debug.SetGCPercent(f.garbage()))
	p := newPerformance(now)
	for i, arg := range args {
		if err := a.performOn(ctx, p, arg, fmt.Sprintf("t%d", i+1), f); err != nil {
			return nil, err
		}
	}
	return p, a.judge(ctx, p, f.stage)
}

// performOnSomething is perform for verbs that have nothing to tell of a target that holds nothing.
func (a *app) performOnSomething(ctx context.Context, args []string, f *lookFlags) (*performance, error) {
	p, err := a.perform(ctx, args, f)
	if err == nil {
		err = p.nothingThere()
	}
	return p, err
}

// garbage is how much memory may grow before it is collected, in percent. What is kept of a history is large, and
// collecting it twice as often costs next to nothing; what is staged is little, and a commit waits for it.
func (f *lookFlags) garbage() int {
	switch {
	case f.history:
		return 50
	case f.staged:
		return 400
	}
	return 100
}

// performOn looks at one target.
func (a *app) performOn(ctx context.Context, p *performance, arg, id string, f *lookFlags) error {
	t, err := a.openTarget(arg)
	if err != nil {
		return err
	}
	if t.repo != nil {
		defer t.repo.Close()
	}
	if f.history {
		if err := t.needHistory(); err != nil {
			return err
		}
	}
	if t.bare && f.makesBaseline && f.baseline == "" {
		return hint(fmt.Errorf("%s has no work tree that a baseline could lie in", t.name), "name the file with --baseline FILE")
	}
	var account source.Account
	c, err := a.openChange(ctx, t, f, &account)
	if err != nil {
		return err
	}
	if f.receipt != "" {
		s, err := a.subject(ctx, t, f)
		if err != nil {
			return err
		}
		p.subjects = append(p.subjects, s)
	}
	return a.performChange(ctx, p, t, c, id, f, &account)
}

// performChange looks at one target as a change of its base, where it is one.
func (a *app) performChange(ctx context.Context, p *performance, t *target, c *change, id string, f *lookFlags, account *source.Account) (err error) {
	h := c.house
	if h == nil {
		if h, err = openHouse(ctx, t, account); err != nil {
			return err
		}
	}
	set, err := readSettings(h, c.said, f.config)
	if err != nil && f.config == "" {
		return c.ofBase(err)
	} else if err != nil {
		return masked(err)
	}
	if err := a.join(ctx, t, f, c, set, account); err != nil {
		return c.ofBase(err)
	}
	list, err := a.engines(set.config, set.named(h), c.said, f)
	if err != nil {
		return err
	}
	p.remember(list)
	seen, err := a.look(ctx, t, f, set.config, list, c, account)
	if err != nil {
		return err
	}
	if err := c.compare(ctx, seen, list, a.scanOptions(set.config, f)); err != nil {
		return err
	}
	if err := set.complete(h, c.said, f.config, seen.Kept); err != nil {
		return c.ofBase(err)
	}
	for _, n := range set.notes {
		a.note("assay: note: %s", scan.MaskQuoted(n))
	}
	if err := a.verify(ctx, seen, f); err != nil {
		return err
	}
	if err := a.weigh(ctx, p, t, id, seen, set, c, h, f); err != nil {
		return err
	}
	a.noteUnknownRules(p, id)
	return nil
}

// join adds to the settings of a folder what those of the whole repository say.
func (a *app) join(ctx context.Context, t *target, f *lookFlags, c *change, set *settings, account *source.Account) error {
	h, kept, err := c.houseAbove(ctx, t, account)
	if h == nil || err != nil {
		return err
	}
	if f.baseline == "" {
		a.noteBaselineAbove(t, h)
	}
	if f.config != "" {
		return nil // it speaks for itself
	}
	above, err := readSettings(h, c.said, "")
	if err == nil {
		err = above.complete(h, c.said, "", kept)
	}
	if err != nil {
		return diagnostic.From(upFrom(t.prefix), err)
	}
	set.within(above, h, t.prefix)
	return nil
}

// noteUnknownRules tells of marks for rules that there are not, each rule once: who writes one should hear of it.
func (a *app) noteUnknownRules(p *performance, target string) {
	told := map[string]bool{}
	tells := p.teller()
	for i := range p.list.Marks {
		m := &p.list.Marks[i]
		if m.Target != target || m.Tool != native.Assay {
			continue
		}
		for _, rule := range m.Rules {
			if !told[rule] && !tells(m.Tool, rule) {
				told[rule] = true
				a.note("assay: note: %s", scan.MaskQuoted(fmt.Sprintf("%s: assay:ignore: no rule is called %q", m.Source(), rule)))
			}
		}
	}
}

// teller tells which findings engines of this run can make. Where there is no suppression nobody asks it.
func (p *performance) teller() native.Teller {
	var names []string
	if len(p.list.Marks)+len(p.list.Files) > 0 {
		for _, l := range p.listers {
			names = append(names, l.Names()...)
		}
	}
	return native.TellerOf(names)
}

// remember keeps the engines that name their rules. They are asked where somebody needs the names: making them takes time.
func (p *performance) remember(list []scan.Engine) {
	for _, e := range list {
		if l, ok := e.(scan.Lister); ok {
			p.listers = append(p.listers, l)
		}
	}
}

// rules are the rules of the engines that name theirs.
func (p *performance) rules() map[string]bool {
	rules := map[string]bool{}
	for _, l := range p.listers {
		for _, rule := range l.Rules() {
			rules[rule] = true
		}
	}
	return rules
}

// gitleaksConfig is where a team that uses gitleaks keeps its rules.
const gitleaksConfig = ".gitleaks.toml"

// engines makes the engines that were asked for. Those of several targets with the built-in rules are the same.
func (a *app) engines(c *config.Config, h house, said reader, f *lookFlags) ([]scan.Engine, error) {
	entries, err := engines.Find(f.engines)
	if err != nil {
		return nil, err
	}
	s := ruleSettings(c, h, said, f)
	if _, err := h.read(gitleaksConfig); err == nil && len(s.Rules) == 0 {
		a.note("assay: note: %[1]s is there and was not used; --rules %[1]s looks with its rules in place of the built-in ones", gitleaksConfig)
	}
	builtin := fmt.Sprint(f.engines, s.DecodeDepth, s.MaxPerRule)
	if list := a.builtin[builtin]; list != nil && len(s.Rules) == 0 {
		return list, nil
	}
	var list []scan.Engine
	for _, entry := range entries {
		e, notes, err := entry.New(s)
		if err != nil {
			return nil, ruleError(entry.Name, s.Rules, err)
		}
		for _, n := range notes {
			a.note("assay: note: %s", scan.MaskQuoted(n))
		}
		list = append(list, e)
		if h, ok := e.(scan.Hider); ok {
			a.hiders = append(a.hiders, h)
		}
	}
	if len(s.Rules) == 0 {
		a.builtin[builtin] = list
	}
	return list, a.needHider()
}

// ruleSettings are what engines are made with: the rules that flags name, else those of the configuration.
func ruleSettings(c *config.Config, h house, said reader, f *lookFlags) engines.Settings {
	s := engines.Settings{Rules: f.rules, Read: said.read, DecodeDepth: c.Secret.DecodeDepth, MaxPerRule: c.Scan.Limits.FindingsPerRule}
	if len(s.Rules) == 0 {
		s.Rules, s.Read = slices.Concat(c.Rules, c.Secret.Rules), h.read
		if c.Secret.Config != "" {
			s.Rules = append(s.Rules, c.Secret.Config)
		}
	}
	read := s.Read
	s.Read = func(p string) ([]byte, error) {
		text, err := read(p)
		if err != nil {
			err = fmt.Errorf("%s: %w", p, err)
		}
		return text, err
	}
	return s
}

func ruleError(engine string, rules []string, err error) error {
	return hint(fmt.Errorf("rules of the %s engine: %w", engine, masked(err)), "%s", testCommand(rules))
}

// needHider makes an engine that knows what a credential looks like, where none that was asked for does: what the others
// quote is shown all the same.
func (a *app) needHider() error {
	for _, entry := range engines.All {
		if len(a.hiders) > 0 {
			return nil
		}
		e, _, err := entry.New(engines.Settings{})
		if err != nil {
			return fmt.Errorf("rules of the %s engine: %w", entry.Name, err)
		}
		if h, ok := e.(scan.Hider); ok {
			a.hiders = append(a.hiders, h)
		}
	}
	return nil
}

// testCommand is what checks rule files, as it is typed.
func testCommand(rules []string) string {
	words := []string{"assay rules test"}
	for _, r := range rules {
		if r != engines.Builtin {
			words = append(words, shellWord(r))
		}
	}
	return strings.Join(words, " ")
}

func (a *app) scanOptions(c *config.Config, f *lookFlags) scan.Options {
	o := scan.Options{
		Workers: f.jobs, Literals: &a.literals, MaxFile: c.Scan.Limits.FileSize, Keep: isKept,
		Include: slices.Concat(c.Scan.Include, f.classes()),
		Limits: source.Limits{Depth: c.Scan.Limits.ArchiveDepth, Bytes: c.Scan.Limits.ArchiveSize,
			Members: c.Scan.Limits.ArchiveMembers, Ratio: c.Scan.Limits.ArchiveRatio},
	}
	if o.Workers == 0 {
		o.Workers = c.Scan.Jobs
	}
	return o
}

// look runs the engines over the target. A target that could not be read as a whole is an error of the run; what of it
// could not be read is in the coverage.
func (a *app) look(ctx context.Context, t *target, f *lookFlags, c *config.Config, list []scan.Engine, ch *change, account *source.Account) (*scan.Report, error) {
	own := *f // what the configuration of this target says must not hold for the next
	own.noIgnore = f.noIgnore || slices.Contains(c.Scan.Include, coverage.Ignored) || slices.Contains(f.classes(), coverage.Ignored)
	f = &own
	o := a.scanOptions(c, f)
	o.Cache = a.openCache(t, list, f, o)
	stop := a.showProgress(&o)
	defer stop()
	if f.history {
		head, err := headFiles(ctx, t, account)
		if err != nil {
			return nil, err
		}
		r, err := scan.RunHistory(ctx, t.name, t.repo, t.prefix, head, list, o)
		if err != nil {
			return nil, err
		}
		r.Kept, err = headSettings(head)
		return r, err
	}
	src, err := a.source(ctx, t, f, ch, account)
	if err != nil {
		return nil, err
	}
	r, err := scan.Run(ctx, src, list, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.name, err)
	}
	if err := o.Cache.Close(); err != nil {
		a.note("assay: note: the cache could not be written: %v", err)
	}
	for i := range r.Coverage {
		r.Coverage[i].Unchecked = append(r.Coverage[i].Unchecked, account.Unchecked()...)
		r.Coverage[i].Settle()
	}
	return r, nil
}

// openCache opens what engines said of files before. What is staged is too little to be worth it, and a provider can only
// be asked about a secret that has just been read.
func (a *app) openCache(t *target, list []scan.Engine, f *lookFlags, o scan.Options) *cache.Store {
	if f.noCache || f.staged || f.history || f.verify || t.stdin || t.file {
		return nil
	}
	name := scan.Generation(list, o)
	dir := a.cacheDir()
	if name == "" || dir == "" {
		return nil
	}
	return cache.Open(filepath.Join(dir, "results"), name, cache.DefaultLimit)
}

// cacheDir is the program's folder in the user's cache folder, empty where there is none.
func (a *app) cacheDir() string {
	for _, place := range []struct{ env, below string }{{"ASSAY_CACHE_DIR", ""}, {"XDG_CACHE_HOME", "assay"}, {"LOCALAPPDATA", "assay"}, {"HOME", ".cache/assay"}} {
		if dir := a.Getenv(place.env); filepath.IsAbs(dir) {
			return filepath.Join(dir, filepath.FromSlash(place.below))
		}
	}
	return ""
}
