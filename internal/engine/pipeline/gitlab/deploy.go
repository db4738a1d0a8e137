package gitlab

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// check tells what is wrong in a pipeline as a whole.
func (p *pipeline) check() {
	p.flows()
	for _, name := range p.concrete() {
		if !p.Spend(100) {
			return
		}
		p.deployment(p.whole(name))
	}
}

// The kinds of pipelines that anybody can start who may push a branch or open a merge request. \x00 begins names that no
// condition names.
var (
	branchPipeline = map[string]string{"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "\x00feature", "CI_COMMIT_REF_NAME": "\x00feature", "CI_DEFAULT_BRANCH": "\x00default",
		"CI_COMMIT_TAG": "", "CI_MERGE_REQUEST_ID": "", "CI_MERGE_REQUEST_IID": "", "CI_COMMIT_REF_PROTECTED": "false", "CI_EXTERNAL_PULL_REQUEST_IID": "", "CI": "true", "GITLAB_CI": "true"}
	requestPipeline = map[string]string{"CI_PIPELINE_SOURCE": "merge_request_event", "CI_COMMIT_BRANCH": "", "CI_COMMIT_REF_NAME": "\x00feature", "CI_DEFAULT_BRANCH": "\x00default",
		"CI_COMMIT_TAG": "", "CI_MERGE_REQUEST_ID": "1", "CI_MERGE_REQUEST_IID": "1", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "\x00feature", "CI_COMMIT_REF_PROTECTED": "false",
		"CI_EXTERNAL_PULL_REQUEST_IID": "", "CI": "true", "GITLAB_CI": "true"}
)

// outcome is what rules come to in a kind of pipeline: the when: of the first that holds. It is known where all that stand
// before are known not to. Files that must have changed are no hindrance: whoever pushes chooses them.
func outcome(list []rule, values map[string]string, fallback string) (when string, known bool) {
	w := &world{values: values}
	for _, r := range list {
		t := yes
		if r.HasIf {
			t = w.eval(parseExpr(r.If))
		}
		switch {
		case t == no:
			continue
		case t == unknown:
			return "", false
		case r.Changes && r.When == "never":
			continue
		}
		if r.When != "" {
			return r.When, true
		}
		return fallback, true
	}
	return "never", true
}

// runs says when a job runs in a kind of pipeline, where that is known.
func (p *pipeline) runs(w *whole, values map[string]string) (when string, known bool) {
	if !p.starts(values) {
		return "", false
	}
	fallback, _ := w.when()
	if fallback == "" {
		fallback = "on_success"
	}
	if _, ok := w.setter("rules"); ok {
		list, found := p.rules(w)
		if !found {
			return "", false
		}
		return outcome(list, values, fallback)
	}
	if w.unknown {
		return "", false
	}
	only, hasOnly := w.setter("only")
	except, _ := w.setter("except")
	var names, not []string
	if hasOnly {
		names = only.Only
	}
	if except.job != nil {
		not = except.Except
	}
	if !refsAllow(names, not, hasOnly, values["CI_PIPELINE_SOURCE"] == "merge_request_event") {
		return "", false
	}
	return fallback, true
}

// starts says that a pipeline of a kind is known to begin.
func (p *pipeline) starts(values map[string]string) bool {
	switch {
	case !p.hasFlow:
		return !p.foreign
	case len(p.flow) == 0:
		return true
	}
	budget := 2000
	list, found := p.inline(p.flow, 0, &budget)
	if !found {
		return false
	}
	when, known := outcome(list, values, "always")
	return known && when != "never"
}

// refsAllow says that only: and except: certainly let a job run for any branch, or for a merge request.
func refsAllow(only, except []string, hasOnly, request bool) bool {
	kind := "branches"
	if request {
		kind = "merge_requests"
	}
	for _, e := range except {
		if e == kind || strings.ContainsAny(e, ":/") || e == "pushes" && !request {
			return false
		}
	}
	if !hasOnly {
		return !request
	}
	if slices.ContainsFunc(only, func(o string) bool { return strings.HasSuffix(o, ":") }) {
		return false
	}
	return slices.Contains(only, kind) || !request && slices.Contains(only, "pushes")
}

