package finding

import (
	"fmt"
	"strings"
)

// A Severity is how bad a fault is by its rule alone. The order of the values is the order of severity.
type Severity uint8

// The severities. SeverityUnknown is worth no less than Medium wherever levels are weighed: unknown is never safe.
const (
	SeverityUnknown Severity = iota
	Info
	Low
	Medium
	High
	Critical
)

var severities = []string{"unknown", "info", "low", "medium", "high", "critical"}

func (s Severity) String() string { return word(severities, int(s)) }

// MarshalText gives the lower-case word.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the lower-case word; an unknown one is an error that lists the known ones.
func (s *Severity) UnmarshalText(text []byte) error {
	return parseWord(s, "severity", severities, text)
}

// A Confidence is how sure the rule is that the fault is one.
type Confidence uint8

// The confidences, weakest first.
const (
	ConfidenceUnknown Confidence = iota
	LowConfidence
	MediumConfidence
	HighConfidence
)

var confidences = []string{"unknown", "low", "medium", "high"}

func (c Confidence) String() string { return word(confidences, int(c)) }

// MarshalText gives the lower-case word.
func (c Confidence) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads the lower-case word; an unknown one is an error that lists the known ones.
func (c *Confidence) UnmarshalText(text []byte) error {
	return parseWord(c, "confidence", confidences, text)
}

func word(words []string, i int) string {
	if i < len(words) {
		return words[i]
	}
	return words[0]
}

func parseWord[T ~uint8](to *T, what string, words []string, text []byte) error {
	for i, w := range words {
		if w == string(text) {
			*to = T(i)
			return nil
		}
	}
	return fmt.Errorf("%s %q: want one of %s", what, text, strings.Join(words, ", "))
}

// EngineOf is the part of a rule ID before the slash.
func EngineOf(rule string) string {
	engine, _, _ := strings.Cut(rule, "/")
	return engine
}
