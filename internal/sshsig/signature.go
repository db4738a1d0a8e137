package sshsig

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"
)

const (
	magic   = "SSHSIG"
	version = 1

	begin = "-----BEGIN SSH SIGNATURE-----"
	end   = "-----END SSH SIGNATURE-----"

	maxArmor  = 64 << 10 // a signature with a certificate of RSA 16384 has about 10 KiB
	armorLine = 70       // as ssh-keygen breaks lines
)

// A Signature says that the holder of a key has signed a message in a namespace. Until Verify has said so it is a claim.
type Signature struct {
	Key       ssh.PublicKey // or a certificate
	Namespace string
	Hash      string // sha256 or sha512

	sig *ssh.Signature
}

// wire is the signature as it is in the armor.
type wire struct {
	Magic     [6]byte
	Version   uint32
	Key       []byte
	Namespace string
	Reserved  string
	Hash      string
	Signature []byte
}

// signed is what the key signs: not the message, but its hash together with what it is meant for.
type signed struct {
	Magic     [6]byte
	Namespace string
	Reserved  string
	Hash      string
	Digest    []byte
}

// Parse reads an armored signature. Nothing but space may stand around it.
func Parse(armored []byte) (*Signature, error) {
	blob, err := dearmor(armored)
	if err != nil {
		return nil, err
	}
	var w wire
	if err := ssh.Unmarshal(blob, &w); err != nil {
		return nil, fmt.Errorf("SSH signature: %w", err)
	}
	switch {
	case string(w.Magic[:]) != magic:
		return nil, errors.New("SSH signature: it does not begin as one")
	case w.Version != version:
		return nil, fmt.Errorf("SSH signature: version %d: want %d", w.Version, version)
	case w.Namespace == "":
		return nil, errors.New("SSH signature: the namespace is empty")
	case w.Reserved != "":
		return nil, errors.New("SSH signature: the reserved field is not empty")
	case newHash(w.Hash) == nil:
		return nil, fmt.Errorf("SSH signature: hash %q: want sha256 or sha512", w.Hash)
	}
	key, err := ssh.ParsePublicKey(w.Key)
	if err != nil {
		return nil, fmt.Errorf("SSH signature: key: %w", err)
	}
	s := &Signature{Key: key, Namespace: w.Namespace, Hash: w.Hash, sig: &ssh.Signature{}}
	if err := ssh.Unmarshal(w.Signature, s.sig); err != nil {
		return nil, fmt.Errorf("SSH signature: %w", err)
	}
	return s, nil
}

func dearmor(armored []byte) ([]byte, error) {
	if len(armored) > maxArmor {
		return nil, fmt.Errorf("SSH signature: larger than %d bytes", maxArmor)
	}
	text := strings.TrimSpace(string(armored))
	body, ok := strings.CutPrefix(text, begin)
	if !ok {
		return nil, fmt.Errorf("SSH signature: it does not begin with %q", begin)
	}
	if body, ok = strings.CutSuffix(body, end); !ok {
		return nil, fmt.Errorf("SSH signature: it does not end with %q", end)
	}
	body = strings.Join(strings.Fields(body), "")
	blob, err := base64.StdEncoding.Strict().DecodeString(body)
	if err != nil {
		return nil, fmt.Errorf("SSH signature: %w", err)
	}
	return blob, nil
}

// Armor gives the signature as text that ssh-keygen reads.
func (s *Signature) Armor() []byte {
	w := wire{
		Version: version, Key: s.Key.Marshal(), Namespace: s.Namespace, Hash: s.Hash, Signature: ssh.Marshal(s.sig),
	}
	copy(w.Magic[:], magic)
	text := base64.StdEncoding.EncodeToString(ssh.Marshal(&w))
	var out bytes.Buffer
	out.WriteString(begin + "\n")
	for len(text) > 0 {
		n := min(armorLine, len(text))
		out.WriteString(text[:n] + "\n")
		text = text[n:]
	}
	out.WriteString(end + "\n")
	return out.Bytes()
}

// newHash gives the digest function of a name, or nil.
func newHash(name string) func([]byte) []byte {
	switch name {
	case "sha256":
		return func(m []byte) []byte { d := sha256.Sum256(m); return d[:] }
	case "sha512":
		return func(m []byte) []byte { d := sha512.Sum512(m); return d[:] }
	}
	return nil
}

func toSign(namespace, hash string, message []byte) []byte {
	s := signed{Namespace: namespace, Hash: hash, Digest: newHash(hash)(message)}
	copy(s.Magic[:], magic)
	return ssh.Marshal(&s)
}

// ErrMismatch says that a signature is not one of this message by its key.
var ErrMismatch = errors.New("the signature does not fit the text")

// Verify says that the signature's key has signed the message in the namespace. Whose key it is, see AllowedSigners.
func (s *Signature) Verify(namespace string, message []byte) error {
	if s.Namespace != namespace {
		return fmt.Errorf("the signature is for the namespace %q: want %q", s.Namespace, namespace)
	}
	if err := usable(s.Key); err != nil {
		return err
	}
	if err := s.strong(); err != nil {
		return err
	}
	if err := s.Key.Verify(toSign(namespace, s.Hash, message), s.sig); err != nil {
		return fmt.Errorf("%w: %v", ErrMismatch, err)
	}
	return nil
}

// strong refuses algorithms that are not those of the key's kind today (ssh-rsa would be over SHA-1), and what would let
// one signature be written in several ways.
func (s *Signature) strong() error {
	format, want := s.sig.Format, plainKey(s.Key).Type()
	touched := want == ssh.KeyAlgoSKED25519 || want == ssh.KeyAlgoSKECDSA256 // which has more to say behind the signature
	if !touched && len(s.sig.Rest) > 0 {
		return errors.New("something follows the signature")
	}
	if want == ssh.KeyAlgoRSA {
		if format == ssh.KeyAlgoRSASHA256 || format == ssh.KeyAlgoRSASHA512 {
			return nil
		}
	} else if format == want {
		return nil
	}
	return fmt.Errorf("a signature of kind %q by a key of kind %s counts for nothing", format, want)
}

// Fingerprint names the key of the signature as ssh-keygen -l does.
func (s *Signature) Fingerprint() string { return ssh.FingerprintSHA256(plainKey(s.Key)) }
