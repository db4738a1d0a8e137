package config

import (
	"errors"
	"testing"
)

func TestRedact(t *testing.T) {
	// The last six characters of this made-up token are not the checksum of the thirty before them.
	line := "push with ghp_3tirupn4AAVCNX6taqj6KtKybWzvjx0vdhI5"
	if got, want := Redact(line), "push with [token]"; got != want {
		t.Errorf("Redact = %q, want %q", got, want)
	}
}

func TestLoadNamesTheMissingSecret(t *testing.T) {
	missing := errors.New("no such file")
	_, err := Load(func(string) string { return "" }, func(string) ([]byte, error) { return nil, missing })
	if !errors.Is(err, missing) {
		t.Errorf("Load = %v, want %v", err, missing)
	}
}
