package cli

import (
	"context"
	"slices"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/exception/native/effect"
	"github.com/assaysec/assay/internal/exception/register"
	"github.com/assaysec/assay/internal/judge"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/policy/celhost"
	"github.com/assaysec/assay/internal/policy/regohost"
	"github.com/assaysec/assay/internal/receipt"
	"github.com/assaysec/assay/internal/risk"
	"github.com/assaysec/assay/internal/scan"
	"github.com/assaysec/assay/internal/source"
)

// weigh puts what was seen of one target into its context and adds it to the case.
func (a *app) weigh(ctx context.Context, p *performance, t *target, id string, seen *scan.Report, set *settings, c *change, h house, f *lookFlags) error {
	seen.Target.ID = id
	for i := range seen.Coverage {
		seen.Coverage[i].Target = id
	}
	if err := p.account(ctx, t, id, seen, set, c, f); err != nil {
		return err
	}
	alterations, err := c.alterations(ctx, t, seen, set, f, a.hide)
	if err != nil {
		return err
	}
	seen.Findings = append(seen.Findings, alterations.findings...)
	p.document.Alterations = append(p.document.Alterations, alterations.list...)
	p.list.Broken = append(p.list.Broken, alterations.broken.broken(id)...)
	p.broken = append(p.broken, alterations.broken...)
	risks := make([]risk.Risk, 0, len(seen.Findings))
	for i := range seen.Findings {
		r := risk.New(seen.Findings[i], id, set.catalog)
		if r.New = c.novelty(&seen.Findings[i]); r.Engine == changeEngine {
			r.New = risk.NewYes
		}
		risks = append(risks, r)
	}
	uses, err := a.holdBack(p, t, h, c, id, set, seen, risks, f)
	if err != nil {
		return err
	}
	if err := a.date(ctx, t, f, risks); err != nil {
		return err
	}
	keep, err := a.keep(ctx, t, h, c, set, risks)
	if err != nil {
		return c.ofBase(err)
	}
	if f.probe {
		if p.probers[id], err = a.prober(set.config.Exceptions.Probe); err != nil {
			return err
		}
	}
	p.based = p.based || c.known
	p.changes[id] = c
	p.addCase(id, seen, set, keep, risks, uses, f)
	return a.addRego(ctx, p, t, c, h)
}

// addCase adds one target to the case.
func (p *performance) addCase(id string, seen *scan.Report, set *settings, keep judge.Keep, risks []risk.Risk, uses []effect.Use, f *lookFlags) {
	l := &p.list
	l.Targets = append(l.Targets, judge.Target{Target: seen.Target, Services: set.catalog.Services(), Due: set.config.Due, Keep: keep})
	l.Coverage = append(l.Coverage, seen.Coverage...)
	l.Policy = append(l.Policy, set.gate(f.stage)...)
	first := len(l.Marks)
	l.Marks = append(l.Marks, marks(seen, id)...)
	l.Files = append(l.Files, uses...)
	l.Risks = append(l.Risks, risks...)
	p.bring(id, first, risks)
	p.sights[id] = lookedBy(seen)
}

// addRego adds the policies in Rego of the whole repository where the target is a folder of it, and those of the target.
// What two of them have in common is one; what stands under one name and differs is named with its target.
func (a *app) addRego(ctx context.Context, p *performance, t *target, c *change, h house) error {
	above, _, err := c.houseAbove(ctx, t, &source.Account{}) // what cannot be read is accounted for by join
	if err != nil {
		return err
	}
	for _, h := range []house{above, h} {
		if h == nil {
			continue
		}
		files, err := regoFiles(h)
		if err != nil {
			return masked(err)
		}
		for name, text := range files {
			for old, taken := p.list.Rego[name]; taken && old != text; old, taken = p.list.Rego[name] {
				name = t.name + "/" + name
			}
			p.list.Rego[name] = text
		}
	}
	return nil
}

// holdBack lets baselines and ignore files hold back what they name.
func (a *app) holdBack(p *performance, t *target, h house, c *change, id string, set *settings, seen *scan.Report, risks []risk.Risk, f *lookFlags) ([]effect.Use, error) {
	own, foreign, err := readBaselines(h, c.said, f.baseline, f.makesBaseline)
	if err != nil && f.baseline == "" {
		return nil, c.ofBase(err)
	} else if err != nil {
		return nil, masked(err)
	}
	files, notes := readIgnoreFiles(h, seen, repositoryName(t.repo, set.config.Exceptions.Repository))
	for _, n := range notes {
		a.note("assay: note: %s", scan.MaskQuoted(n))
	}
	if foreign != nil {
		foreign.Apply(risks)
	}
	uses := effect.ApplyFiles(risks, id, files, p.document.Now)
	if own != nil {
		own.Apply(risks)
	}
	p.baseline = own
	p.based = p.based || own != nil || foreign != nil
	return uses, nil
}

// marks are the inline marks that were seen in one target.
func marks(seen *scan.Report, id string) []effect.Mark {
	var marks []effect.Mark
	for _, fact := range seen.Facts {
		if fact.Kind != scan.MarkKind {
			continue
		}
		m := effect.Mark{Found: *fact.Mark, Target: id, Path: fact.Place.Path}
		if c := fact.Place.Commit; c != nil {
			m.Commit = c.ID
		}
		marks = append(marks, m)
	}
	return marks
}

