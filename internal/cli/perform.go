package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/cache"
	"github.com/assaysec/assay/internal/config"
	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/engines"
	"github.com/assaysec/assay/internal/exception"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/policy/celhost"
	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/risk"
	"github.com/assaysec/assay/internal/scan"
	"github.com/assaysec/assay/internal/source"
)

// A performance is one run of a verb that looks and judges, with what later steps of the verb may ask.
type performance struct {
	document *report.Document
	input    policy.Input
	baseline *exception.Baseline
	scopes   []policy.Scope // of all targets
	marks    []exception.Mark
	changes  map[string]*change       // by target
	based    bool                     // novelty is known: there is a base or a baseline
	due      map[string]risk.DueTable // by target
	rules    map[string]bool          // of the engines that name theirs
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
	p := &performance{document: &report.Document{
		Schema: report.Schema, Tool: report.Tool{Name: "assay", Version: Version()}, Now: now,
	}, input: policy.Input{Services: map[string][]profile.Service{}}, due: map[string]risk.DueTable{}, changes: map[string]*change{}, rules: map[string]bool{}}
	for i, arg := range args {
		if err := a.performOn(ctx, p, arg, fmt.Sprintf("t%d", i+1), f); err != nil {
			return nil, err
		}
	}
	return p, a.judge(p, f.stage)
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
	h := c.house
	if h == nil {
		if h, err = openHouse(ctx, t, &account); err != nil {
			return err
		}
	}
	set, err := readSettings(h, c.said, f.config)
	if err != nil {
		return masked(err)
	}
	list, err := a.engines(set.config, h, c.said, f)
	if err != nil {
		return err
	}
	p.names(list)
	seen, err := a.look(ctx, t, f, set.config, list, c, &account)
	if err != nil {
		return err
	}
	if err := c.compare(ctx, seen, list, scanOptions(set.config, f)); err != nil {
		return err
	}
	if err := set.complete(h, c.said, f.config, seen.Kept); err != nil {
		return masked(err)
	}
	if err := a.join(ctx, t, f, c, set, &account); err != nil {
		return err
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
	a.noteUnknownRules(p.marks, id, list)
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
		return masked(err)
	}
	set.within(above, t.prefix)
	return nil
}

// noteUnknownRules tells of marks for rules that there are not, each rule once: who writes one should hear of it.
func (a *app) noteUnknownRules(marks []exception.Mark, target string, list []scan.Engine) {
	told := map[string]bool{}
	for i := range marks {
		m := &marks[i]
		if m.Target != target || m.Tool != exception.Assay {
			continue
		}
		for _, rule := range m.Rules {
			known := slices.ContainsFunc(list, func(e scan.Engine) bool {
				l, ok := e.(scan.Lister)
				return !ok || l.Knows(rule)
			})
			if !known && !told[rule] {
				told[rule] = true
				a.note("assay: note: %s", scan.MaskQuoted(fmt.Sprintf("%s: assay:ignore: no rule is called %q", m.Source(), rule)))
			}
		}
	}
}

// names remembers the rules of engines.
func (p *performance) names(list []scan.Engine) {
	for _, e := range list {
		if l, ok := e.(scan.Lister); ok {
			for _, rule := range l.Rules() {
				p.rules[rule] = true
			}
		}
	}
}

// gitleaksConfig is where a team that uses gitleaks keeps its rules.
const gitleaksConfig = ".gitleaks.toml"

