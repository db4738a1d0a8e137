package register

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
)

// ProbesFile is where the last answers of probes lie, from the root.
const ProbesFile = ".assay/probes.json"

const (
	probesSchema  = "assay-probes/1"
	maxProbesSize = 4 << 20
)

// An Answer is what a compensating check said. It is an input of the verdict, and of its receipt.
type Answer struct {
	ID      string    `json:"id"`      // of the exception
	Control string    `json:"control"` // of its control
	Kind    string    `json:"kind"`    // cel, rego or https
	Check   string    `json:"check"`   // digest of the check that was asked; see Check.Digest
	OK      bool      `json:"ok"`
	Detail  string    `json:"detail,omitempty"` // why not
	At      time.Time `json:"at"`
}

// Digest names a check by all that it says: an answer to another question is none.
func (c *Check) Digest() string {
	sum := sha256.Sum256([]byte(encode(c)))
	return "sha256:" + hex.EncodeToString(sum[:])
}

func (a *Answer) compare(b *Answer) int {
	return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Control, b.Control))
}

// Record puts new answers of probes in place of older ones to the same controls. Other checks are asked at each gate,
// and a record of theirs would be worth nothing.
func Record(old, answers []Answer) []Answer {
	probes := slices.DeleteFunc(slices.Clone(answers), func(a Answer) bool { return a.Kind != HTTPSKind })
	return slices.DeleteFunc(Merge(old, probes), func(a Answer) bool { return a.Kind != HTTPSKind })
}

// Merge puts the answers of this run in place of recorded ones to the same controls, for Input.Answers.
func Merge(recorded, answers []Answer) []Answer {
	list := slices.Concat(answers, recorded)
	slices.SortStableFunc(list, func(a, b Answer) int { return a.compare(&b) })
	return slices.CompactFunc(list, func(a, b Answer) bool { return a.compare(&b) == 0 })
}

// ReadAnswers reads recorded answers; file names them in errors.
func ReadAnswers(file string, content []byte) ([]Answer, error) {
	if len(content) > maxProbesSize {
		return nil, fmt.Errorf("%s: larger than %d bytes", file, maxProbesSize)
	}
	var doc struct {
		Schema  string   `json:"schema"`
		Answers []Answer `json:"answers"`
	}
	dec := json.NewDecoder(bytes.NewReader(content))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&doc); err != nil {
		line := 1 + bytes.Count(content[:min(dec.InputOffset(), int64(len(content)))], []byte("\n"))
		return nil, fmt.Errorf("%s:%d: %w", file, line, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("%s: something follows the answers", file)
	}
	if doc.Schema != probesSchema {
		return nil, fmt.Errorf("%s: schema is %q, want %q", file, doc.Schema, probesSchema)
	}
	for i, a := range doc.Answers {
		switch {
		case !idForm().MatchString(a.ID), !controlForm().MatchString(a.Control), a.At.IsZero():
			return nil, fmt.Errorf("%s: answer %d: want an id, a control and a time", file, i+1)
		case a.Kind != HTTPSKind:
			return nil, fmt.Errorf("%s: answer %d: kind is %q: only those of https are recorded", file, i+1, a.Kind)
		case i > 0 && doc.Answers[i-1].compare(&a) >= 0:
			return nil, fmt.Errorf("%s: answer %d: %s %s is out of order, or there twice", file, i+1, a.ID, a.Control)
		}
	}
	return doc.Answers, nil
}

// WriteAnswers writes the answers of probes, sorted.
func WriteAnswers(answers []Answer) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	doc := struct {
		Schema  string   `json:"schema"`
		Answers []Answer `json:"answers"`
	}{probesSchema, append([]Answer{}, Record(nil, answers)...)}
	if err := enc.Encode(doc); err != nil {
		panic(err) // an Answer is made of text; its time was read or is that of the run
	}
	return out.Bytes()
}
