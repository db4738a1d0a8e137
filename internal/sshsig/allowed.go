package sshsig

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

const (
	maxAllowed     = 1 << 20
	maxAllowedLine = 32 << 10
	maxPatterns    = 1024 // bytes of a list of patterns, as in OpenSSH
)

// AllowedSigners says whose keys may sign for what, and when.
type AllowedSigners struct {
	lines []allowed
}

// allowed is one line: "principals [options] key".
type allowed struct {
	line          int
	principals    string // patterns
	key           ssh.PublicKey
	authority     bool   // the key signs certificates
	namespaces    string // patterns; empty: any
	after, before time.Time
}

// An AllowedError is a line of an allowed-signers file that cannot be understood.
type AllowedError struct {
	File    string
	Line    int
	Problem string
}

func (e *AllowedError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Problem) }

// ParseAllowedSigners reads an allowed-signers file; file names it in errors. All faults are told at once.
func ParseAllowedSigners(file string, content []byte) (*AllowedSigners, error) {
	if len(content) > maxAllowed {
		return nil, &AllowedError{file, 1, fmt.Sprintf("the file is larger than %d bytes", maxAllowed)}
	}
	a := &AllowedSigners{}
	var errs []error
	number := 0
	for line := range strings.SplitSeq(string(content), "\n") {
		number++
		line = strings.Trim(line, " \t\r")
		if line == "" || line[0] == '#' {
			continue
		}
		l, err := parseLine(line)
		if err != nil {
			errs = append(errs, &AllowedError{file, number, err.Error()})
			continue
		}
		l.line = number
		a.lines = append(a.lines, l)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs[:min(len(errs), 20)]...)
	}
	return a, nil
}

func parseLine(line string) (l allowed, err error) {
	if len(line) > maxAllowedLine {
		return l, fmt.Errorf("the line is longer than %d bytes", maxAllowedLine)
	}
	rest := ""
	if l.principals, rest, err = cutPrincipals(line); err != nil {
		return l, err
	}
	if l.key, err = parseKey(rest); err == nil {
		return l, nil
	}
	notKey := err
	options, rest, err := cutOptions(rest)
	if err != nil {
		return l, err
	}
	if l.key, err = parseKey(rest); err != nil {
		if kindWord.MatchString(options) {
			err = notKey // what stands there was meant as the key
		}
		return l, err
	}
	return l, l.read(options)
}

// kindWord matches the kinds of keys, with which no option begins.
var kindWord = regexp.MustCompile(`^(?:ssh|ecdsa|sk)-`)

// cutPrincipals takes the first word, which may stand in quotes.
func cutPrincipals(line string) (principals, rest string, err error) {
	if after, quoted := strings.CutPrefix(line, `"`); quoted {
		principals, rest, quoted = strings.Cut(after, `"`)
		if !quoted {
			return "", "", errors.New("the closing quote of the principals is missing")
		}
	} else if i := strings.IndexAny(line, " \t"); i >= 0 {
		principals, rest = line[:i], line[i:]
	}
	rest = strings.TrimLeft(rest, " \t")
	switch {
	case rest == "":
		return "", "", errors.New("want principals, options and a key")
	case principals == "":
		return "", "", errors.New("the principals are empty")
	case len(principals) > maxPatterns:
		return "", "", fmt.Errorf("the principals are longer than %d bytes", maxPatterns)
	}
	return principals, rest, nil
}

// parseKey reads "kind base64 [comment]".
func parseKey(text string) (ssh.PublicKey, error) {
	fields := strings.Fields(text)
	if len(fields) < 2 {
		return nil, errors.New("the key is missing")
	}
	blob, err := base64.StdEncoding.DecodeString(fields[1])
	if err != nil {
		return nil, errors.New("the key is not valid base64")
	}
	key, err := ssh.ParsePublicKey(blob)
	if err != nil {
		return nil, fmt.Errorf("the key cannot be read: %s", strings.TrimPrefix(err.Error(), "ssh: "))
	}
	if key.Type() != fields[0] {
		return nil, fmt.Errorf("the key is of kind %s, and the line says %q", key.Type(), fields[0])
	}
	return key, nil
}

// cutOptions takes the word of options, in which quotes may hold spaces.
func cutOptions(text string) (options, rest string, err error) {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text) && text[i+1] == '"':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ' ' || c == '\t'):
			return text[:i], strings.TrimLeft(text[i:], " \t"), nil
		}
	}
	if quoted {
		return "", "", errors.New("a closing quote is missing")
	}
	return "", "", errors.New("the key is missing")
}

// read understands the options.
func (l *allowed) read(options string) error {
	seen := map[string]bool{}
	for options != "" {
		name := options[:len(options)-len(strings.TrimLeft(options, optionLetters))]
		options = options[len(name):]
		value, valued := "", false
		if after, ok := strings.CutPrefix(options, `="`); ok {
			value, options, ok = cutQuoted(after)
			if !ok {
				return fmt.Errorf("option %s: the closing quote is missing", name)
			}
			valued = true
		}
		name = strings.ToLower(name)
		if seen[name] {
			return fmt.Errorf("option %s is given twice", name)
		}
		seen[name] = true
		if err := l.set(name, value, valued); err != nil {
			return err
		}
		more := false
		if options, more = strings.CutPrefix(options, ","); more == (options == "") {
			return errors.New("options must have one comma between them")
		}
	}
	if !l.after.IsZero() && !l.before.IsZero() && !l.after.Before(l.before) {
		return errors.New("valid-before is not after valid-after")
	}
	return nil
}

const optionLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"

// cutQuoted takes the text up to the closing quote, where \" stands for a quote.
func cutQuoted(text string) (value, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) && text[i+1] == '"':
			i++
			b.WriteByte('"')
		case text[i] == '"':
			return b.String(), text[i+1:], true
		default:
			b.WriteByte(text[i])
		}
	}
	return "", "", false
}

func (l *allowed) set(name, value string, valued bool) (err error) {
	switch name {
	case "cert-authority":
		if valued {
			return errors.New("option cert-authority has no value")
		}
		l.authority = true
		return nil
	case "namespaces":
		if value == "" || len(value) > maxPatterns {
			return fmt.Errorf(`option namespaces: want patterns in quotes, up to %d bytes`, maxPatterns)
		}
		l.namespaces = value
		return nil
	case "valid-after":
		l.after, err = parseTime(value)
	case "valid-before":
		l.before, err = parseTime(value)
	default:
		return fmt.Errorf("unknown option %q: known are cert-authority, namespaces, valid-after, valid-before", name)
	}
	if err != nil {
		return fmt.Errorf("option %s: %w", name, err)
	}
	return nil
}

// parseTime reads YYYYMMDD[HHMM[SS]], which may end in Z.
func parseTime(text string) (time.Time, error) {
	digits := strings.TrimSuffix(strings.TrimSuffix(text, "Z"), "UTC")
	layout := "20060102150405"
	if n := len(digits); n == 8 || n == 12 || n == 14 {
		if t, err := time.Parse(layout[:n], digits); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time: want one as 20261123 or 202611231530Z", text)
}

// Check says why a key may not sign as a principal; nil means that it may.
func (a *AllowedSigners) Check(key ssh.PublicKey, namespace, principal string, at time.Time) error {
	if err := usable(key); err != nil {
		return err
	}
	reason := fmt.Errorf("no allowed signer %q has the key %s", principal, ssh.FingerprintSHA256(plainKey(key)))
	for i := range a.lines {
		l := &a.lines[i]
		if !matchList(l.principals, principal) || !l.holds(key) {
			continue
		}
		err := l.permits(key, namespace, principal, at)
		if err == nil {
			return nil
		}
		reason = fmt.Errorf("the key of %q: %w", principal, err)
	}
	return reason
}

// Principals gives the principal patterns of the lines under which a key may sign, or the names in its certificate, as
// "ssh-keygen -Y find-principals" does: to say whose signature it is that the wrong one gave.
func (a *AllowedSigners) Principals(key ssh.PublicKey, namespace string, at time.Time) []string {
	var found []string
	add := func(name string) {
		if !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	for i := range a.lines {
		l := &a.lines[i]
		switch cert, _ := key.(*ssh.Certificate); {
		case usable(key) != nil || !l.holds(key):
		case !l.authority && l.permits(key, namespace, "", at) == nil:
			add(l.principals)
		case l.authority:
			for _, name := range cert.ValidPrincipals {
				if matchList(l.principals, name) && l.permits(key, namespace, name, at) == nil {
					add(name)
				}
			}
		}
	}
	return found
}

// holds reports whether the line speaks about a key: the key itself, or the authority that signed its certificate. A
// certificate is never its own warrant: nobody would ask whether it has expired.
func (l *allowed) holds(key ssh.PublicKey) bool {
	cert, certified := key.(*ssh.Certificate)
	switch {
	case certified != l.authority:
		return false
	case certified:
		return sameKey(l.key, cert.SignatureKey)
	}
	return sameKey(l.key, key)
}

func sameKey(a, b ssh.PublicKey) bool { return string(a.Marshal()) == string(b.Marshal()) }

// permits asks all that a line and a certificate limit.
func (l *allowed) permits(key ssh.PublicKey, namespace, principal string, at time.Time) error {
	switch {
	case l.namespaces != "" && !matchList(l.namespaces, namespace):
		return fmt.Errorf("it may not sign in the namespace %q", namespace)
	case !l.after.IsZero() && at.Before(l.after):
		return fmt.Errorf("it is valid only after %s", l.after.Format(time.RFC3339))
	case !l.before.IsZero() && at.After(l.before):
		return fmt.Errorf("it was valid until %s", l.before.Format(time.RFC3339))
	case l.authority:
		return checkCertificate(key.(*ssh.Certificate), principal, at)
	}
	return nil
}

func checkCertificate(cert *ssh.Certificate, principal string, at time.Time) error {
	if cert.CertType != ssh.UserCert {
		return errors.New("the certificate is not one of a user")
	}
	if err := usable(cert.SignatureKey); err != nil {
		return fmt.Errorf("the certificate's authority: %w", err)
	}
	if cert.Signature == nil || cert.Signature.Format == ssh.KeyAlgoRSA {
		return errors.New("the certificate is signed over SHA-1")
	}
	checker := ssh.CertChecker{Clock: func() time.Time { return at }}
	if err := checker.CheckCert(principal, cert); err != nil {
		return errors.New("the certificate: " + strings.TrimPrefix(err.Error(), "ssh: "))
	}
	return nil
}
