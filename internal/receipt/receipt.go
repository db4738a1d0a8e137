package receipt

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/assaysec/assay/internal/judge"
	"github.com/assaysec/assay/internal/report"
)

// MaxSize is the largest receipt that is read, in bytes.
const MaxSize = 1 << 30

// New makes the receipt of a case and what came of it.
func New(subjects []Subject, tool report.Tool, c *judge.Case, r *judge.Ruling) (*Statement, error) {
	in, err := inputsOf(c)
	if err != nil {
		return nil, err
	}
	s := &Statement{Type: StatementType, PredicateType: PredicateType, Subject: subjects, Predicate: Predicate{Format: Format, Tool: tool, Inputs: in}}
	if s.Predicate.Digests, err = in.digests(); err != nil {
		return nil, err
	}
	s.Predicate.Decision, err = marshal(decisionOf(r))
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
	_, err = w.Write(out.Bytes())
	return err
}

// marshal writes JSON in which no character is hidden.
func marshal(v any) ([]byte, error) { return report.JSON(v) }

// digests names each input by its content.
func (in *Inputs) digests() (map[string]string, error) {
	out := map[string]string{}
	v := reflect.ValueOf(in).Elem()
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		text, err := marshal(v.Field(i).Interface())
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
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
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	var s Statement
	if err := dec.Decode(&s); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("something follows the receipt")
	}
	return &s, nil
}