// bring notes which marks, from the first on, the change of a target brings to which risks.
func (p *performance) bring(id string, first int, risks []risk.Risk) {
	c := p.changes[id]
	if !c.known {
		return
	}
	in := map[string][]int{}
	for n := first; n < len(p.list.Marks); n++ {
		in[p.list.Marks[n].Path] = append(in[p.list.Marks[n].Path], n)
	}
	for i := range risks {
		paths := []string{risks[i].Place.Path}
		for _, at := range risks[i].Related {
			paths = append(paths, at.Path)
		}
		slices.Sort(paths)
		for _, path := range slices.Compact(paths) {
			for _, n := range in[path] {
				if c.brings(&p.list.Marks[n], &risks[i].Finding) {
					p.list.Brought = append(p.list.Brought, judge.Brought{Mark: n, Target: id, Fingerprint: risks[i].Fingerprint})
				}
			}
		}
	}
}

// looked reports whether any engine looked at a path.
type looked func(path string) bool

func lookedBy(seen *scan.Report) looked {
	var sights []*coverage.Sight
	for i := range seen.Coverage {
		if r := &seen.Coverage[i]; r.Files > 0 {
			sights = append(sights, r.Sight())
		}
	}
	return func(path string) bool {
		return seen.Holds(path) && slices.ContainsFunc(sights, func(s *coverage.Sight) bool { return s.Saw(path, "") })
	}
}

// know fills in what decides whether a suppression is unused, or nobody can tell.
func (p *performance) know() {
	l := &p.list
	l.Told, l.Unlooked = nil, nil
	told, places, tells := map[judge.Told]bool{}, map[judge.Place]bool{}, p.teller()
	ask := func(tool string, rules []string) {
		if len(rules) == 0 {
			rules = []string{""}
		}
		for _, rule := range rules {
			key := judge.Told{Tool: tool, Rule: rule}
			if !told[key] {
				told[key] = true
				key.Told = tells(tool, rule)
				l.Told = append(l.Told, key)
			}
		}
	}
	place := func(target, path string) {
		key := judge.Place{Target: target, Path: path}
		if !places[key] && path != "" {
			places[key] = true
			if saw := p.sights[target]; saw != nil && !saw(path) {
				l.Unlooked = append(l.Unlooked, key)
			}
		}
	}
	for i := range l.Marks {
		ask(l.Marks[i].Tool, l.Marks[i].Rules)
		place(l.Marks[i].Target, l.Marks[i].Path)
	}
	for i := range l.Files {
		ask(l.Files[i].Tool, l.Files[i].Rules)
	}
}

// hosts evaluate policies and checks.
func hosts() judge.Hosts {
	cel := celhost.New()
	return judge.Hosts{CEL: cel, Check: cel.Check, Rego: func(modules map[string]string) (judge.Rulebook, error) {
		p, err := regohost.Compile(modules)
		if err != nil {
			return nil, err
		}
		return p, nil
	}}
}

// judge decides once all targets are known. Each brings its policy, and the strictest answer wins: the last may not judge
// the others alone. What is shown of targets goes through hide before anything is decided, so that a receipt, which holds
// what may be shown, gives the same verdict.
func (a *app) judge(ctx context.Context, p *performance, stage string) error {
	p.list.Stage, p.list.Policy = stage, policy.Explicit(stage, p.list.Policy)
	p.know()
	p.list.Hide(a.hide)
	if len(p.probers) > 0 {
		if err := a.probe(ctx, p); err != nil {
			return err
		}
	}
	ruling, err := judge.Judge(&p.list, hosts())
	if err != nil {
		return masked(err)
	}
	p.ruling = ruling
	for _, u := range ruling.Marks {
		if u.Problem != "" && !u.Idle {
			a.note("assay: note: %s: %s", u.Source(), scan.MaskQuoted(u.Problem))
		}
	}
	p.fill()
	p.document.Verdict = shownVerdict(ruling.Verdict, a.hide)
	return nil
}

// fill puts what came of the case into the document.
func (p *performance) fill() {
	d, r := p.document, p.ruling
	d.Targets = nil
	for i := range p.list.Targets {
		d.Targets = append(d.Targets, p.list.Targets[i].Target)
	}
	d.Coverage, d.Findings, d.Verdict = p.list.Coverage, r.Risks, r.Verdict
	d.Exceptions = nil
	for _, e := range r.Exceptions {
		d.Exceptions = append(d.Exceptions, receipt.Exception(&e))
	}
	d.Suppressions = nil
	if s := r.Input.Counts.Suppressions; s != nil && s.Count > 0 {
		d.Suppressions = s
	}
}

// probe asks what compensating checks ask over the network, of targets whose base names the hosts.
func (a *app) probe(ctx context.Context, p *performance) error {
	answers, err := judge.Probes(ctx, &p.list, hosts(), func(target string) register.Prober {
		if by, ok := p.probers[target]; ok {
			return by
		}
		return nil
	})
	if err != nil {
		return masked(err)
	}
	for i := range p.list.Targets {
		t := &p.list.Targets[i]
		t.Keep.Answers = register.Merge(t.Keep.Answers, answers[t.ID])
	}
	return nil
}

// due gives the table of due dates of a target.
func (p *performance) due(target string) risk.DueTable {
	i := slices.IndexFunc(p.list.Targets, func(t judge.Target) bool { return t.ID == target })
	return p.list.Targets[i].Due
}
