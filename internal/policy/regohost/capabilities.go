package regohost

import (
	"context"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// background is for built-ins that ask for a context; none that waits is left.
var background = context.Background()

// removedPrefixes are families of built-ins that reach the network, the environment or other programs' keys, or whose
// work cannot be bounded from their operands. What is not deterministic is removed besides, by package ast's own word
// on each built-in, but for time.now_ns: that is the verdict's time.
var removedPrefixes = []string{
	"http.", "net.", "opa.", "rand.", "providers.", "graphql.", "io.jwt.", "crypto.x509.", "crypto.parse_",
}

var removedNames = []string{
	"uuid.rfc4122",
	"rego.parse_module",
	"json.match_schema", "json.verify_schema", // they fetch what a schema refers to
	"graph.reachable_paths", // the paths of a small graph are without number
	"regex.globs_match", "strings.render_template",
	"trace", "internal.test_case",
}

func removed(name string) bool {
	b := ast.BuiltinMap[name]
	return b == nil || b.Nondeterministic && name != ast.NowNanos.Name ||
		slices.Contains(removedNames, name) ||
		slices.ContainsFunc(removedPrefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

// capabilities are what a rule may use.
func capabilities() *ast.Capabilities {
	c := ast.CapabilitiesForThisVersion(ast.CapabilitiesRegoVersion(ast.RegoV1))
	c.Builtins = slices.DeleteFunc(c.Builtins, func(b *ast.Builtin) bool { return removed(b.Name) })
	c.FutureKeywords = slices.DeleteFunc(c.FutureKeywords, func(k string) bool { return k == "and" || k == "or" || k == "not" }) // of Rego version 2, an experiment
	c.Features = slices.DeleteFunc(c.Features, func(f string) bool { return f == ast.FeatureRegoV2 || f == ast.FeatureRegoV2Import })
	c.AllowNet = []string{} // not nil, which stands for every host
	return c
}
