package finding

import "time"

// A Finding is one rule's statement about one place. Engines make it, policy judges it, the ledger keeps it, reports
// print it; nobody converts it on the way. Its text is already redacted: a secret never enters a Finding.
type Finding struct {
	Rule        string     `json:"rule"`              // stable ID, engine/name, such as "secret/aws-access-key"
	Aliases     []string   `json:"aliases,omitempty"` // what others call it: CWE-798, CKV_SECRET_2, GHSA-…
	Severity    Severity   `json:"severity"`          // the rule's; a policy may judge otherwise, the finding stays as found
	Confidence  Confidence `json:"confidence"`
	Place       Place      `json:"location"`
	Related     []Place    `json:"related,omitempty"` // the steps of a flow, or other appearances, each with its commit
	Title       string     `json:"title"`
	Message     string     `json:"message"` // the fact, in one sentence, without a final period
	Advice      string     `json:"advice"`  // what the reader should do next: a sentence, and lines to paste, between sentences that begin with a capital
	Fixes       []Fix      `json:"fixes,omitempty"`
	Fingerprint string     `json:"fingerprint"`

	// Trail is the fingerprint without the path. It follows a rename when two scans are compared, and only where the
	// old place is gone.
	Trail string `json:"trail,omitempty"`

	// Verification is what a provider said about a credential; empty where nobody was asked.
	Verification Verification `json:"verification,omitempty"`

	// Properties is what only this engine knows, one documented type per engine.
	Properties any `json:"properties,omitempty"`

	// Surroundings is what stands around the fault, normalised and redacted: the engine's part of the fingerprint. It
	// is not written anywhere.
	Surroundings string `json:"-"`
}

// Engine is the part of a rule ID before the slash.
func (f *Finding) Engine() string { return EngineOf(f.Rule) }

// A Place says where a fault is. At least one of its parts is set.
type Place struct {
	Kind     PlaceKind `json:"kind"`
	Target   string    `json:"target,omitempty"` // ID of a Target, where a place lies outside the finding's own
	Path     string    `json:"path,omitempty"`   // slash-separated, relative to the target; archive members as "a.zip!/member"
	Start    Position  `json:"start,omitzero"`
	End      Position  `json:"end,omitzero"` // the position after the last code point
	Package  string    `json:"package,omitempty"`
	Layer    string    `json:"layer,omitempty"`
	Workload string    `json:"workload,omitempty"`
	Commit   *Commit   `json:"commit,omitempty"`

	// Frame is the lines around the place for a person to read, redacted like everything else.
	Frame *Frame `json:"frame,omitempty"`
}

// A PlaceKind names the part of a Place that leads a reader to it.
type PlaceKind string

// The kinds of place.
const (
	InFile    PlaceKind = "file"
	InCommit  PlaceKind = "commit"  // what a commit or tag says: its message, or without a position its headers; Path is empty
	InPackage PlaceKind = "package" // a package without a file of its own
	InPath    PlaceKind = "path"    // a file as a whole, by its name
)

// A Position is a place in a text. Lines and columns start at 1; columns count Unicode code points.
type Position struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

// IsZero reports whether the position is not set.
func (p Position) IsZero() bool { return p == Position{} }

// A Commit names the commit that a place belongs to.
type Commit struct {
	ID          string    `json:"id"`
	Author      string    `json:"author,omitempty"`
	Email       string    `json:"email,omitempty"`
	Date        time.Time `json:"date,omitzero"`
	Summary     string    `json:"summary,omitempty"` // first line of its message, redacted
	Last        string    `json:"last,omitempty"`    // the newest commit that still holds the fault
	InHead      bool      `json:"inHead"`            // the fault is still in HEAD's tree
	Unreachable bool      `json:"unreachable,omitempty"`
}

// A Frame is a few lines of text around a place, as they may be shown. Start and End are the place in these lines, where
// redaction has moved its columns.
type Frame struct {
	First int      `json:"first"` // number of the first line
	Lines []string `json:"lines"`
	Start Position `json:"start,omitzero"`
	End   Position `json:"end,omitzero"`
}

// A Fix is one way to remove the fault.
type Fix struct {
	Title string `json:"title"`
	Patch string `json:"patch,omitempty"` // unified diff without context, where the fix is a change of text that may be shown
	Edits []Edit `json:"edits,omitempty"` // the same change for a program, in the finding's file; they do not overlap
}

// An Edit puts a text in the place of what stands from Start up to, but not including, End.
type Edit struct {
	Start Position `json:"start"`
	End   Position `json:"end"`
	Text  string   `json:"text"`
}

// A Verification is a provider's answer about a credential.
type Verification string

// The answers. The zero value means that nobody was asked.
const (
	Live    Verification = "live"
	Dead    Verification = "dead"
	Unknown Verification = "unknown" // asked, no clear answer
)

// A Target is one thing that was looked at.
type Target struct {
	ID       string `json:"id"`   // short and stable within a run, such as "t1"
	Kind     string `json:"kind"` // directory, file, stdin, git-tree, git-history, git-staged, git-diff
	Name     string `json:"name"`
	Digest   string `json:"digest,omitempty"`   // of the content, where it was computed
	Revision string `json:"revision,omitempty"` // commit, where there is one
}
