package judge

import (
	"time"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/exception/native/effect"
	"github.com/assaysec/assay/internal/exception/register"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/risk"
)

// A Case is all that a verdict depends on. Text of targets in it is as it may be shown.
type Case struct {
	Stage    string            `json:"stage"`
	Now      time.Time         `json:"now"`
	Required []string          `json:"required"` // engines that must be done where the gate does not say
	Policy   []policy.Scope    `json:"policy"`   // what is said about the stage, of all targets
	Rego     map[string]string `json:"rego"`     // modules by path

	Targets  []Target          `json:"targets"`
	Coverage []coverage.Record `json:"coverage"`

	// Risks are what was found, with its novelty and date, and held back where a baseline or an ignore file does. Level and
	// due date are worked out again.
	Risks []risk.Risk `json:"-"`

	Marks   []effect.Mark `json:"marks"`
	Brought []Brought     `json:"brought"`
	Files   []effect.Use  `json:"files"` // what the entries of ignore files did

	// Told says of tools and their rules whether an engine here makes findings with such a name. Unlooked are the places
	// with suppressions where no engine looked.
	Told     []Told  `json:"told"`
	Unlooked []Place `json:"unlooked"`

	// Empty are the targets that hold nothing, where nobody said that this is as it should be. Nothing says why there was
	// nothing to judge in others, such as a change that alters no file.
	Empty   []policy.Unmet `json:"empty,omitempty"`
	Nothing []string       `json:"nothing,omitempty"`

	// Broken is what is wrong with the files that judge, as the change leaves them.
	Broken []policy.Broken `json:"broken,omitempty"`
}

// A Target is what is known of one thing that was looked at.
type Target struct {
	finding.Target
	Services []profile.Service `json:"services"`
	Due      risk.DueTable     `json:"due"`
	Keep     Keep              `json:"keep"`
}

// Keep is what the exceptions of a target are, and what they must keep to.
type Keep struct {
	Exceptions    string            `json:"exceptions,omitempty"` // the file of exceptions
	Repository    string            `json:"repository,omitempty"`
	Signers       string            `json:"signers,omitempty"` // the allowed-signers file
	Limits        register.Limits   `json:"limits"`
	Answers       []register.Answer `json:"answers,omitempty"` // of probes: recorded, and of this run
	Renewals      map[string]int    `json:"renewals,omitempty"`
	RenewalsCut   bool              `json:"renewalsCut,omitempty"`   // there may be more: the history is not all there
	AcceptBrought bool              `json:"acceptBrought,omitempty"` // marks of a change take effect
}

// A Brought says that the change under judgement brings a mark, by its number, to a risk.
type Brought struct {
	Mark        int    `json:"mark"`
	Target      string `json:"target"`
	Fingerprint string `json:"fingerprint"`
}

// A Told says whether findings with a tool's name for a rule can be made here; without a rule, with any of its names.
type Told struct {
	Tool string `json:"tool"`
	Rule string `json:"rule,omitempty"`
	Told bool   `json:"told"`
}

// A Place is a path of a target.
type Place struct {
	Target string `json:"target"`
	Path   string `json:"path"`
}

// A Ruling is what came of a case.
type Ruling struct {
	Risks      []risk.Risk
	Verdict    policy.Verdict
	Exceptions []Exception
	Marks      []effect.Use // of Case.Marks, in their order
	Input      policy.Input // as the gate was asked, for whoever explains it
}

// An Exception is what one exception of a target does.
type Exception struct {
	Target string
	register.Use
}
