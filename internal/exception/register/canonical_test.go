package register

import (
	"bytes"
	"crypto/ed25519"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"
)

// The form is for good: signatures hang on it.
func TestCanonical(t *testing.T) {
	const want = `{"schema":"assay-exception/1","repository":"git.example.com/shop","id":"EX-7","kind":"accepted",` +
		`"match":{"rule":"dependency/GHSA-xxxx","package":"pkg:npm/lodash","path":"web/**"},"max-findings":1,` +
		`"reason":"The vulnerable function is not called; replaced with the next release.",` +
		`"owner":"team-payments","approver":"security@example.com","created":"2026-11-23","expires":"2027-01-31",` +
		`"compensating":[{"control":"waf-rule-942","check":{"https":{"url":"https://pay.example.com/probe","status":403}}}]}`
	if diff := cmp.Diff(want, string(parse(t, sample).Exceptions[0].Canonical(repository))); diff != "" {
		t.Errorf("canonical form (-want +got):\n%s", diff)
	}
}

// Whatever a person could change about an entry changes what is signed.
func TestCanonicalHoldsEveryField(t *testing.T) {
	changes := map[string]func(*Exception){
		"ID":           func(e *Exception) { e.ID = "EX-8" },
		"Kind":         func(e *Exception) { e.Kind = FixPlanned },
		"Match":        func(e *Exception) { e.Match.Path = "**" },
		"MaxFindings":  func(e *Exception) { e.MaxFindings = 2 },
		"Reason":       func(e *Exception) { e.Reason += "!" },
		"Owner":        func(e *Exception) { e.Owner = "x" },
		"Approver":     func(e *Exception) { e.Approver = "x" },
		"Created":      func(e *Exception) { e.Created = e.Created.AddDate(0, 0, 1) },
		"Expires":      func(e *Exception) { e.Expires = e.Expires.Add(24 * time.Hour) },
		"Compensating": func(e *Exception) { e.Compensating = nil },
		"Signature":    nil,
		"At":           nil,
	}
	kind := reflect.TypeFor[Exception]()
	for i := range kind.NumField() {
		name := kind.Field(i).Name
		change, known := changes[name]
		if !known {
			t.Errorf("does an approval hold for %s?", name)
		}
		e := parse(t, sample).Exceptions[0]
		before := string(e.Canonical(repository))
		if change == nil {
			continue
		}
		if change(&e); string(e.Canonical(repository)) == before {
			t.Errorf("%s is not signed", name)
		}
	}
	e := parse(t, sample).Exceptions[0]
	if string(e.Canonical("a")) == string(e.Canonical("b")) {
		t.Error("the repository is not signed")
	}
}

func TestApproval(t *testing.T) {
	signed := parse(t, approved(t, simple, 1, repository)).Exceptions[0]
	for _, tt := range []struct {
		name    string
		in      Input
		want    Approval
		problem string
	}{
		{"signed", Input{Now: noon, Repository: repository, Signers: signers(t)}, Signed, ""},
		{"nobody knows whose key it is", Input{Now: noon, Repository: repository}, Claimed, ""},
		{"and somebody should", Input{Now: noon, Repository: repository, Limits: Limits{RequireSignature: true}}, Claimed, "there is no allowed-signers file"},
		{"no repository", Input{Now: noon, Signers: signers(t)}, Claimed, "the entry was changed after its approval"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, problem := signed.Approval(&tt.in)
			if got != tt.want || !strings.HasPrefix(problem, tt.problem) || (problem == "") != (tt.problem == "") {
				t.Errorf("%s: %q, want %s: %q", got, problem, tt.want, tt.problem)
			}
		})
	}
	if _, err := signed.Approve(signer(1), ""); err == nil {
		t.Error("an approval for no repository")
	}
}

// An approver without our program at hand can sign with ssh-keygen, and check with it what we signed.
func TestApprovalAgainstKeygen(t *testing.T) {
	keygen, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("there is no ssh-keygen")
	}
	key := ed25519.NewKeyFromSeed([]byte(strings.Repeat("b", ed25519.SeedSize))) // bob's, as in signers
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	e := parse(t, simple).Exceptions[0]
	sign := exec.Command(keygen, "-Y", "sign", "-f", write("key", pem.EncodeToMemory(block)), "-n", Namespace)
	sign.Stdin = bytes.NewReader(e.Canonical(repository))
	signature, err := sign.Output()
	if err != nil {
		t.Fatal(err)
	}
	e.Signature = string(signature)
	if got, problem := e.Approval(&Input{Now: noon, Repository: repository, Signers: signers(t)}); got != Signed {
		t.Errorf("%s: %s", got, problem)
	}
	ours, err := e.Approve(signer(1), repository)
	if err != nil {
		t.Fatal(err)
	}
	allowed := write("allowed", append([]byte("bob@example.com "), ssh.MarshalAuthorizedKey(signer(1).PublicKey())...))
	verify := exec.Command(keygen, "-Y", "verify", "-f", allowed, "-I", "bob@example.com", "-n", Namespace, "-s", write("sig", []byte(ours)))
	verify.Stdin = bytes.NewReader(e.Canonical(repository))
	if out, err := verify.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
