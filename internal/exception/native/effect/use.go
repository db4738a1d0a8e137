package effect

import (
	"fmt"
	"time"

	"github.com/assaysec/assay/internal/exception/native"
	"github.com/assaysec/assay/internal/risk"
)

// The kinds of suppressions.
const (
	Inline = "inline" // a mark in the scanned text
	InFile = "file"   // an entry of an ignore file
)

// A Mark is a mark that a scan found.
type Mark struct {
	native.Found
	Target string `json:"target"`           // ID of the target it was found in
	Commit string `json:"commit,omitempty"` // the commit, where the text belongs to one
	Path   string `json:"path"`
}

// Source is the mark's place, as a suppression and the census show it.
func (m *Mark) Source() string { return fmt.Sprintf("%s:%d", m.Path, m.Line) }

// A Use says what a mark or an entry of an ignore file does, for the census.
type Use struct {
	Kind   string    `json:"kind"`
	Tool   string    `json:"tool"`
	Target string    `json:"target"`
	Commit string    `json:"commit,omitempty"`
	Path   string    `json:"path"`
	Line   int       `json:"line"`
	Column int       `json:"column"`
	Rules  []string  `json:"rules,omitempty"`
	Except []string  `json:"except,omitempty"` // the rules that it does not hold, where it holds all others
	Where  string    `json:"where,omitempty"`  // the paths and packages that an entry is limited to
	Text   string    `json:"text"`
	Reason string    `json:"reason,omitempty"`
	Until  string    `json:"until,omitempty"` // as written
	End    time.Time `json:"end,omitzero"`    // the first moment at which it holds no more; zero: it has no end

	Hides      int    `json:"hides"`
	Problem    string `json:"problem,omitempty"` // why it holds nothing, or not all that it speaks about
	Unreadable bool   `json:"unreadable,omitempty"`
	Expired    bool   `json:"expired,omitempty"`
	Idle       bool   `json:"idle,omitempty"` // it was understood, and could not hold anything
}

// Source is the place of what is used.
func (u *Use) Source() string { return fmt.Sprintf("%s:%d", u.Path, u.Line) }

// hold suppresses a risk.
func (u *Use) hold(r *risk.Risk) {
	r.Status = risk.Suppressed
	r.Suppression = &risk.Suppression{Kind: u.Kind, Source: u.Source(), Reason: u.Reason, Expires: u.End}
	u.Hides++
}
