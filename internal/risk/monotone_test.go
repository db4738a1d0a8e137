package risk

import (
	"iter"
	"testing"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/profile"
)

// An input is one thing that a risk depends on: its values, and which of them is worse than which.
type input struct {
	name   string
	values []string
	worse  [][2]int // pairs of the better and the worse value
	set    func(f *finding.Finding, s *profile.Service, value int)
}

// chain says that each value is worse than the one before.
func chain(n int) [][2]int {
	var pairs [][2]int
	for i := 1; i < n; i++ {
		pairs = append(pairs, [2]int{i - 1, i})
	}
	return pairs
}

type factors []int

func (list factors) RiskFactors() iter.Seq2[string, int] {
	return func(yield func(string, int) bool) {
		for _, points := range list {
			if !yield("factor", points) {
				return
			}
		}
	}
}

var inputs = []input{
	{"severity", []string{"info", "low", "medium", "unknown", "high", "critical"}, chain(6),
		func(f *finding.Finding, _ *profile.Service, i int) {
			f.Severity = []finding.Severity{finding.Info, finding.Low, finding.Medium, finding.SeverityUnknown, finding.High, finding.Critical}[i]
		}},
	{"confidence", []string{"low", "medium", "high", "unknown"}, chain(4),
		func(f *finding.Finding, _ *profile.Service, i int) {
			f.Confidence = []finding.Confidence{finding.LowConfidence, finding.MediumConfidence, finding.HighConfidence, finding.ConfidenceUnknown}[i]
		}},
	{"exposure", []string{"isolated", "internal", "internet", "unknown"}, chain(4),
		func(_ *finding.Finding, s *profile.Service, i int) {
			s.Exposure = append(profile.Exposures[:3:3], profile.ExposureUnknown)[i]
		}},
	{"tier", []string{"low", "medium", "high", "critical", "unknown"}, chain(5),
		func(_ *finding.Finding, s *profile.Service, i int) {
			s.Tier = append(profile.Tiers[:4:4], profile.TierUnknown)[i]
		}},
	{"data", []string{"public", "internal", "personal", "cardholder", "unknown"}, chain(5),
		func(_ *finding.Finding, s *profile.Service, i int) {
			s.Data = [][]profile.Data{
				{profile.PublicData}, {profile.InternalData}, {profile.PersonalData},
				{profile.CardholderData}, nil,
			}[i]
		}},
	{"verification", []string{"dead", "unknown", "not asked", "live"}, chain(4),
		func(f *finding.Finding, _ *profile.Service, i int) {
			f.Verification = []finding.Verification{finding.Dead, finding.Unknown, "", finding.Live}[i]
		}},
	{"place", []string{"test", "example", "vendored", "product"}, chain(4),
		func(f *finding.Finding, _ *profile.Service, i int) {
			f.Place.Path = []string{"a/testdata/x", "examples/x", "vendor/x", "a/x"}[i]
		}},
	{"history", []string{"only in history", "in HEAD"}, chain(2),
		func(f *finding.Finding, _ *profile.Service, i int) {
			f.Place.Commit = []*finding.Commit{{ID: "c"}, {ID: "c", InHead: true}}[i]
		}},
	{"engine", []string{"other", "secret"}, nil,
		func(f *finding.Finding, _ *profile.Service, i int) { f.Rule = []string{"code/x", "secret/x"}[i] }},
	{"factors", []string{"milder", "mixed", "none", "worse"}, chain(4),
		func(f *finding.Finding, _ *profile.Service, i int) {
			f.Properties = []any{factors{-20, -20}, factors{10, -20}, nil, factors{-5, 100, 100}}[i]
		}},
}

// Making one input worse never lowers the level or the score, whatever the others are: every combination is tried.
func TestMonotone(t *testing.T) {
	total := 1
	for _, in := range inputs {
		total *= len(in.values)
	}
	results := make([]Assessment, total)
	for n := range results {
		results[n] = assessNumber(n)
		results[n].Reasons = nil
	}
	compared := 0
	step := 1
	for _, in := range inputs {
		for n := range results {
			value := n / step % len(in.values)
			for _, pair := range in.worse {
				if pair[0] != value {
					continue
				}
				compared++
				better, worse := results[n], results[n+(pair[1]-pair[0])*step]
				if worse.Score < better.Score || worse.Level < better.Level {
					t.Fatalf("%s %q gives %d (%v), worse %q gives %d (%v), with the other inputs of number %d",
						in.name, in.values[pair[0]], better.Score, better.Level, in.values[pair[1]], worse.Score, worse.Level, n)
				}
			}
		}
		step *= len(in.values)
	}
	t.Logf("%d combinations, %d comparisons", total, compared)
}

func assessNumber(n int) Assessment {
	f, s := finding.Finding{}, profile.Service{}
	for _, in := range inputs {
		in.set(&f, &s, n%len(in.values))
		n /= len(in.values)
	}
	return Assess(&f, &s)
}
