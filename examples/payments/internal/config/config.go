// Package config reads the settings of the service: plain ones from the environment, secret ones from the files that
// the secret manager mounts.
package config

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

const secretDir = "/var/run/secrets/payments"

// Config is all that the service needs to know to start.
type Config struct {
	Listen      string
	AcquirerURL string
	ReceiptDir  string
	DatabaseURL string
	StripeKey   string
}

// Load reads the settings through getenv and readFile.
func Load(getenv func(string) string, readFile func(string) ([]byte, error)) (Config, error) {
	cfg := Config{
		Listen:      orElse(getenv("LISTEN"), ":8080"),
		AcquirerURL: orElse(getenv("ACQUIRER_URL"), "https://acquirer.example.com"),
		ReceiptDir:  orElse(getenv("RECEIPT_DIR"), "/srv/receipts"),
	}
	secrets := map[string]*string{
		"database-url":      &cfg.DatabaseURL,
		"stripe-secret-key": &cfg.StripeKey,
	}
	for name, value := range secrets {
		raw, err := readFile(path.Join(secretDir, name))
		if err != nil {
			return Config{}, fmt.Errorf("secret %s: %w", name, err)
		}
		*value = strings.TrimSpace(string(raw))
	}
	return cfg, nil
}

func orElse(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}

var token = regexp.MustCompile(`gh[pousr]_[A-Za-z0-9]{36}`)

// Redact hides access tokens in a line of a log.
func Redact(line string) string { return token.ReplaceAllString(line, "[token]") }
