package sshsig

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

const (
	minRSA        = 2048
	maxPrivateKey = 64 << 10
)

// plainKey gives the key itself where it is a certificate.
func plainKey(key ssh.PublicKey) ssh.PublicKey {
	if cert, ok := key.(*ssh.Certificate); ok {
		return cert.Key
	}
	return key
}

// usable refuses keys that are too weak to sign with.
func usable(key ssh.PublicKey) error {
	key = plainKey(key)
	switch key.Type() {
	case ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521,
		ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256:
		return nil
	case ssh.KeyAlgoRSA:
		if bits := rsaBits(key); bits < minRSA {
			return fmt.Errorf("a key of RSA with %d bits is too weak: want %d or more", bits, minRSA)
		}
		return nil
	}
	return fmt.Errorf("a key of kind %q counts for nothing", key.Type())
}

func rsaBits(key ssh.PublicKey) int {
	if k, ok := key.(ssh.CryptoPublicKey); ok {
		if r, ok := k.CryptoPublicKey().(*rsa.PublicKey); ok {
			return r.N.BitLen()
		}
	}
	return 0
}

// Sign signs a message in a namespace, over SHA-512.
func Sign(signer ssh.Signer, namespace string, message []byte) (*Signature, error) {
	if namespace == "" {
		return nil, errors.New("a signature needs a namespace")
	}
	key, err := ssh.ParsePublicKey(signer.PublicKey().Marshal()) // an agent's has no parts to ask
	if err != nil {
		return nil, err
	}
	if err := usable(key); err != nil {
		return nil, err
	}
	s := &Signature{Key: key, Namespace: namespace, Hash: "sha512"}
	data := toSign(namespace, s.Hash, message)
	if plainKey(s.Key).Type() == ssh.KeyAlgoRSA {
		by, ok := signer.(ssh.AlgorithmSigner)
		if !ok {
			return nil, errors.New("this key of RSA signs over SHA-1 only")
		}
		s.sig, err = by.SignWithAlgorithm(rand.Reader, data, ssh.KeyAlgoRSASHA512)
	} else {
		s.sig, err = signer.Sign(rand.Reader, data)
	}
	if err != nil {
		return nil, fmt.Errorf("sign with %s: %w", s.Fingerprint(), err)
	}
	return s, s.Verify(namespace, message) // an agent may be old, or broken
}

// ParsePrivateKey reads a private key in any of the formats of OpenSSH. It asks for the passphrase only where there is
// one, and wipes it after use.
func ParsePrivateKey(pem []byte, passphrase func() ([]byte, error)) (ssh.Signer, error) {
	if len(pem) > maxPrivateKey {
		return nil, fmt.Errorf("private key: larger than %d bytes", maxPrivateKey)
	}
	signer, err := ssh.ParsePrivateKey(pem)
	if missing := (*ssh.PassphraseMissingError)(nil); errors.As(err, &missing) {
		signer, err = parseEncrypted(pem, passphrase)
	}
	if err != nil {
		return nil, fmt.Errorf("private key: %w", err)
	}
	return signer, usable(signer.PublicKey())
}

func parseEncrypted(pem []byte, passphrase func() ([]byte, error)) (ssh.Signer, error) {
	if passphrase == nil {
		return nil, errors.New("it is encrypted, and there is nobody to ask for the passphrase")
	}
	secret, err := passphrase()
	if err != nil {
		return nil, err
	}
	defer clear(secret)
	signer, err := ssh.ParsePrivateKeyWithPassphrase(pem, secret)
	if errors.Is(err, x509.IncorrectPasswordError) {
		return nil, errors.New("the passphrase is wrong")
	}
	return signer, err
}

// An Agent is an ssh-agent, at the other end of a connection.
type Agent struct{ client agent.Agent }

// NewAgent talks to an ssh-agent over the caller's connection, which is the Agent's alone until the caller closes it.
func NewAgent(conn io.ReadWriter) *Agent { return &Agent{agent.NewClient(conn)} }

// Signer gives the signer of a key that the agent holds; without a key, of its only one. A security key, whose private
// part no file holds, signs this way.
func (a *Agent) Signer(key ssh.PublicKey) (ssh.Signer, error) {
	signers, err := a.client.Signers()
	if err != nil {
		return nil, fmt.Errorf("ssh-agent: %w", err)
	}
	var held []string
	for _, s := range signers {
		if key != nil && string(s.PublicKey().Marshal()) == string(key.Marshal()) {
			return s, nil
		}
		held = append(held, ssh.FingerprintSHA256(s.PublicKey()))
	}
	switch {
	case len(signers) == 0:
		return nil, errors.New("ssh-agent: it holds no key")
	case key != nil:
		return nil, fmt.Errorf("ssh-agent: it does not hold %s, but %s", ssh.FingerprintSHA256(key), strings.Join(held, ", "))
	case len(signers) > 1:
		return nil, fmt.Errorf("ssh-agent: it holds several keys, so one must be named: %s", strings.Join(held, ", "))
	}
	return signers[0], nil
}

// ParsePublicKey reads the text of a public key or certificate, such as that of id_ed25519.pub.
func ParsePublicKey(text []byte) (ssh.PublicKey, error) {
	if len(text) > maxPrivateKey {
		return nil, fmt.Errorf("public key: larger than %d bytes", maxPrivateKey)
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey(text)
	if err != nil {
		return nil, fmt.Errorf("public key: %w", err)
	}
	return key, nil
}
