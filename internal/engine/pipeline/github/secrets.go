package github

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rhysd/actionlint"
	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/finding"
)

// secretsInherited: a called workflow gets all secrets, whichever it needs.
func secretsInherited(c *context) {
	for _, j := range c.jobs() {
		if document.Text(j.Secrets) != "inherit" {
			continue
		}
		f := c.tellAt(j.Secrets, j.ID, fmt.Sprintf("job %q gives all secrets to %s", j.ID, j.Ref.Text))
		if j.Ref.Kind == Local {
			f.Severity = finding.Low
		}
	}
}

// eachExpr gives all expressions of the file, conditions without braces included.
func (c *context) eachExpr(visit func(e *Expr)) {
	if c.workflow == nil && c.action == nil {
		return
	}
	for n := range document.Scalars(c.file.Top()) {
		for _, e := range c.exprs(n) {
			if e.Tree != nil {
				visit(e)
			}
		}
	}
}

// secretsOverProvided: an expression puts all secrets, or one by a name made up at run time, into the runner's memory.
func secretsOverProvided(c *context) {
	c.eachExpr(func(e *Expr) {
		walk(e.Tree, func(n actionlint.ExprNode) bool {
			switch n := n.(type) {
			case *actionlint.FuncCallNode:
				if strings.EqualFold(n.Callee, "toJSON") && len(n.Args) == 1 && pathOf(n.Args[0]) == "secrets" {
					c.tell(c.exprSpan(e), e.Text, fmt.Sprintf("“%s” gives all secrets at once", short(e.Text)))
					return false
				}
			case *actionlint.IndexAccessNode:
				if _, fixed := n.Index.(*actionlint.StringNode); pathOf(n.Operand) == "secrets" && !fixed {
					c.tell(c.exprSpan(e), e.Text, fmt.Sprintf("“%s” picks a secret at run time, so that the runner gets all of them", short(e.Text)))
					return false
				}
			}
			return true
		})
	})
}

// secretUnredacted: a part of a secret is taken out, which the log does not hide.
func secretUnredacted(c *context) {
	c.eachExpr(func(e *Expr) {
		walk(e.Tree, func(n actionlint.ExprNode) bool {
			f, ok := n.(*actionlint.FuncCallNode)
			if ok && strings.EqualFold(f.Callee, "fromJSON") && len(f.Args) == 1 && strings.HasPrefix(pathOf(f.Args[0]), "secrets.") {
				c.tell(c.exprSpan(e), e.Text, fmt.Sprintf("“%s” takes a part out of a secret, which the log does not hide", short(e.Text)))
				return false
			}
			return true
		})
	})
}