var (
	productionName = lazyregexp.New(`(?i)(?:^|[^a-z])(?:prod|production|prd|live)(?:[^a-z]|$)`)
	notProduction  = lazyregexp.New(`(?i)non?[-_ ]?prod|pre[-_ ]?prod|review|preview|staging|\$CI_COMMIT_REF|\$CI_MERGE_REQUEST|sandbox|dry[-_]?run`)
	deployName     = lazyregexp.New(`(?i)(?:^|[^a-z])(?:deploy(?:ment|ing)?|release|publish|prod|production|rollout|promote)(?:[^a-z]|$)`)
)

func production(e *environment) bool {
	return e != nil && (e.Action == "" || e.Action == "start") && productionName().MatchString(e.Name) && !notProduction().MatchString(e.Name)
}

// deployment tells how a job that deploys is let to.
func (p *pipeline) deployment(w *whole) {
	env, path := w.env()
	act, where := p.deploys(w)
	if act == nil && !production(env) {
		return
	}
	if env == nil && act != nil {
		p.withoutEnvironment(w, act, where)
	}
	if act == nil && len(p.scripts(w)) == 0 {
		return // it starts another pipeline, which has conditions of its own
	}
	p.always(w, env, act)
	if production(env) {
		p.unapproved(w, env, path)
	}
}

// deploys is the first command of a job that deploys something.
func (p *pipeline) deploys(w *whole) (*act, string) {
	for _, s := range p.scripts(w) {
		if s.key == "after_script" {
			continue
		}
		for i := range s.Deploys {
			return &s.Deploys[i], s.path
		}
	}
	return nil, ""
}

func (p *pipeline) withoutEnvironment(w *whole, a *act, path string) {
	if !w.lacks("environment") {
		return
	}
	f := fault.Fault{Rule: "gitlab-deploy-without-environment", Path: path, Span: a.Span, Key: w.name + " " + a.What,
		Message: fmt.Sprintf("The job %q deploys with %q and names no environment, so nobody's approval can be asked for", w.name, a.What)}
	stage, _ := w.setter("stage")
	if !deployName().MatchString(w.name) && (stage.job == nil || !deployName().MatchString(stage.Stage)) {
		f.Severity, f.Confidence = finding.Low, finding.MediumConfidence
	}
	p.Add(f)
}

// always tells of a deployment that takes place even after its tests failed.
func (p *pipeline) always(w *whole, env *environment, a *act) {
	if env != nil && env.Action != "" && env.Action != "start" {
		return
	}
	tell := func(path string, span fault.Span) {
		what := "deploys"
		if env != nil {
			what = fmt.Sprintf("deploys to %q", env.Name)
		}
		p.Add(fault.Fault{Rule: "gitlab-deploy-always", Path: path, Span: span, Key: w.name,
			Message: fmt.Sprintf("The job %q %s even where a job before it failed", w.name, what)})
	}
	rules, hasRules := w.setter("rules")
	if when, part := w.when(); when == "always" && !hasRules {
		tell(part.path, part.WhenAt)
		return
	}
	if !hasRules {
		return
	}
	for _, r := range rules.Rules {
		if r.When == "always" {
			tell(rules.path, r.Span)
			return
		}
	}
}

// unapproved tells of a deployment to production that a merge request or a branch of anybody's starts by itself.
func (p *pipeline) unapproved(w *whole, env *environment, path string) {
	for _, c := range []struct {
		rule, what string
		values     map[string]string
	}{
		{"gitlab-deploy-on-merge-request", "for every merge request, before anybody merges it", requestPipeline},
		{"gitlab-deploy-from-any-branch", "from any branch that somebody pushes", branchPipeline},
	} {
		when, known := p.runs(w, c.values)
		if !known || when == "never" || when == "manual" {
			continue
		}
		p.Add(fault.Fault{Rule: c.rule, Path: path, Span: env.Span, Key: w.name,
			Message: fmt.Sprintf("The job %q deploys to %q %s", w.name, env.Name, c.what)})
	}
}
