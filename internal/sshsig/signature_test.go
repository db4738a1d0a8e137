package sshsig

import (
	"bytes"
	"crypto/rand"
	"errors"
	"net"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

const message = "what is signed\n"

var strongKeys = []string{"ed25519", "p256", "p384", "p521", "rsa"}

func TestSignAndVerify(t *testing.T) {
	for _, name := range strongKeys {
		t.Run(name, func(t *testing.T) {
			again, err := Parse(sign(t, signerOf(t, name), message).Armor())
			if err != nil {
				t.Fatal(err)
			}
			if err := again.Verify(testNamespace, []byte(message)); err != nil {
				t.Error(err)
			}
			if err := again.Verify(testNamespace, []byte("another")); !errors.Is(err, ErrMismatch) {
				t.Errorf("another text: %v", err)
			}
			if err := again.Verify("git", []byte(message)); err == nil {
				t.Error("it holds in another namespace")
			}
		})
	}
}

// What we sign ssh-keygen accepts, and the other way round.
func TestAgainstKeygen(t *testing.T) {
	for _, name := range strongKeys {
		t.Run(name, func(t *testing.T) {
			signer := signerOf(t, name)
			allowed := write(t, "allowed", []byte("ann@example.com "+line(signer.PublicKey())+"\n"))
			ours := write(t, "ours.sig", sign(t, signer, message).Armor())
			verify := []string{"-Y", "verify", "-f", allowed, "-I", "ann@example.com", "-n", testNamespace, "-s", ours}
			if out, ok := keygen(t, message, verify...); !ok {
				t.Errorf("ssh-keygen refuses our signature: %s", out)
			}
			if _, ok := keygen(t, "another", verify...); ok {
				t.Error("ssh-keygen accepts our signature of another text")
			}
			private := write(t, "key", privateFile(t, keys()[name], ""))
			for _, hash := range []string{"sha256", "sha512"} {
				out, ok := keygen(t, message, "-Y", "sign", "-f", private, "-n", testNamespace, "-O", "hashalg="+hash)
				if !ok {
					t.Fatal(out)
				}
				_, out, _ = strings.Cut(out, begin)
				theirs, err := Parse([]byte(begin + out))
				if err != nil {
					t.Fatal(err)
				}
				if err := theirs.Verify(testNamespace, []byte(message)); err != nil {
					t.Error(err)
				}
				if string(theirs.Armor()) != begin+out {
					t.Errorf("armor:\n%s\nwant:\n%s", theirs.Armor(), begin+out)
				}
			}
		})
	}
}

func TestSecurityKey(t *testing.T) {
	for _, name := range []string{"ed25519", "p256"} {
		t.Run(name, func(t *testing.T) {
			key := touchKey{private: keys()[name], flags: 1}
			s, err := Parse(key.sign(t, message).Armor())
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Verify(testNamespace, []byte(message)); err != nil {
				t.Error(err)
			}
			if err := s.Verify(testNamespace, []byte("another")); !errors.Is(err, ErrMismatch) {
				t.Errorf("another text: %v", err)
			}
			key.flags = 0
			if err := key.sign(t, message).Verify(testNamespace, []byte(message)); err == nil {
				t.Error("a key that nobody touched counts")
			}
			allowed := write(t, "allowed", []byte("ann "+line(s.Key)+"\n"))
			if out, ok := keygen(t, message, "-Y", "verify", "-f", allowed, "-I", "ann", "-n", testNamespace, "-s", write(t, "sig", s.Armor())); !ok {
				t.Errorf("ssh-keygen: %s", out)
			}
		})
	}
}

func TestParsePublicKey(t *testing.T) {
	key := signerOf(t, "ed25519").PublicKey()
	got, err := ParsePublicKey([]byte(line(key) + " ann@laptop\n"))
	if err != nil || !sameKey(got, key) {
		t.Errorf("%v %v", got, err)
	}
	for _, bad := range []string{"", "ssh-ed25519 AAAA", strings.Repeat("x", maxPrivateKey+1)} {
		if _, err := ParsePublicKey([]byte(bad)); err == nil {
			t.Errorf("%.20q is a key", bad)
		}
	}
}

func TestWeak(t *testing.T) {
	if _, err := Sign(signerOf(t, "weak"), testNamespace, []byte(message)); err == nil || !strings.Contains(err.Error(), "1024 bits") {
		t.Errorf("RSA 1024 signs: %v", err)
	}
	for _, tt := range []struct{ name, key, algorithm string }{
		{"RSA of 1024 bits", "weak", ssh.KeyAlgoRSASHA512},
		{"SHA-1", "rsa", ssh.KeyAlgoRSA},
	} {
		t.Run(tt.name, func(t *testing.T) {
			signer := signerOf(t, tt.key).(ssh.AlgorithmSigner)
			sig, err := signer.SignWithAlgorithm(rand.Reader, toSign(testNamespace, "sha512", []byte(message)), tt.algorithm)
			if err != nil {
				t.Fatal(err)
			}
			s := &Signature{Key: signer.PublicKey(), Namespace: testNamespace, Hash: "sha512", sig: sig}
			if err := s.Verify(testNamespace, []byte(message)); err == nil {
				t.Error("it counts")
			}
		})
	}
	if _, err := Sign(signerOf(t, "ed25519"), "", []byte(message)); err == nil {
		t.Error("a signature without a namespace")
	}
}

func TestRestOfSignature(t *testing.T) {
	s := sign(t, signerOf(t, "ed25519"), message)
	s.sig.Rest = []byte("more")
	again, err := Parse(s.Armor())
	if err != nil {
		return
	}
	if err := again.Verify(testNamespace, []byte(message)); err == nil {
		t.Error("something follows the signature, and it counts")
	}
	if _, ok := keygen(t, message, "-Y", "check-novalidate", "-n", testNamespace, "-s", write(t, "sig", s.Armor())); ok {
		t.Error("ssh-keygen accepts it")
	}
}

func TestParseRefuses(t *testing.T) {
	good := sign(t, signerOf(t, "ed25519"), message)
	text := string(good.Armor())
	wired := func(change func(*wire)) string {
		w := wire{Version: 1, Key: good.Key.Marshal(), Namespace: "n", Hash: "sha512", Signature: ssh.Marshal(good.sig)}
		copy(w.Magic[:], magic)
		change(&w)
		return armor(ssh.Marshal(&w))
	}
	for _, tt := range []struct{ name, text, want string }{
		{"empty", "", "does not begin"},
		{"text before", "x" + text, "does not begin"},
		{"text after", text + "x", "does not end"},
		{"two", text + text, "illegal base64"},
		{"cut", text[:len(text)/2], "does not end"},
		{"huge", strings.Repeat(" ", maxArmor+1), "larger than"},
		{"magic", wired(func(w *wire) { w.Magic[0] = 'X' }), "does not begin as one"},
		{"version", wired(func(w *wire) { w.Version = 2 }), "version 2"},
		{"namespace", wired(func(w *wire) { w.Namespace = "" }), "namespace is empty"},
		{"reserved", wired(func(w *wire) { w.Reserved = "r" }), "reserved"},
		{"hash", wired(func(w *wire) { w.Hash = "sha1" }), `hash "sha1"`},
		{"key", wired(func(w *wire) { w.Key = []byte("x") }), "key"},
		{"signature", wired(func(w *wire) { w.Signature = nil }), "SSH signature"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Parse([]byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
	if _, err := Parse([]byte(strings.ReplaceAll(text, "\n", "\r\n"))); err != nil {
		t.Errorf("line ends of Windows: %v", err)
	}
}

func TestPrivateKey(t *testing.T) {
	answer := func(text string) func() ([]byte, error) { return func() ([]byte, error) { return []byte(text), nil } }
	encrypted := privateFile(t, keys()["ed25519"], "open sesame")
	for _, tt := range []struct {
		name       string
		file       []byte
		passphrase func() ([]byte, error)
		want       string
	}{
		{"plain", privateFile(t, keys()["p256"], ""), nil, ""},
		{"encrypted", encrypted, answer("open sesame"), ""},
		{"wrong passphrase", encrypted, answer("x"), "the passphrase is wrong"},
		{"nobody to ask", encrypted, nil, "nobody to ask"},
		{"weak", privateFile(t, keys()["weak"], ""), nil, "1024 bits"},
		{"not a key", []byte("x"), nil, "private key"},
		{"huge", make([]byte, maxPrivateKey+1), nil, "larger"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			signer, err := ParsePrivateKey(tt.file, tt.passphrase)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want %q", err, tt.want)
			}
			if err == nil {
				sign(t, signer, message)
			}
		})
	}
}

func TestAgent(t *testing.T) {
	ring := agent.NewKeyring()
	us, them := net.Pipe()
	defer us.Close()
	go agent.ServeAgent(ring, them) //nolint:errcheck // it ends with the pipe
	a := NewAgent(us)
	if _, err := a.Signer(nil); err == nil || !strings.Contains(err.Error(), "no key") {
		t.Errorf("an empty agent: %v", err)
	}
	for _, name := range []string{"ed25519", "rsa"} {
		if err := ring.Add(agent.AddedKey{PrivateKey: keys()[name]}); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"ed25519", "rsa"} {
		signer, err := a.Signer(signerOf(t, name).PublicKey())
		if err != nil {
			t.Fatal(err)
		}
		if err := sign(t, signer, message).Verify(testNamespace, []byte(message)); err != nil {
			t.Error(err)
		}
	}
	if _, err := a.Signer(nil); err == nil || !strings.Contains(err.Error(), "several") {
		t.Errorf("which key: %v", err)
	}
	if _, err := a.Signer(signerOf(t, "p256").PublicKey()); err == nil || !strings.Contains(err.Error(), "does not hold") {
		t.Errorf("a key it has not: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"ed25519", "p256", "rsa"} {
		f.Add(sign(f, signerOf(f, name), message).Armor())
	}
	f.Add([]byte(begin + end))
	f.Fuzz(func(t *testing.T, in []byte) {
		s, err := Parse(in)
		if err != nil {
			return
		}
		s.Verify(s.Namespace, []byte(message)) //nolint:errcheck // it must not panic
		again, err := Parse(s.Armor())
		if err != nil || !bytes.Equal(again.Armor(), s.Armor()) {
			t.Errorf("%q does not survive a round trip: %v", in, err)
		}
	})
}
