package sshsig

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"
)

// Each case is asked of us and of ssh-keygen. Where we are stricter, the case says so.
func TestAllowedSigners(t *testing.T) {
	ann, other := signerOf(t, "ed25519"), signerOf(t, "other")
	key, foreign := line(ann.PublicKey()), line(other.PublicKey())
	weak := line(signerOf(t, "weak").PublicKey())
	cert := func(change func(*ssh.Certificate)) ssh.Signer { return certificate(t, ann, other, change) }
	pinned := cert(nil)
	for _, tt := range []struct {
		name     string
		file     string
		signer   ssh.Signer // ann where nil
		want     string     // part of the reason; empty: may sign
		stricter bool
	}{
		{name: "plain", file: "ann@example.com " + key},
		{name: "comment and blank lines", file: "# people\n\n  ann@example.com   " + key + " ann's key"},
		{name: "line ends of Windows", file: "ann@example.com " + key + "\r\n"},
		{name: "another person", file: "bob@example.com " + key, want: "no allowed signer"},
		{name: "another key", file: "ann@example.com " + foreign, want: "no allowed signer"},
		{name: "another case", file: "Ann@example.com " + key, want: "no allowed signer"},
		{name: "list", file: "bob@example.com,ann@example.com " + key},
		{name: "quoted list", file: `"bob smith,ann@example.com" ` + key},
		{name: "star", file: "*@example.com " + key},
		{name: "question mark", file: "a?n@example.com " + key},
		{name: "negated", file: "*@example.com,!ann@* " + key, want: "no allowed signer"},
		{name: "only negated", file: "!bob@example.com " + key, want: "no allowed signer"},
		{name: "second line", file: "ann@example.com " + foreign + "\nann@example.com " + key},
		{name: "a weak key beside", file: "ann@example.com " + weak + "\nann@example.com " + key},
		{name: "namespace", file: `ann@example.com namespaces="git,exception@*" ` + key},
		{name: "option in capitals", file: `ann@example.com Namespaces="exception@assay" ` + key},
		{name: "wrong namespace", file: `ann@example.com namespaces="git" ` + key, want: "namespace"},
		{name: "negated namespace", file: `ann@example.com namespaces="!exception@assay,*" ` + key, want: "namespace"},
		{name: "valid", file: `ann@example.com valid-after="20260101",valid-before="20270101" ` + key},
		{name: "valid to the second", file: `ann@example.com valid-after="20261124120000Z",valid-before="20261124120000Z" ` + key, want: "FILE"},
		{name: "not yet", file: `ann@example.com valid-after="202611241201" ` + key, want: "valid only after"},
		{name: "no more", file: `ann@example.com valid-before="20261124115959" ` + key, want: "was valid until"},
		{name: "wrong line, right line", file: `ann@example.com namespaces="git" ` + key + "\nann@example.com " + key},
		{name: "authority does not sign itself", file: "ann@example.com cert-authority " + key, want: "no allowed signer"},
		{name: "unknown option", file: "ann@example.com magic " + key, want: "FILE"},
		{name: "option without its value", file: "ann@example.com namespaces " + key, want: "FILE"},
		{name: "option twice", file: `ann@example.com valid-after="20260101",valid-after="20260102" ` + key, want: "FILE"},
		{name: "no such date", file: `ann@example.com valid-before="20270230" ` + key, want: "FILE", stricter: true},
		{name: "no key", file: "ann@example.com", want: "FILE"},
		{name: "not a key", file: "ann@example.com ssh-ed25519 AAAA", want: "FILE"},
		{name: "broken line behind", file: "ann@example.com " + key + "\nbob", want: "FILE", stricter: true},

		{name: "certificate", file: "*@example.com cert-authority " + foreign, signer: cert(nil)},
		{name: "certificate without the option", file: "*@example.com " + foreign, signer: cert(nil), want: "no allowed signer"},
		{name: "certificate where the key is meant", file: "*@example.com " + key, signer: cert(nil), want: "no allowed signer"},
		{name: "certificate by another authority", file: "*@example.com cert-authority " + key, signer: cert(nil), want: "no allowed signer"},
		{name: "certificate for another person", file: "*@example.com cert-authority " + foreign, want: "valid principals",
			signer: cert(func(c *ssh.Certificate) { c.ValidPrincipals = []string{"bob@example.com"} })},
		{name: "the line does not list the person", file: "bob@example.com cert-authority " + foreign, signer: cert(nil), want: "no allowed signer"},
		{name: "certificate expired", file: "*@example.com cert-authority " + foreign, want: "expired",
			signer: cert(func(c *ssh.Certificate) { c.ValidBefore = uint64(now.Unix()) })},
		{name: "certificate not yet valid", file: "*@example.com cert-authority " + foreign, want: "not yet valid",
			signer: cert(func(c *ssh.Certificate) { c.ValidAfter = uint64(now.Unix()) + 1 })},
		{name: "certificate of a host", file: "*@example.com cert-authority " + foreign, want: "not one of a user",
			signer: cert(func(c *ssh.Certificate) { c.CertType = ssh.HostCert })},
		{name: "critical option", file: "*@example.com cert-authority " + foreign, want: "critical option", stricter: true,
			signer: cert(func(c *ssh.Certificate) { c.CriticalOptions = map[string]string{"force-command": "true"} })},
		{name: "certificate as a key", file: "ann@example.com " + line(pinned.PublicKey()), signer: pinned, want: "no allowed signer", stricter: true},
		{name: "certificate in its namespace", file: `*@example.com cert-authority,namespaces="exception@assay" ` + foreign, signer: cert(nil)},
		{name: "certificate in another namespace", file: `*@example.com cert-authority,namespaces="git" ` + foreign, signer: cert(nil), want: "namespace"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			signer := tt.signer
			if signer == nil {
				signer = ann
			}
			s := sign(t, signer, message)
			a, err := ParseAllowedSigners("FILE", []byte(tt.file))
			if err == nil {
				err = a.Check(s.Key, testNamespace, "ann@example.com", now)
			}
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("%v, want %q", err, tt.want)
			}
			out, ok := keygen(t, message, "-Y", "verify", "-f", write(t, "allowed", []byte(tt.file)), "-I", "ann@example.com",
				"-n", testNamespace, "-s", write(t, "sig", s.Armor()), "-O", "verify-time="+now.Format("20060102150405"))
			if ok != (err == nil) && !(tt.stricter && ok) {
				t.Errorf("ssh-keygen says %v %s, we say %v", ok, out, err)
			}
		})
	}
}

