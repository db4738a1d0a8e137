package main

import (
	"fmt"
	"io"
	"strings"
)

// results are those of all suites.
type results struct {
	accounts    []*account
	absent      []string // suites that are known and were not there
	unsupported []string // folders of suites that are not known
}

var outcomes = []outcome{passed, failed, unsupported, crashed}

func (r *results) print(w io.Writer) {
	fmt.Fprintf(w, "%-36s %8s %8s %12s %8s %6s\n", "suite", passed, failed, unsupported, crashed, "of")
	r.rows(func(name string, t tally) {
		fmt.Fprintf(w, "%-36s %8d %8d %12d %8d %6d\n", name, t[passed], t[failed], t[unsupported], t[crashed], t.total())
	})
	for _, n := range r.absent {
		fmt.Fprintf(w, "%-36s not there\n", n)
	}
	for _, n := range r.unsupported {
		fmt.Fprintf(w, "%-36s unsupported: no reader for this suite\n", n)
	}
}

func (r *results) rows(each func(name string, t tally)) {
	for _, a := range r.accounts {
		names, tallies := a.groups()
		for _, n := range names {
			each(a.suite.name+": "+n, tallies[n])
		}
	}
}

const intro = `# Conformance

Public test suites, run by ` + "`go run ./test/conformance`" + ` from the top of the repository, with the folder that holds their
checkouts in ` + "`SUITES`" + `. This file is written by that program. Every case of a suite is in the denominator. Unsupported is what
Assay says it does not do.

`

func (r *results) markdown() string {
	var b strings.Builder
	b.WriteString(intro)
	b.WriteString("| suite | passed | failed | unsupported | crashed | of |\n| --- | ---: | ---: | ---: | ---: | ---: |\n")
	r.rows(func(name string, t tally) {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %d |\n", name, t[passed], t[failed], t[unsupported], t[crashed], t.total())
	})
	for _, n := range r.absent {
		fmt.Fprintf(&b, "\nSuite %s was not at hand in this run.\n", n)
	}
	for _, n := range r.unsupported {
		fmt.Fprintf(&b, "\nSuite %s is unsupported: there is no reader for it.\n", n)
	}
	for _, a := range r.accounts {
		fmt.Fprintf(&b, "\n## %s\n\nFrom %s, at %s.\n", a.suite.name, a.suite.from, a.revision)
		b.WriteString(a.extra)
		a.listNotPassed(&b)
	}
	return b.String()
}

// listNotPassed names the cases that did not pass, unless the suite's own tables do.
func (a *account) listNotPassed(b *strings.Builder) {
	if a.extra != "" {
		return
	}
	first := true
	for _, r := range a.results {
		if r.outcome == passed {
			continue
		}
		if first {
			b.WriteString("\n| case | outcome | |\n| --- | --- | --- |\n")
			first = false
		}
		fmt.Fprintf(b, "| %s: %s | %s | %s |\n", r.group, cell(r.name), r.outcome, cell(r.note))
	}
}

// cell keeps a text within its cell.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "\r", " ", "<", "&lt;").Replace(s)
}
