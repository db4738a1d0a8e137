package receipt

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"

	"github.com/assaysec/assay/internal/judge"
	"github.com/assaysec/assay/internal/report"
)

// MaxSize is the largest receipt, in bytes.
const MaxSize = 256 << 20

// New makes the receipt of a case and what came of it.
func New(subjects []Subject, tool report.Tool, c *judge.Case, r *judge.Ruling) (*Statement, error) {
	in, err := inputsOf(c)
	if err != nil {
		return nil, err
	}
	s := &Statement{Type: StatementType, PredicateType: PredicateType, Subject: subjects, Predicate: Predicate{Format: Format, Tool: tool, Inputs: in}}
	if s.Predicate.Decision, err = marshal(decisionOf(r)); err != nil {
		return nil, err
	}
	text, err := marshal(s)
	if err != nil {
		return nil, err
	}
	s.found, err = digestsOf(text)
	s.Predicate.Digests = s.found
	return s, err
}

// Write writes a receipt.
func (s *Statement) Write(w io.Writer) error {
	text, err := marshal(s)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return err
	}
	out.WriteByte('\n')
	if out.Len() > MaxSize {
		return fmt.Errorf("the receipt has more than %d bytes, and nobody could read it", MaxSize)
	}
	_, err = w.Write(out.Bytes())
	return err
}

// marshal writes JSON in which no character is hidden.
func marshal(v any) ([]byte, error) { return report.JSON(v) }

// digestsOf names the subjects, the tool and each input of a receipt by their text, without the space between tokens. It
// goes by what is written and not by what was understood of it: a later version may write more than this one.
func digestsOf(text []byte) (map[string]string, error) {
	var parts struct {
		Subject   json.RawMessage `json:"subject"`
		Predicate struct {
			Tool   json.RawMessage            `json:"tool"`
			Inputs map[string]json.RawMessage `json:"inputs"`
		} `json:"predicate"`
	}
	if err := json.Unmarshal(text, &parts); err != nil {
		return nil, err
	}
	all := map[string]json.RawMessage{"subject": parts.Subject, "tool": parts.Predicate.Tool}
	maps.Copy(all, parts.Predicate.Inputs)
	out := make(map[string]string, len(all))
	for name, part := range all {
		var b bytes.Buffer
		if err := json.Compact(&b, part); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		sum := sha256.Sum256(b.Bytes())
		out[name] = "sha256:" + hex.EncodeToString(sum[:])
	}
	return out, nil
}

// Errors of Read.
var (
	ErrNewer = errors.New("the receipt is of a newer format than this version knows")
	ErrOther = errors.New("not a receipt of a verdict")
)

// Read reads a receipt. What it does not know is an error: an input that nobody understands might have decided.
func Read(text []byte) (*Statement, error) {
	if len(text) > MaxSize {
		return nil, fmt.Errorf("larger than %d bytes", MaxSize)
	}
	var head struct {
		Type          string `json:"_type"`
		PredicateType string `json:"predicateType"`
		Predicate     struct {
			Format int `json:"format"`
		} `json:"predicate"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOther, err)
	}
	switch {
	case head.Type != StatementType:
		return nil, fmt.Errorf("%w: its _type is %.80q, want %s", ErrOther, head.Type, StatementType)
	case strings.HasPrefix(head.PredicateType, strings.TrimSuffix(PredicateType, "1")) && head.PredicateType != PredicateType, head.Predicate.Format > Format:
		return nil, ErrNewer
	case head.PredicateType != PredicateType:
		return nil, fmt.Errorf("%w: its predicateType is %.80q, want %s", ErrOther, head.PredicateType, PredicateType)
	case head.Predicate.Format < 1:
		return nil, fmt.Errorf("%w: its format is %d", ErrOther, head.Predicate.Format)
	}
	if err := strict(text); err != nil {
		return nil, err
	}
	var s Statement
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, err
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	var err error
	s.found, err = digestsOf(text)
	return &s, err
}
