package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/engines"
	"github.com/assaysec/assay/internal/loosening"
	"github.com/assaysec/assay/internal/nearest"
	"github.com/assaysec/assay/internal/scan"
)

// ruleNames are all names that findings may carry here: those of the rules that engines look with, and of the built-in ones,
// which a flag may bring back.
func ruleNames(list []scan.Engine) ([]string, error) {
	names := []string{"CWE-693"}
	for _, kind := range loosening.Kinds {
		names = append(names, changeEngine+"/"+string(kind))
	}
	for _, e := range list {
		if l, ok := e.(scan.Lister); ok {
			names = append(names, l.Names()...)
		}
	}
	rules, err := engines.Rules()
	for i := range rules {
		names = append(names, rules[i].Names()...)
	}
	return names, err
}

// checkRule refuses a rule that is surely mistyped: one of an engine of ours that it does not have, or a word that is nearly
// a known one. Others may be those of tools whose results are read, or of engines that this version does not have; reason
// tells that nothing here is covered by such a one.
func checkRule(rule string, known []string) (reason string, err error) {
	if slices.Contains(known, rule) {
		return "", nil
	}
	engine, _, named := strings.Cut(rule, "/")
	ours := named && (engine == changeEngine || slices.Contains(engines.Names(), engine))
	near := nearest.Word(rule, known)
	if !ours && (near == "" || withoutDigits(near) == withoutDigits(rule)) { // CWE-799 is another name than CWE-798
		return fmt.Sprintf("no engine of this version makes findings with the name %q: until another tool brings them, this covers nothing", rule), nil
	}
	err = fmt.Errorf("--rule: rule %q is not known", rule)
	if near != "" {
		return "", hint(err, "did you mean %q? assay rules list shows all of them", near)
	}
	return "", hint(err, "assay rules list shows all of them; a rule of another tool stands under the name that its findings carry")
}

// withoutDigits is a name without its numbers.
func withoutDigits(name string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return -1
		}
		return r
	}, name)
}
