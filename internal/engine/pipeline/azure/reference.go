package azure

import (
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/lazyregexp"
)

// The three ways to write a reference. https://learn.microsoft.com/azure/devops/pipelines/process/variables
var (
	templateExpr = lazyregexp.New(`\$\{\{(?:[^}]|\}[^}])*\}\}`)
	runtimeExpr  = lazyregexp.New(`\$\[[^\n]*?\]\s*$`)
	macroRef     = lazyregexp.New(`\$\(([A-Za-z_][\w.-]*)\)`)

	parameterName = lazyregexp.New(`\bparameters(?:\.([\w-]+)|\[\s*'([^']+)'\s*\])`)
	variableName  = lazyregexp.New(`\bvariables(?:\.([\w.-]+)|\[\s*'([^']+)'\s*\])`)
	outputName    = lazyregexp.New(`\boutputs\[\s*'(?:[^']*\.)?([\w-]+)'\s*\]`)
	compared      = lazyregexp.New(`\b(?i:eq|ne|in|notIn|contains|containsValue|startsWith|endsWith|gt|lt|ge|le|and|or|not|xor|length|counter)\s*\(`)
)

// refsOf are the references whose text becomes part of a value.
func refsOf(value string) []ref {
	var out []ref
	for _, e := range templateExpr().FindAllString(value, 100) {
		out = append(out, exprRefs(e)...)
	}
	if e := runtimeExpr().FindString(value); e != "" {
		out = append(out, exprRefs(e)...)
	}
	for _, m := range macroRef().FindAllStringSubmatch(value, 100) {
		out = append(out, macroOf(m[1]))
	}
	return out
}

// exprRefs are those of an expression. A comparison gives true or false and none of the texts compared.
func exprRefs(e string) []ref {
	if compared().MatchString(e) {
		return nil
	}
	var out []ref
	for _, m := range parameterName().FindAllStringSubmatch(e, 50) {
		out = append(out, ref{parameter, m[1] + m[2]})
	}
	for _, m := range variableName().FindAllStringSubmatch(e, 50) {
		out = append(out, macroOf(m[1]+m[2]))
	}
	for _, m := range outputName().FindAllStringSubmatch(e, 50) {
		out = append(out, ref{output, strings.ToLower(m[1])})
	}
	return out
}

// macroOf is a variable, or one that a step has put out: $(step.name). Names are the same in upper and lower case.
func macroOf(name string) ref {
	lower := strings.ToLower(name)
	first, last, dotted := strings.Cut(lower, ".")
	if dotted && !slices.Contains(systemScopes, first) {
		return ref{output, last[strings.LastIndexByte(last, '.')+1:]}
	}
	return ref{macro, lower}
}

var systemScopes = []string{"build", "system", "agent", "pipeline", "environment", "release", "checks", "resources", "common", "strategy"}

// envName is how a step sees a variable in its environment.
func envName(name string) string {
	return strings.Map(func(c rune) rune {
		if c == '.' || c == '-' || c == ' ' {
			return '_'
		}
		return c
	}, strings.ToUpper(name))
}
