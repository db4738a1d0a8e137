package register

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/risk"
	"github.com/assaysec/assay/internal/sshsig"
)

// sample is the exception of design §6.
const sample = `# who may ship what
- id: EX-7
  kind: accepted            # false-positive | accepted | fix-planned
  match: {rule: dependency/GHSA-xxxx, package: "pkg:npm/lodash", path: "web/**"}
  reason: The vulnerable function is not called; replaced with the next release.
  owner: team-payments
  approver: security@example.com
  created: 2026-11-23
  expires: 2027-01-31
  compensating: [{control: waf-rule-942, check: {https: {url: "https://pay.example.com/probe", status: 403}}}]
`

// simple has nothing that could make it void.
const simple = `- id: EX-1
  kind: false-positive
  match: {rule: secret/key}
  reason: It is the key of an example.
  owner: ann
  approver: bob@example.com
  created: 2026-11-01
  expires: 2026-11-30
`

const repository = "git.example.com/shop"

func parse(t testing.TB, text string) *Register {
	t.Helper()
	reg, err := Parse(File, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return reg
}

func at(text string) time.Time {
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return when
}

var noon = at("2026-11-24T12:00:00Z")

func found(n int, rule, path string) risk.Risk {
	return risk.Risk{
		Finding: finding.Finding{Rule: rule, Aliases: []string{"CWE-798"}, Fingerprint: fmt.Sprintf("a1:%016x", n),
			Place: finding.Place{Kind: finding.InFile, Path: path}},
		Service: "shop", Status: risk.Open, Due: at("2026-12-01T00:00:00Z"),
	}
}

// fake stands for a language: an expression is what it says when asked, behind a colon the names that it reads.
type fake struct{}

func (fake) Compile(expr string) (Program, error) {
	answer, names, _ := strings.Cut(expr, ":")
	if answer == "broken" {
		return nil, errors.New("it does not compile")
	}
	return program{answer, strings.Fields(names)}, nil
}

type program struct {
	answer string
	reads  []string
}

func (p program) Reads() []string { return p.reads }

func (p program) Eval(r *risk.Risk) Outcome {
	switch {
	case p.answer == "always":
		return Outcome{Holds: true}
	case p.answer == "fails":
		return Outcome{Err: errors.New("too deep")}
	case p.answer == "unknown" || r == nil:
		return Outcome{Holds: true, Unknowns: p.reads}
	case p.answer == "path":
		return Outcome{Holds: r.Place.Path == "a"}
	}
	return Outcome{Holds: p.answer == "yes"}
}

var evaluators = Evaluators{CEL: fake{}, Rego: fake{}}

func signer(seed byte) ssh.Signer {
	s, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed([]byte(strings.Repeat(string(rune('a'+seed)), ed25519.SeedSize))))
	if err != nil {
		panic(err)
	}
	return s
}

// signers lets bob sign with key 1 and eve with key 2; bob and carl share key 4.
func signers(t testing.TB) *sshsig.AllowedSigners {
	t.Helper()
	file := ""
	for i, name := range []string{"bob@example.com", "eve@example.com"} {
		file += name + " " + string(ssh.MarshalAuthorizedKey(signer(byte(i+1)).PublicKey()))
	}
	file += "bob@example.com,carl " + string(ssh.MarshalAuthorizedKey(signer(4).PublicKey()))
	a, err := sshsig.ParseAllowedSigners("allowed_signers", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// approved puts a signature into the first entry of a file.
func approved(t testing.TB, text string, key byte, repository string) string {
	t.Helper()
	e := parse(t, text).Exceptions[0]
	signature, err := e.Approve(signer(key), repository)
	if err != nil {
		t.Fatal(err)
	}
	out, err := Change(File, []byte(text), e.ID, func(e *Exception) { e.Signature = signature })
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
