package sshsig

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

const testNamespace = "exception@assay"

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// keys are made once: those of RSA take a while.
var keys = sync.OnceValue(func() map[string]crypto.Signer {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	must(err)
	_, other, err := ed25519.GenerateKey(rand.Reader)
	must(err)
	m := map[string]crypto.Signer{"ed25519": ed, "other": other}
	for name, curve := range map[string]elliptic.Curve{"p256": elliptic.P256(), "p384": elliptic.P384(), "p521": elliptic.P521()} {
		m[name], err = ecdsa.GenerateKey(curve, rand.Reader)
		must(err)
	}
	m["rsa"], err = rsa.GenerateKey(rand.Reader, 2048)
	must(err)
	m["weak"], err = rsa.GenerateKey(rand.Reader, 1024)
	must(err)
	return m
})

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func signerOf(t testing.TB, name string) ssh.Signer {
	t.Helper()
	s, err := ssh.NewSignerFromKey(keys()[name])
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func line(key ssh.PublicKey) string { return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))) }

func sign(t testing.TB, signer ssh.Signer, message string) *Signature {
	t.Helper()
	s, err := Sign(signer, testNamespace, []byte(message))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// certificate makes one for a signer.
func certificate(t testing.TB, holder, authority ssh.Signer, change func(*ssh.Certificate)) ssh.Signer {
	t.Helper()
	cert := &ssh.Certificate{
		Key: holder.PublicKey(), CertType: ssh.UserCert, KeyId: "test", ValidPrincipals: []string{"ann@example.com", "ops"},
		ValidAfter: uint64(now.Add(-time.Hour).Unix()), ValidBefore: uint64(now.Add(time.Hour).Unix()),
	}
	if change != nil {
		change(cert)
	}
	if err := cert.SignCert(rand.Reader, authority); err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewCertSigner(cert, holder)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// A touchKey stands for a security key: https://cvsweb.openbsd.org/src/usr.bin/ssh/PROTOCOL.u2f
type touchKey struct {
	private crypto.Signer // ed25519, or ECDSA on P-256
	flags   byte
}

func (k touchKey) public(t testing.TB) ssh.PublicKey {
	t.Helper()
	var blob []byte
	switch p := k.private.Public().(type) {
	case ed25519.PublicKey:
		blob = ssh.Marshal(struct {
			Name string
			Key  []byte
			App  string
		}{ssh.KeyAlgoSKED25519, p, "ssh:"})
	case *ecdsa.PublicKey:
		point, err := p.Bytes()
		must(err)
		blob = ssh.Marshal(struct {
			Name, Curve string
			Key         []byte
			App         string
		}{ssh.KeyAlgoSKECDSA256, "nistp256", point, "ssh:"})
	}
	key, err := ssh.ParsePublicKey(blob)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (k touchKey) sign(t testing.TB, message string) *Signature {
	t.Helper()
	app, data := sha256.Sum256([]byte("ssh:")), sha256.Sum256(toSign(testNamespace, "sha512", []byte(message)))
	counter := []byte{k.flags, 0, 0, 0, 7}
	signed := append(append(append([]byte{}, app[:]...), counter...), data[:]...)
	key := k.public(t)
	s := &Signature{Key: key, Namespace: testNamespace, Hash: "sha512", sig: &ssh.Signature{Format: key.Type(), Rest: counter}}
	switch p := k.private.(type) {
	case ed25519.PrivateKey:
		s.sig.Blob = ed25519.Sign(p, signed)
	case *ecdsa.PrivateKey:
		digest := sha256.Sum256(signed)
		r, v, err := ecdsa.Sign(rand.Reader, p, digest[:])
		must(err)
		s.sig.Blob = ssh.Marshal(struct{ R, S *big.Int }{r, v})
	}
	return s
}

// keygen runs ssh-keygen in UTC and reports whether it was content.
func keygen(t testing.TB, stdin string, args ...string) (string, bool) {
	t.Helper()
	program, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("there is no ssh-keygen")
	}
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "TZ=UTC", "SSH_ASKPASS_REQUIRE=never")
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

func write(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func privateFile(t testing.TB, key crypto.Signer, passphrase string) []byte {
	t.Helper()
	block, err := ssh.MarshalPrivateKey(key, "")
	if passphrase != "" {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte(passphrase))
	}
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(block)
}

// armor puts any bytes into the armor.
func armor(blob []byte) string {
	return begin + "\n" + base64.StdEncoding.EncodeToString(blob) + "\n" + end + "\n"
}
