package risk

import (
	"time"

	"github.com/assaysec/assay/internal/finding"
)

// A Risk is a finding in its context: whose it is, how bad it is there, since when, and what has been said about it.
type Risk struct {
	finding.Finding

	Target      string       `json:"target"`  // ID of the finding.Target
	Service     string       `json:"service"` // name of the profile.Service it belongs to
	Engine      string       `json:"engine"`
	Level       Assessment   `json:"risk"`
	Owner       string       `json:"owner,omitempty"` // from CODEOWNERS; several joined by a space
	FirstSeen   time.Time    `json:"firstSeen,omitzero"`
	Due         time.Time    `json:"due,omitzero"` // zero: unknown, because FirstSeen is
	New         Novelty      `json:"new"`
	Status      Status       `json:"status"`
	Suppression *Suppression `json:"suppression,omitempty"` // why the status is not open
}

// An Assessment is the level of a risk and the reasons for it, in words.
type Assessment struct {
	Level   finding.Severity `json:"level"`
	Score   int              `json:"score"` // 0 to 100; orders risks of one level
	Reasons []string         `json:"reasons"`
}

// A Novelty says whether the change under judgement, or the time since the baseline, brought the fault in.
type Novelty string

// The answers. Unknown where there is neither base nor baseline.
const (
	NewYes     Novelty = "yes"
	NewNo      Novelty = "no"
	NewUnknown Novelty = "unknown"
)

// A Status says whether something holds a finding back from the gate.
type Status string

// The statuses.
const (
	Open       Status = "open"
	Suppressed Status = "suppressed" // by a native mark or file of a tool
	Excepted   Status = "excepted"
	Baseline   Status = "baseline"
)

// A Suppression says what holds a finding back.
type Suppression struct {
	Kind    string    `json:"kind"`             // baseline, exception, inline, file
	Source  string    `json:"source,omitempty"` // file and line, or the exception's ID
	Reason  string    `json:"reason,omitempty"`
	Owner   string    `json:"owner,omitempty"`
	Expires time.Time `json:"expires,omitzero"` // the last day on which it holds, in UTC; zero where it has no end
}
