package register

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/diagnostic"
)

// File is where the exceptions lie, from the root.
const File = ".assay/exceptions.yaml"

// A Register is the exceptions of one file, in its order.
type Register struct {
	File       string
	Exceptions []Exception
}

// Find gives the exception with an ID, or nil.
func (r *Register) Find(id string) *Exception {
	i := slices.IndexFunc(r.Exceptions, func(e Exception) bool { return e.ID == id })
	if i < 0 {
		return nil
	}
	return &r.Exceptions[i]
}

// NextID gives an ID that no exception has: one number above the highest in use.
func (r *Register) NextID() string {
	highest := 0
	for _, e := range r.Exceptions {
		if digits, ok := strings.CutPrefix(strings.ToUpper(e.ID), "EX-"); ok && len(digits) < 10 {
			if n, err := strconv.Atoi(digits); err == nil {
				highest = max(highest, n)
			}
		}
	}
	return fmt.Sprintf("EX-%d", highest+1)
}

// A Kind says what an exception claims.
type Kind string

// The kinds.
const (
	FalsePositive Kind = "false-positive" // its reason is its evidence
	Accepted      Kind = "accepted"
	FixPlanned    Kind = "fix-planned"
)

// Kinds is every kind.
var Kinds = []Kind{FalsePositive, Accepted, FixPlanned}

// An Exception is a scoped, owned, expiring permission.
type Exception struct {
	ID           string
	Kind         Kind
	Match        Match
	MaxFindings  int // it is void where it matches more; 1 unless said
	Reason       string
	Owner        string // asks
	Approver     string // grants
	Created      time.Time
	Expires      time.Time // the last day on which it permits
	Compensating []Control
	Signature    string // the approver's, over Canonical, in the armor of package sshsig; empty where nobody signed

	At diagnostic.Position // where it begins in the file
}

// Ends is the first moment at which an exception permits nothing any more.
func (e *Exception) Ends() time.Time { return e.Expires.AddDate(0, 0, 1) }

// DaysLeft counts the days from today to the last one, on which it is 0. It is below 0 once the exception has expired.
func (e *Exception) DaysLeft(now time.Time) int { return days(day(now), e.Expires) }

// Length is how many days an exception lasts beyond the one on which it was created.
func (e *Exception) Length() int { return days(e.Created, e.Expires) }

// Renew makes a new grant of an exception: from today until a later day than before. That it was renewed is counted in
// the history (see Renewals), and the approver has to sign again.
func (e *Exception) Renew(now, until time.Time) error {
	until = day(until)
	switch {
	case !until.After(e.Expires):
		return fmt.Errorf("%s permits through %s already: want a later day", e.ID, e.Expires.Format(time.DateOnly))
	case until.Before(day(now)):
		return fmt.Errorf("%s has passed", until.Format(time.DateOnly))
	}
	e.Created, e.Expires, e.Signature = day(now), until, ""
	return nil
}

func days(from, to time.Time) int { return int(to.Sub(from).Hours() / 24) }

func day(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// A Control is what makes a risk bearable for a time, and the check that says whether it is there.
type Control struct {
	Control string
	Check   Check
	At      diagnostic.Position // of the expression, or of the control
}

// A Check is exactly one of its parts.
type Check struct {
	CEL   string `json:"cel,omitempty" yaml:"cel,omitempty"`
	Rego  string `json:"rego,omitempty" yaml:"rego,omitempty"` // a reference such as data.assay.controls.waf
	HTTPS *HTTPS `json:"https,omitempty" yaml:"https,omitempty"`
}

// The kinds of check.
const (
	CEL       = "cel"
	Rego      = "rego"
	HTTPSKind = "https"
)

// Kind names the part that is set.
func (c *Check) Kind() string {
	switch {
	case c.HTTPS != nil:
		return HTTPSKind
	case c.Rego != "":
		return Rego
	}
	return CEL
}

// HTTPS is a probe: what is asked, and what must come back.
type HTTPS struct {
	URL          string            `json:"url" yaml:"url"`
	Status       int               `json:"status" yaml:"status"`
	BodyContains string            `json:"body-contains,omitempty" yaml:"body-contains,omitempty"`
	Header       map[string]string `json:"header,omitempty" yaml:"header,omitempty"` // headers of the answer, with their whole values
}
