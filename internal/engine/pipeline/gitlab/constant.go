package gitlab

import (
	"slices"
	"strings"
)

// sources are all values of CI_PIPELINE_SOURCE. https://docs.gitlab.com/ci/jobs/job_rules/#ci_pipeline_source-predefined-variable
var sources = []string{"push", "web", "schedule", "api", "external", "chat", "webide", "merge_request_event", "external_pull_request_event",
	"parent_pipeline", "trigger", "pipeline", "ondemand_dast_scan", "ondemand_dast_validation", "security_orchestration_policy", "container_registry_push"}

// maxWorlds bounds how many combinations of values a condition is tried with.
const maxWorlds = 1 << 13

// constant reports whether a condition holds always, or never, whatever the variables are. It tries every combination of
// the values that the condition can tell apart. What it cannot tell apart by values (patterns, two variables) is taken to
// be free, so there are more combinations than in truth, and what holds in all of them holds.
func constant(e *expr) truth {
	if e == nil {
		return unknown
	}
	space := &choices{}
	space.collect(e)
	if space.worlds() > maxWorlds {
		return unknown
	}
	always, never := true, true
	space.each(func(w *world) {
		switch w.eval(e) {
		case yes:
			never = false
		case no:
			always = false
		default:
			always, never = false, false
		}
	})
	switch {
	case always && !never:
		return yes
	case never && !always:
		return no
	}
	return unknown
}

// choices are the values that each variable may take, and the comparisons that are free.
type choices struct {
	names  []string
	values map[string][]string
	free   []string
}

func (c *choices) collect(e *expr) {
	switch {
	case e.left != nil:
		c.collect(e.left)
		c.collect(e.right)
		return
	case free(e):
		if key := freeKey(e); !slices.Contains(c.free, key) {
			c.free = append(c.free, key)
		}
		return
	}
	for _, pair := range [2][2]operand{{e.a, e.b}, {e.b, e.a}} {
		if pair[0].kind == 'v' {
			c.add(pair[0].text, pair[1].text)
		}
	}
}

// free says that values do not decide a comparison: of two variables, with a pattern, or with null or "", which differ.
func free(e *expr) bool {
	if e.op == "set" || e.op == "text" {
		return false
	}
	if e.a.kind == 'v' && e.b.kind == 'v' {
		return e.a.text != e.b.text
	}
	if e.a.kind != 'v' && e.b.kind != 'v' {
		return false
	}
	other := e.b
	if e.b.kind == 'v' {
		other = e.a
	}
	return other.kind == 'r' || other.kind == 'n' || other.text == "" || e.op == "=~" || e.op == "!~"
}

// freeKey is the same for a comparison and its opposite.
func freeKey(e *expr) string {
	parts := []string{string(e.a.kind) + e.a.text, string(e.b.kind) + e.b.text}
	if e.op == "==" || e.op == "!=" {
		slices.Sort(parts)
	}
	return strings.Replace(e.op, "!", "=", 1)[:1] + e.op[1:] + "\x00" + strings.Join(parts, "\x00")
}

func (c *choices) add(name, value string) {
	if c.values == nil {
		c.values = map[string][]string{}
	}
	if c.values[name] == nil {
		c.names = append(c.names, name)
		c.values[name] = []string{"", "\x00another"}
		if name == "CI_PIPELINE_SOURCE" {
			c.values[name] = sources
		}
	}
	if value != "" && name != "CI_PIPELINE_SOURCE" && !slices.Contains(c.values[name], value) {
		c.values[name] = append(c.values[name], value)
	}
}

func (c *choices) worlds() int {
	n := 1
	for _, name := range c.names {
		if n *= len(c.values[name]); n > maxWorlds {
			return n
		}
	}
	for range c.free {
		if n *= 2; n > maxWorlds {
			return n
		}
	}
	return n
}

// each gives all worlds that GitLab can make.
func (c *choices) each(f func(*world)) {
	w := &world{values: map[string]string{}}
	truths := map[string]truth{}
	w.compare = func(e *expr) truth {
		if e.op == "set" || e.op == "text" || !free(e) {
			return unknown
		}
		t := truths[freeKey(e)]
		if e.op[0] == '!' {
			return -t
		}
		return t
	}
	c.choose(0, w, truths, f)
}

func (c *choices) choose(i int, w *world, truths map[string]truth, f func(*world)) {
	switch {
	case i < len(c.names):
		for _, v := range c.values[c.names[i]] {
			w.values[c.names[i]] = v
			c.choose(i+1, w, truths, f)
		}
	case i < len(c.names)+len(c.free):
		for _, t := range []truth{yes, no} {
			truths[c.free[i-len(c.names)]] = t
			c.choose(i+1, w, truths, f)
		}
	case possible(w):
		f(w)
	}
}

// possible says that a pipeline is not for a branch and a tag at once, nor for a branch and a merge request.
func possible(w *world) bool {
	kinds := 0
	for _, name := range []string{"CI_COMMIT_BRANCH", "CI_COMMIT_TAG", "CI_MERGE_REQUEST_IID"} {
		if w.values[name] != "" {
			kinds++
		}
	}
	return kinds < 2
}
