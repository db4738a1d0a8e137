package register

import (
	"fmt"
	"strings"
	"testing"

	"github.com/assaysec/assay/internal/risk"
)

func many(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Replace(strings.Replace(simple, "EX-1", fmt.Sprintf("EX-%d", i), 1), "secret/key", fmt.Sprintf("secret/key-%d", i), 1))
	}
	return b.String()
}

func BenchmarkParse(b *testing.B) {
	text := []byte(many(1000))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := Parse(File, text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkApply(b *testing.B) {
	reg := parse(b, many(1000))
	var risks []risk.Risk
	for i := range 100_000 {
		risks = append(risks, found(i, fmt.Sprintf("secret/key-%d", i), "a/b/c"))
	}
	for b.Loop() {
		reg.Apply(risks, Input{Now: noon})
	}
}

func BenchmarkApproval(b *testing.B) {
	e := parse(b, approved(b, simple, 1, repository)).Exceptions[0]
	in := &Input{Now: noon, Repository: repository, Signers: signers(b)}
	for b.Loop() {
		if a, problem := e.Approval(in); a != Signed {
			b.Fatal(problem)
		}
	}
}

func BenchmarkRenewals(b *testing.B) {
	var versions []Version
	for i := range 500 {
		versions = append(versions, Version{Content: []byte(strings.Replace(many(100), "2026-11-30", fmt.Sprintf("2027-01-%02d", 1+i%28), 1+i%100))})
	}
	for b.Loop() {
		Renewals(versions)
	}
}
