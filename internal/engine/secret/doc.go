// Package secret is the engine that finds credentials in text. It owns the rule format (gitleaks' configuration, read
// unchanged, with a few more fields for the built-in pack), the matching of rules, the filters that keep it quiet, and
// decoding of encoded text. It promises that no secret's value leaves it: findings carry a redacted frame, and the value
// itself only in a Value, which prints as "[redacted]". It leaves files, history and network to others.
package secret