// engines makes the engines that were asked for. Those of several targets with the built-in rules are the same.
func (a *app) engines(c *config.Config, h house, said reader, f *lookFlags) ([]scan.Engine, error) {
	entries, err := engines.Find(f.engines)
	if err != nil {
		return nil, err
	}
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
			return nil, hint(fmt.Errorf("rules of the %s engine: %w", entry.Name, masked(err)), "%s", testCommand(s.Rules))
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
	return list, nil
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

func scanOptions(c *config.Config, f *lookFlags) scan.Options {
	o := scan.Options{
		Workers: f.jobs, MaxFile: c.Scan.Limits.FileSize, Keep: isSettings,
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
	o := scanOptions(c, f)
	o.Cache = a.openCache(t, list, f, o)
	stop := a.showProgress(&o)
	defer stop()
	if f.history {
		r, err := scan.RunHistory(ctx, t.name, t.repo, t.prefix, list, o)
		if err != nil {
			return nil, err
		}
		r.Kept, err = headSettings(ctx, t, account)
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

// weigh puts what was seen of one target into its context and adds it to the document and to what the gate is asked.
func (a *app) weigh(ctx context.Context, p *performance, t *target, id string, seen *scan.Report, set *settings, c *change, h house, f *lookFlags) error {
	doc := p.document
	seen.Target.ID = id
	doc.Targets = append(doc.Targets, seen.Target)
	for i := range seen.Coverage {
		seen.Coverage[i].Target = id
	}
	doc.Coverage = append(doc.Coverage, seen.Coverage...)
	risks := make([]risk.Risk, 0, len(seen.Findings))
	for i := range seen.Findings {
		r := risk.New(seen.Findings[i], id, set.catalog)
		r.New = c.novelty(&seen.Findings[i])
		risks = append(risks, r)
	}
	own, foreign, notes, err := readBaselines(h, c.said, f.baseline, f.makesBaseline)
	if err != nil {
		return masked(err)
	}
	for _, n := range notes {
		a.note("assay: note: %s", scan.MaskQuoted(n))
	}
	foreignBase := false
	for _, g := range foreign {
		g.Apply(risks)
		foreignBase = foreignBase || g.IsBaseline()
	}
	if own != nil {
		own.Apply(risks)
	}
	if err := a.date(ctx, t, f, risks); err != nil {
		return err
	}
	services := set.catalog.Services()
	risk.SetDue(risks, set.config.Due, services, doc.Now)
	p.scopes = append(p.scopes, set.gate(f.stage)...)
	p.marks = append(p.marks, a.marks(seen, id)...)
	p.input.Services[id] = services
	p.input.Risks = append(p.input.Risks, risks...)
	p.baseline, p.due[id], p.changes[id] = own, set.config.Due, c
	p.based = p.based || c.known || own != nil || foreignBase
	return nil
}

// marks reads the inline marks that were seen in one target.
func (a *app) marks(seen *scan.Report, id string) []exception.Mark {
	var marks []exception.Mark
	for _, fact := range seen.Facts {
		if fact.Kind != scan.MarkKind {
			continue
		}
		m, err := exception.ParseMark(fact.Value)
		if err != nil {
			if !errors.Is(err, exception.ErrNoMark) {
				a.note("assay: note: %s:%d: %v", fact.Place.Path, fact.Place.Start.Line, masked(err))
			}
			continue
		}
		m.Target, m.Path, m.Line = id, fact.Place.Path, fact.Place.Start.Line
		if c := fact.Place.Commit; c != nil {
			m.Commit = c.ID
		}
		m.Next = fact.Place.End.Line > fact.Place.Start.Line && m.Tool == exception.Assay
		m.Name, m.Text = fact.Name, fact.Value
		marks = append(marks, m)
	}
	return marks
}

// brings reports whether the change of a risk's target brought a mark in.
func (p *performance) brings(m *exception.Mark, r *risk.Risk) bool {
	return p.changes[r.Target].brings(m, &r.Finding)
}

// judge decides once all targets are known. Each brings its policy, and the strictest answer wins: the last may not judge
// the others alone.
func (a *app) judge(p *performance, stage string) error {
	doc := p.document
	gates, err := policy.Compile(stage, p.scopes, celhost.New())
	if err != nil {
		return masked(err)
	}
	p.input.Gates, p.input.Now, p.input.Required, p.input.Coverage = gates, doc.Now, engines.Names(), doc.Coverage
	for _, use := range exception.ApplyMarks(p.input.Risks, p.marks, doc.Now, p.input.Denies, p.brings) {
		if use.Problem != "" {
			a.note("assay: note: %s: %s", use.Mark.Source(), scan.MaskQuoted(use.Problem))
		}
	}
	doc.Findings, doc.Verdict = p.input.Risks, policy.Decide(p.input)
	doc.Hide(a.hide)
	return nil
}
