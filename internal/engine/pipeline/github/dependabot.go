package github

import (
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
)

// minCooldown is for how many days a release should be out before it is proposed: most poisoned ones are found in less.
const minCooldown = 7

// dependabotCooldown: new releases are proposed on the day that they come out, before anybody has looked at them.
func dependabotCooldown(c *context) {
	if c.dependabot == nil {
		return
	}
	for _, u := range c.dependabot.Updates {
		key, _ := document.Entry(u.Node, "package-ecosystem")
		if u.Ecosystem == "" {
			continue
		}
		days := document.Get(u.Node, "cooldown", "default-days")
		n, err := strconv.Atoi(document.Text(days))
		switch {
		case days == nil:
			if k, _ := document.Entry(u.Node, "cooldown"); k != nil {
				key = k
			}
			c.tellAt(key, u.key(), fmt.Sprintf("updates of %s are proposed on the day of a release", u.Ecosystem)).Fix = c.addCooldown(u)
		case err == nil && n < minCooldown:
			c.tellAt(days, u.key(), fmt.Sprintf("updates of %s wait for %d days only", u.Ecosystem, n)).Fix = replacement("Wait longer", c.span(days), strconv.Itoa(minCooldown))
		}
	}
}

// key tells entries of one ecosystem apart.
func (u Update) key() string {
	return strings.TrimSpace(u.Ecosystem + " " + document.Text(document.Get(u.Node, "directory")) + " " + document.Text(document.Get(u.Node, "target-branch")))
}

// addCooldown is the edit that makes updates wait, where there is nothing yet that says for how long.
func (c *context) addCooldown(u Update) *fault.Fix {
	key, node := document.Entry(u.Node, "package-ecosystem")
	end := c.file.LineSpan(key.Line).End
	if document.Get(u.Node, "cooldown") != nil || u.Node.Style&yaml.FlowStyle != 0 || key.Line != node.Line {
		return nil
	}
	indent := strings.Repeat(" ", key.Column-1)
	return replacement("Let updates wait for some days", fault.Span{Start: end, End: end}, fmt.Sprintf("\n%scooldown:\n%s  default-days: %d", indent, indent, minCooldown))
}

// dependabotExecution: looking for updates runs code of the dependencies, with the credentials of the registries.
func dependabotExecution(c *context) {
	if c.dependabot == nil {
		return
	}
	for _, u := range c.dependabot.Updates {
		if n := document.Get(u.Node, "insecure-external-code-execution"); document.Text(n) == "allow" {
			c.tellAt(n, u.key(), fmt.Sprintf("updates of %s run code of the dependencies", u.Ecosystem)).Fix = replacement("Deny code of dependencies", c.span(n), "deny")
		}
	}
}

// dependabotActions: Dependabot looks after other dependencies and leaves the actions out, so that pinned ones grow old.
func dependabotActions(c *context) {
	if c.dependabot == nil || len(c.dependabot.Updates) == 0 {
		return
	}
	for _, u := range c.dependabot.Updates {
		if u.Ecosystem == "github-actions" {
			return
		}
	}
	key, _ := document.Entry(c.dependabot.Node, "updates")
	c.tellAt(key, "github-actions", "no entry keeps the actions of the workflows up to date").Fix = c.addActions()
}

// replacement is the fix that puts a text in the place of a span.
func replacement(title string, span fault.Span, text string) *fault.Fix {
	return &fault.Fix{Title: title, Edits: []fault.Edit{{Span: span, Text: text}}}
}
