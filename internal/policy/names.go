package policy

import (
	"slices"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/risk"
)

// A Type is the type of a name in an expression.
type Type uint8

// The types. A Level is one of LevelWords, written without quotes; levels compare by how bad they are.
const (
	Bool Type = iota
	Int
	String
	Strings
	Level
	Time
	Duration
	Records // the coverage records
)

// LevelWords are the levels, mildest first; the value of a level is its place here, from 1. Severity, confidence, risk
// and tier share them, so that each can be compared with a word.
var LevelWords = []string{"info", "low", "medium", "high", "critical"}

func rank(word string) int { return slices.Index(LevelWords, word) + 1 }

// A Name is a name that expressions may use. Its value may be unknown: get says so.
type Name struct {
	Name  string
	Type  Type
	Doc   string
	Words []string // the values that it may have, where they are few; of a Level, where they are not all of LevelWords

	get func(a *asked) (value any, known bool)
}

// asked is all that a line can be asked about: one risk, in its service, at a stage and a time, or the run.
type asked struct {
	risk    *risk.Risk
	service *profile.Service
	stage   string
	now     time.Time
	counts  *Counts
}

func always[T any](get func(a *asked) T) func(*asked) (any, bool) {
	return func(a *asked) (any, bool) { return get(a), true }
}

func level(word string) (any, bool) { return rank(word), rank(word) > 0 }

// date gives a date that is unknown where it is zero.
func date(t time.Time) (any, bool) { return t, !t.IsZero() }

// texts gives a list that is never nil, for a host that tells the two apart.
func texts(list []string) []string { return append([]string{}, list...) }

