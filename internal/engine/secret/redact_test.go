package secret

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

const alnum = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

func randomToken(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alnum[r.IntN(len(alnum))]
	}
	return string(b)
}

// TestFindingsShowNoSecret puts random secrets, of which a rule finds the first, into lines of many shapes, and holds that
// no finding shows eight characters of any of them, however it is printed.
func TestFindingsShowNoSecret(t *testing.T) {
	e, err := New(&Config{Rules: []RuleConfig{{ID: "t", Regex: `tok_([0-9A-Za-z]{24})`, Keywords: []string{"tok_"}}}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{
		"key = tok_%s", `{"a": "tok_%s", "password": "%s"}`, "tok_%s %s", "user:%[2]s@host tok_%[1]s", "export A=%[2]s B=tok_%[1]s",
		"f('%[2]s', \"tok_%[1]s\")", "tok_%s\n%s\n", "%[2]s\ntok_%[1]s", "x: %[2]stok_%[1]s", "<a href=\"/%[2]s?t=tok_%[1]s\">", "tok_%s=%s;",
		"`%[2]s` tok_%[1]s", "pass %[2]s; tok_%[1]s", "- tok_%s # was %s", "tok_%s\t%s\r\n",
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		for _, line := range lines {
			secrets := []string{randomToken(r, 24), randomToken(r, 12+r.IntN(20))}
			text := fmt.Sprintf(line, secrets[0], secrets[1])
			text, _, _ = strings.Cut(text, "%!")
			findings := lookAt(e, "f.txt", text).Findings
			if len(findings) != 1 {
				t.Fatalf("%d findings in %q", len(findings), line)
			}
			shown, err := json.Marshal(findings)
			if err != nil {
				t.Fatal(err)
			}
			all := string(shown) + fmt.Sprintf("%v %+v %#v", findings, findings, findings)
			for _, s := range secrets {
				for i := 0; i+8 <= len(s); i++ {
					if strings.Contains(all, s[i:i+8]) {
						t.Fatalf("%q shows %q", line, s[i:i+8])
					}
				}
			}
		}
	}
}

func TestFrameKeepsTheShapeOfALine(t *testing.T) {
	e, err := New(&Config{Rules: []RuleConfig{{ID: "t", Regex: `tok_([0-9A-Za-z]{24})`, Keywords: []string{"tok_"}}}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	token := "tok_" + "J7mQx2VfT9bLr4WcZ8nKd3Hs"
	for text, want := range map[string]string{
		"apiKey := \"" + token + "\"":                    `apiKey := "tok_[redacted]"`,
		`client_secret: ` + token + ` # rotate`:          `client_secret: tok_[redacted] # rotate`,
		`a = "hunter2hunter2" ; b = ` + token:            `a = "…" ; b = tok_[redacted]`,
		"AWS_SECRET_ACCESS_KEY=abcdefghijk1234 " + token: `AWS_SECRET_ACCESS_KEY=… tok_[redacted]`,
	} {
		f := lookAt(e, "f.txt", text).Findings
		if len(f) != 1 || f[0].Place.Frame == nil {
			t.Fatalf("%d findings", len(f))
		}
		if got := f[0].Place.Frame.Lines[0]; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// A mark, and the comment that holds it, belong to no fault.
func TestSurroundingsWithoutMarks(t *testing.T) {
	const secret = "q7RwZ2vNp9Lx4T"
	around := func(line string) string {
		at := strings.Index(line, secret)
		return surroundings([]byte(line), &match{from: at, to: at + len(secret), secret: secret}, []span{{at, at + len(secret)}})
	}
	for line, plain := range map[string]string{
		"key = '" + secret + "'; // gitleaks:allow":                             "key = '" + secret + "';",
		"key: " + secret + "  # assay:ignore secret/x until=2027-01-31":         "key: " + secret,
		"<a b=\"" + secret + "\"/> <!-- gitleaks:allow -->":                     "<a b=\"" + secret + "\"/>",
		"x(\"" + secret + "\") /* gitleaks:allow */":                            "x(\"" + secret + "\")",
		"key: " + secret + " # rotated in May, see notes of gitleaks:allow all": "key: " + secret + " # rotated in May, see notes of",
	} {
		if around(line) != around(plain) {
			t.Errorf("%q and %q have other surroundings", line, plain)
		}
	}
}