// secretNames are the secrets that a value reads, in lower case and sorted; the job's own token is none.
func (c *context) secretNames(n *yaml.Node) []string {
	var list []string
	for s := range document.Scalars(n) {
		for _, e := range c.exprs(s) {
			for _, p := range paths(e.Tree) {
				if name, ok := strings.CutPrefix(p, "secrets."); ok && name != "github_token" && !strings.HasPrefix(name, "*") {
					list = append(list, name)
				}
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// secretWide: a secret is in the environment of a whole job or workflow though one step uses it.
func secretWide(c *context) {
	if c.workflow == nil {
		return
	}
	var all []*Step
	for _, j := range c.workflow.Jobs {
		all = append(all, j.Steps...)
		c.wideEnv(j.Env, j.Steps, fmt.Sprintf("job %q", j.ID), j.ID)
	}
	c.wideEnv(c.workflow.Env, all, "the workflow", "workflow")
}

func (c *context) wideEnv(env *yaml.Node, steps []*Step, where, key string) {
	budget := maxLooks
	for k, v := range document.Pairs(env) {
		names := c.secretNames(v)
		if len(names) == 0 || len(steps) < 2 {
			continue
		}
		if budget--; budget < 0 {
			return
		}
		users := 0
		for _, s := range steps {
			if mentions(s.Node, k.Value) {
				users++
			}
		}
		if users <= 1 {
			c.tellAt(k, key+" "+k.Value, fmt.Sprintf("all %d steps of %s see the secret %q as %s, and at most one names it", len(steps), where, strings.ToUpper(names[0]), k.Value))
		}
	}
}

func mentions(n *yaml.Node, word string) bool {
	for s := range document.Scalars(n) {
		if strings.Contains(s.Value, word) {
			return true
		}
	}
	return false
}

// secretOutsideEnvironment: a job uses secrets without an environment, whose rules could say who may.
func secretOutsideEnvironment(c *context) {
	if c.workflow == nil {
		return
	}
	for _, j := range c.workflow.Jobs {
		if j.Environment != nil || j.Uses != nil {
			continue
		}
		if names := c.secretNames(j.Node); len(names) > 0 {
			c.tellAt(j.Key, j.ID, fmt.Sprintf("job %q uses %s outside of an environment", j.ID, secretsPhrase(names)))
		}
	}
}

func secretsPhrase(names []string) string {
	if len(names) == 1 {
		return "the secret " + strings.ToUpper(names[0])
	}
	return fmt.Sprintf("%d secrets", len(names))
}

// containerCredentials: the password of a registry stands in the file.
func containerCredentials(c *context) {
	for _, j := range c.jobs() {
		c.credentialsOf(j.Container, j.ID+" container", fmt.Sprintf("the container of job %q", j.ID))
		for k, service := range document.Pairs(j.Services) {
			c.credentialsOf(service, j.ID+" "+k.Value, fmt.Sprintf("service %q of job %q", k.Value, j.ID))
		}
	}
}

func (c *context) credentialsOf(n *yaml.Node, key, what string) {
	password := document.Get(n, "credentials", "password")
	if text := document.Text(password); text != "" && !strings.Contains(text, "${{") {
		c.tellAt(password, key, fmt.Sprintf("the registry's password of %s is written in the file", what))
	}
}

// handedOn tells what an action gets that is worth stealing: a secret, or a token that writes.
func (c *context) handedOn(s *Step) string {
	if s == nil {
		return ""
	}
	for _, v := range document.Pairs(s.With) {
		if names := c.secretNames(v); len(names) > 0 {
			return "the secret " + strings.ToUpper(names[0])
		}
		token := strings.Contains(document.Text(v), "github.token") || strings.Contains(document.Text(v), "secrets.GITHUB_TOKEN")
		if token && s.Job.Granted().Writes() {
			return "a token that writes"
		}
	}
	return ""
}

// ownAction reports whether an action is GitHub's.
func ownAction(r Ref) bool {
	switch strings.ToLower(r.Owner) {
	case "actions", "github", "dependabot":
		return true
	}
	return false
}

// appToken: a token of an app is made with all that the app may do, or outlives the job.
func appToken(c *context) {
	for _, s := range c.steps() {
		switch {
		case s.Is("actions/create-github-app-token"):
			if !hasInput(s, "permission-") {
				c.appFault(s, "has all permissions of the app")
			} else if s.Input("owner") != nil && s.Input("repositories") == nil {
				c.appFault(s, "is good for all repositories of the owner")
			} else if document.Text(s.Input("skip-token-revoke")) != "false" && s.Input("skip-token-revoke") != nil {
				c.appFault(s, "stays good after the job")
			}
		case s.Is("tibdex/github-app-token", "getsentry/action-github-app-token", "peter-murray/workflow-application-token-action"):
			if s.Input("permissions") == nil {
				c.appFault(s, "has all permissions of the app")
			}
		}
	}
}

func hasInput(s *Step, prefix string) bool {
	for k := range document.Pairs(s.With) {
		if strings.HasPrefix(strings.ToLower(k.Value), prefix) {
			return true
		}
	}
	return false
}

func (c *context) appFault(s *Step, what string) *fault.Fault {
	return c.tellAt(s.Uses, s.Key()+" "+what, fmt.Sprintf("the app's token that step %q makes %s", s.Label(), what))
}