// FindingNames are the names for lines that are asked for each finding. They are those of the JSON report.
var FindingNames = []Name{
	{Name: "new", Type: Bool, Doc: "the change brought it in; unknown without base and baseline",
		get: func(a *asked) (any, bool) {
			return a.risk.New == risk.NewYes, a.risk.New == risk.NewYes || a.risk.New == risk.NewNo
		}},
	{Name: "risk", Type: Level, Doc: "level of the risk", get: func(a *asked) (any, bool) { return level(a.risk.Level.Level.String()) }},
	{Name: "risk.level", Type: Level, Doc: "the same as risk", get: func(a *asked) (any, bool) { return level(a.risk.Level.Level.String()) }},
	{Name: "risk.score", Type: Int, Doc: "score of the risk, 0 to 100", get: always(func(a *asked) int { return a.risk.Level.Score })},
	{Name: "risk.reasons", Type: Strings, Doc: "why the risk has this level", get: always(func(a *asked) []string { return texts(a.risk.Level.Reasons) })},
	{Name: "severity", Type: Level, Doc: "severity that the rule gives", get: func(a *asked) (any, bool) { return level(a.risk.Severity.String()) }},
	{Name: "confidence", Type: Level, Doc: "how sure the rule is", Words: []string{"low", "medium", "high"}, get: func(a *asked) (any, bool) { return level(a.risk.Confidence.String()) }},
	{Name: "rule", Type: String, Doc: "ID of the rule, such as \"secret/aws-access-key\"", get: always(func(a *asked) string { return a.risk.Rule })},
	{Name: "aliases", Type: Strings, Doc: "what others call the rule, such as \"CWE-798\"", get: always(func(a *asked) []string { return texts(a.risk.Aliases) })},
	{Name: "engine", Type: String, Doc: "name of the engine", get: always(func(a *asked) string { return a.risk.Engine })},
	{Name: "title", Type: String, Doc: "title of the finding", get: always(func(a *asked) string { return a.risk.Title })},
	{Name: "message", Type: String, Doc: "the fact, in one sentence", get: always(func(a *asked) string { return a.risk.Message })},
	{Name: "fingerprint", Type: String, Doc: "the finding's fingerprint", get: always(func(a *asked) string { return a.risk.Fingerprint })},
	{Name: "path", Type: String, Doc: "the same as location.path", get: always(func(a *asked) string { return a.risk.Place.Path })},
	{Name: "location.path", Type: String, Doc: "path from the root of the target; empty outside files", get: always(func(a *asked) string { return a.risk.Place.Path })},
	{Name: "location.kind", Type: String, Doc: "kind of place", Words: []string{"file", "commit", "package", "path"}, get: always(func(a *asked) string { return string(a.risk.Place.Kind) })},
	{Name: "location.start.line", Type: Int, Doc: "first line, from 1; 0 where there is none", get: always(func(a *asked) int { return a.risk.Place.Start.Line })},
	{Name: "location.package", Type: String, Doc: "package URL; empty outside packages", get: always(func(a *asked) string { return a.risk.Place.Package })},
	{Name: "location.layer", Type: String, Doc: "digest of the image layer; empty outside images", get: always(func(a *asked) string { return a.risk.Place.Layer })},
	{Name: "location.commit.inHead", Type: Bool, Doc: "false where the fault is only in the history",
		get: always(func(a *asked) bool { return a.risk.Place.Commit == nil || a.risk.Place.Commit.InHead })},
	{Name: "service", Type: String, Doc: "name of the service that the finding belongs to", get: always(func(a *asked) string { return a.risk.Service })},
	{Name: "service.tier", Type: Level, Doc: "tier of the service; unknown where nobody said", Words: profile.Words(profile.Tiers), get: func(a *asked) (any, bool) { return level(string(a.service.Tier)) }},
	{Name: "service.exposure", Type: String, Doc: "exposure of the service; unknown where nobody said", Words: profile.Words(profile.Exposures),
		get: func(a *asked) (any, bool) {
			return string(a.service.Exposure), a.service.Exposure != profile.ExposureUnknown
		}},
	{Name: "service.data", Type: Strings, Doc: "classes of data of the service; unknown where nobody said", Words: profile.Words(profile.DataClasses),
		get: func(a *asked) (any, bool) { return profile.Words(a.service.Data), len(a.service.Data) > 0 }},
	{Name: "service.owner", Type: String, Doc: "owner of the service; empty where nobody said", get: always(func(a *asked) string { return a.service.Owner })},
	{Name: "verification", Type: String, Doc: "what the provider said about a credential; empty where nobody asked", Words: []string{"live", "dead", "unknown", ""},
		get: always(func(a *asked) string { return string(a.risk.Verification) })},
	{Name: "status", Type: String, Doc: "what holds the finding back, if anything", Words: []string{"open", "suppressed", "excepted", "baseline"},
		get: always(func(a *asked) string { return string(a.risk.Status) })},
	{Name: "owner", Type: String, Doc: "owners of the file, joined by a space; empty where nobody said", get: always(func(a *asked) string { return a.risk.Owner })},
	{Name: "firstSeen", Type: Time, Doc: "when the fault was first seen; may be unknown", get: func(a *asked) (any, bool) { return date(a.risk.FirstSeen) }},
	{Name: "age", Type: Duration, Doc: "time since firstSeen; may be unknown",
		get: func(a *asked) (any, bool) { return a.now.Sub(a.risk.FirstSeen), !a.risk.FirstSeen.IsZero() }},
	{Name: "due", Type: Time, Doc: "when it should be gone; may be unknown", get: func(a *asked) (any, bool) { return date(a.risk.Due) }},
	{Name: "overdue", Type: Bool, Doc: "due has passed; may be unknown", get: func(a *asked) (any, bool) { return a.risk.Overdue(a.now) }},
	nowName, stageName,
}

// RunNames are the names for lines that are asked once for the run. What nobody counted is unknown.
var RunNames = []Name{
	{Name: "coverage", Type: Records, Doc: "what each engine did on each target"},
	{Name: "suppressions.count", Type: Int, Doc: "suppressions by marks and files of tools; unknown where nobody counted",
		get: suppressions(func(c *SuppressionCounts) int { return c.Count })},
	{Name: "suppressions.unused", Type: Int, Doc: "those that hide nothing today", get: suppressions(func(c *SuppressionCounts) int { return c.Unused })},
	{Name: "suppressions.expired", Type: Int, Doc: "those whose last day is past", get: suppressions(func(c *SuppressionCounts) int { return c.Expired })},
	{Name: "suppressions.without_reason", Type: Int, Doc: "those without a reason", get: suppressions(func(c *SuppressionCounts) int { return c.WithoutReason })},
	{Name: "suppressions.without_expiry", Type: Int, Doc: "those without a last day", get: suppressions(func(c *SuppressionCounts) int { return c.WithoutExpiry })},
	{Name: "suppressions.cannot_tell", Type: Int, Doc: "those of which nobody knows whether they hide anything",
		get: suppressions(func(c *SuppressionCounts) int { return c.CannotTell })},
	{Name: "exceptions.count", Type: Int, Doc: "exceptions; unknown where nobody counted", get: exceptions(func(c *ExceptionCounts) int { return c.Count })},
	{Name: "exceptions.expiring", Type: Int, Doc: "those that end within " + itoa(ExpiringDays) + " days", get: exceptions(func(c *ExceptionCounts) int { return c.Expiring })},
	{Name: "exceptions.void", Type: Int, Doc: "those that are void", get: exceptions(func(c *ExceptionCounts) int { return c.Void })},
	{Name: "exceptions.expired", Type: Int, Doc: "those whose last day is past", get: exceptions(func(c *ExceptionCounts) int { return c.Expired })},
	nowName, stageName,
}