func TestPrincipals(t *testing.T) {
	ann, other := signerOf(t, "ed25519"), signerOf(t, "other")
	certified := certificate(t, ann, other, nil)
	key, foreign := line(ann.PublicKey()), line(other.PublicKey())
	for _, tt := range []struct {
		name, file string
		signer     ssh.Signer
		want       []string
	}{
		{"plain", "ann@example.com " + key, ann, []string{"ann@example.com"}},
		{"patterns", "*@example.com,!bob " + key, ann, []string{"*@example.com,!bob"}},
		{"nobody", "bob " + foreign, ann, nil},
		{"expired", `ann valid-before="20200101" ` + key, ann, nil},
		{"certificate", "*@example.com cert-authority " + foreign, certified, []string{"ann@example.com"}},
		{"certificate for both", "* cert-authority " + foreign, certified, []string{"ann@example.com", "ops"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, err := ParseAllowedSigners("FILE", []byte(tt.file))
			if err != nil {
				t.Fatal(err)
			}
			got := a.Principals(sign(t, tt.signer, message).Key, testNamespace, now)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("principals (-want +got):\n%s", diff)
			}
			out, ok := keygen(t, "", "-Y", "find-principals", "-f", write(t, "allowed", []byte(tt.file)),
				"-s", write(t, "sig", sign(t, tt.signer, message).Armor()), "-O", "verify-time="+now.Format("20060102150405"))
			theirs := strings.FieldsFunc(strings.TrimSpace(out), func(r rune) bool { return r == '\n' })
			if ok && strings.Join(theirs, ",") != strings.Join(got, ",") || ok != (len(got) > 0) {
				t.Errorf("ssh-keygen finds %q, we %q", theirs, got)
			}
		})
	}
}

// ssh-keygen -Y match-principals answers which lines speak about a name.
func TestPatterns(t *testing.T) {
	key := line(signerOf(t, "ed25519").PublicKey())
	for _, list := range []string{"a", "*", "a*", "*a", "?", "a?", "**a**b*", "a*b*c", "!a,*", "*,!a", "!b", "a,b", "aa", "*a*b?c", "A"} {
		for _, word := range []string{"a", "b", "ab", "abc", "aab", "aXbYc", "A", "ba", "abbbc", "xaxbxc"} {
			_, theirs := keygen(t, "", "-Y", "match-principals", "-f", write(t, "allowed", []byte(list+" "+key+"\n")), "-I", word)
			if ours := matchList(list, word); ours != theirs {
				t.Errorf("%q and %q: %v, ssh-keygen says %v", list, word, ours, theirs)
			}
		}
	}
}

func TestPatternsAreBounded(t *testing.T) {
	begin := time.Now()
	match(strings.Repeat("*a", 512)+"b", strings.Repeat("a", 1<<20))
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestAllowedErrors(t *testing.T) {
	key := line(signerOf(t, "ed25519").PublicKey())
	file := fmt.Sprintf("ann %s\nbob\n\nann magic %s\nann ssh-ed25519 AAA\"\nann namespaces=\"x %s\n\"ann %s\n", key, key, key, key)
	_, err := ParseAllowedSigners("allowed", []byte(file))
	want := strings.Join([]string{
		"allowed:2: want principals, options and a key",
		`allowed:4: unknown option "magic": known are cert-authority, namespaces, valid-after, valid-before`,
		"allowed:5: the key is not valid base64",
		"allowed:6: a closing quote is missing",
		"allowed:7: the closing quote of the principals is missing",
	}, "\n")
	if diff := cmp.Diff(want, fmt.Sprint(err)); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if _, err := ParseAllowedSigners("allowed", make([]byte, maxAllowed+1)); err == nil {
		t.Error("a huge file is read")
	}
}

func FuzzAllowedSigners(f *testing.F) {
	ann := signerOf(f, "ed25519").PublicKey()
	for _, seed := range []string{"ann %s", "*,!bob cert-authority,namespaces=\"a,b\" %s", `"a b" valid-after="20260101Z" %s`, "#", `ann x="\"" %s`} {
		f.Add(strings.ReplaceAll(seed, "%s", line(ann)))
	}
	f.Fuzz(func(t *testing.T, in string) {
		a, err := ParseAllowedSigners("FILE", []byte(in))
		if err != nil {
			return
		}
		for _, name := range a.Principals(ann, testNamespace, now) {
			if !strings.ContainsAny(name, `*?!,`) && a.Check(ann, testNamespace, name, now) != nil {
				t.Errorf("%q is found and not accepted in %q", name, in)
			}
		}
	})
}
