package scan

import (
	"context"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/exception/native"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/litscan"
)

// An Engine says what is in one file. It gets bytes, keeps nothing between files, and returns what it has even where a
// part of the file could not be read. Its answer depends only on the file, its rules and its version, so that it can be
// cached and merged. It never opens files, walks, prints or sleeps, and is called from several goroutines at once.
type Engine interface {
	Name() string
	Version() string                          // of the engine; changes whenever the same rules could answer otherwise
	Digests() map[string]string               // of rules and data, by name
	Wants(f *FileInfo) bool                   // is this file yours?
	Look(ctx context.Context, f *File) Result // what is in it?
}

// A Literalist is an engine whose rules need literals. scan searches those of all engines in one pass over the bytes and
// hands the hits over with the file.
type Literalist interface{ Literals() []litscan.Literal }

// A Joiner is an engine that also needs what all engines learnt about the whole target. Facts come sorted.
type Joiner interface {
	Join(ctx context.Context, facts []Fact) Result
}

// A Hider is an engine that takes what must not be shown out of short texts of a target: paths, names of authors. The
// answer depends on the text and the engine's rules alone.
type Hider interface{ Hide(text string) string }

// A Lister is an engine that names its rules: a fault of another rule may be there all the same.
type Lister interface {
	Rules() []string // their IDs, as findings have them
	Names() []string // those, and all other names that findings of them may have
}

// A Historian is an engine that can look at the versions of a file one after another, from what it learnt of the version
// that each was made from, so that what was copied is not looked at again.
type Historian interface {
	Engine
	// Kind names the kind of a path: files under paths of one kind are looked at alike.
	Kind(path string) string
	// Trace looks at one version. base is the state it returned for the version that this one was made from, nil if there
	// is none; copies say what is taken from there. The answer is the same as without base.
	Trace(ctx context.Context, f *File, base any, copies []Copy) Traced
	// Retell makes findings of all sightings in one file, once its text is at hand again.
	Retell(f *File, seen []Sighting) []finding.Finding
}

// A Copy says that Text[To:To+Len] stands in the base's text from From on. Copies come in order of To.
type Copy struct{ From, To, Len int }

// Traced is what a Historian says of one version of a file.
type Traced struct {
	State  any // for the versions made from this one
	Seen   []Sighting
	Capped map[string]int // as in Result
}

// A Sighting is a fault that a Historian saw in one version of a file.
type Sighting struct {
	Key    [16]byte // equal for the same fault in all versions and files of one run; means nothing outside of it
	Detail any      // the engine's own
}

// A FileInfo is what is known of a file before its text is looked at.
type FileInfo struct {
	Path    string // slash-separated, relative to the target; archive members as "a.zip!/member"
	Archive string // the beginning of Path that names the archive which holds the file: engines are asked about that itself
	Size    int64
	Class   coverage.Class // of a link, the text is what it points to
	Head    []byte         // its first bytes, at most 512
}

// A File is one file in memory, shared read-only by all engines.
type File struct {
	FileInfo
	Text []byte // UTF-8; UTF-16 has been decoded

	// Hits are the places of the asking engine's literals, in order of position; Lit counts in the engine's own list.
	Hits []litscan.Hit

	// Search finds the asking engine's literals in a text that the engine has made from this file, as in Hits. It is nil
	// where nobody has searched before.
	Search func(dst []litscan.Hit, text []byte) []litscan.Hit
}

// A Result is what an engine says about one file, or about a whole target when it joins.
type Result struct {
	Findings  []finding.Finding `json:"findings,omitempty"`
	Facts     []Fact            `json:"facts,omitempty"`
	Unchecked []string          `json:"unchecked,omitempty"` // reasons why a part of the file was not looked at
	Capped    map[string]int    `json:"capped,omitempty"`    // by rule: how many findings were kept of more
}

// A Fact is something an engine learnt that is no finding: a package, an import, a resource, a suppression mark.
type Fact struct {
	Kind  string        `json:"kind"` // package, import, resource, reference, mark
	Place finding.Place `json:"place"`
	Name  string        `json:"name"`            // package URL, import path, resource address, the mark's text
	Value string        `json:"value,omitempty"` // version, or what the kind documents
	Mark  *native.Found `json:"mark,omitempty"`  // of a suppression mark
}