var (
	nowName = Name{Name: "now", Type: Time, Doc: "time of the run", get: always(func(a *asked) time.Time { return a.now })}

	stageName = Name{Name: "stage", Type: String, Doc: "stage of the gate", Words: Stages, get: always(func(a *asked) string { return a.stage })}
)

// CoverageField is a field of a coverage record, as in "coverage.all(c, c.status == 'done')".
type CoverageField struct {
	Name  string
	Type  Type
	Doc   string
	Words []string

	get func(*coverage.Record) any
}

// CoverageFields are the fields of a coverage record.
var CoverageFields = []CoverageField{
	{Name: "target", Type: String, Doc: "ID of the target", get: func(r *coverage.Record) any { return r.Target }},
	{Name: "engine", Type: String, Doc: "name of the engine", get: func(r *coverage.Record) any { return r.Engine }},
	{Name: "status", Type: String, Doc: "how much was done", Words: []string{"done", "partial", "stale", "not run", "error"}, get: func(r *coverage.Record) any { return string(r.Status) }},
	{Name: "reason", Type: String, Doc: "why the status is not done", get: func(r *coverage.Record) any { return r.Reason }},
	{Name: "files", Type: Int, Doc: "files that were looked at", get: func(r *coverage.Record) any { return r.Files }},
	{Name: "bytes", Type: Int, Doc: "bytes that were looked at", get: func(r *coverage.Record) any { return r.Bytes }},
	{Name: "unchecked", Type: Int, Doc: "number of files that could not be checked", get: func(r *coverage.Record) any { return len(r.Unchecked) }},
	{Name: "capped", Type: Int, Doc: "number of files with more findings of a rule than are reported", get: func(r *coverage.Record) any { return len(r.Capped) }},
}

// RecordFields gives the fields of a coverage record by their names.
func RecordFields(r *coverage.Record) map[string]any {
	m := make(map[string]any, len(CoverageFields))
	for _, f := range CoverageFields {
		m[f.Name] = f.get(r)
	}
	return m
}

var byName, byRunName = index(FindingNames), index(RunNames)

func index(names []Name) map[string]*Name {
	m := make(map[string]*Name, len(names))
	for i := range names {
		m[names[i].Name] = &names[i]
	}
	return m
}

// show prints a value for a ruling.
func (n *Name) show(value any, known bool) string {
	if !known {
		return "unknown"
	}
	switch v := value.(type) {
	case int:
		if n.Type == Level {
			return LevelWords[v-1]
		}
		return itoa(v)
	case string:
		return v
	case bool:
		if v {
			return "true"
		}
		return "false"
	case []string:
		return strings.Join(v, ", ")
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	case time.Duration:
		return days(v)
	}
	return ""
}

// heldBack reports whether a line is not asked about a risk: something holds the risk back, and the line does not
// reach behind that. A line that reads status always does. One that reads a date reaches behind the baseline, because
// the baseline keeps a fault from being news, not from being late.
func heldBack(r *risk.Risk, reads []string) bool {
	if r.Status == risk.Open || slices.Contains(reads, "status") {
		return false
	}
	dated := slices.ContainsFunc(reads, func(n string) bool {
		return n == "overdue" || n == "due" || n == "age" || n == "firstSeen"
	})
	return r.Status != risk.Baseline || !dated
}
