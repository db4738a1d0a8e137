package risk

import (
	"fmt"
	"iter"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/profile"
)

// The score at which each level begins.
const (
	fromCritical = 85
	fromHigh     = 65
	fromMedium   = 45
	fromLow      = 25
)

// A live credential is a high risk at least, wherever it lies: whoever reads it does not need the service around it.
const liveFloor = fromHigh

// maxFactors bounds what all factors of an engine may add or take away together.
const maxFactors = 30

// Factored is implemented by the Properties of a finding whose engine knows more that makes a risk worse or milder.
// Each factor is a reason in words and its points, negative where it makes the risk milder. A factor that is unknown
// must be worth as much as its worst value.
type Factored interface {
	RiskFactors() iter.Seq2[string, int]
}

// Assess weighs a finding in the context of its service. It starts at the points of the severity and takes away for
// each thing that is known to make the fault matter less; only a live credential adds.
func Assess(f *finding.Finding, s *profile.Service) Assessment {
	sum := &tally{}
	sum.add(severityPoints(f.Severity), "severity", known(f.Severity, finding.SeverityUnknown), "medium")
	sum.add(confidencePoints(f.Confidence), "confidence", known(f.Confidence, finding.ConfidenceUnknown), "high")
	sum.add(exposurePoints(s.Exposure), "exposure", string(s.Exposure), string(profile.Internet))
	sum.add(tierPoints(s.Tier), "tier", string(s.Tier), string(profile.TierCritical))
	data, points := worstData(s.Data)
	sum.add(points, "data", string(data), string(profile.CardholderData))
	sum.place(ClassOf(f.Place.Path))
	sum.history(f)
	sum.factors(f.Properties)
	sum.verification(f.Verification)
	score := min(max(sum.points, 0), 100)
	return Assessment{Level: levelOf(score), Score: score, Reasons: sum.reasons}
}

func levelOf(score int) finding.Severity {
	switch {
	case score >= fromCritical:
		return finding.Critical
	case score >= fromHigh:
		return finding.High
	case score >= fromMedium:
		return finding.Medium
	case score >= fromLow:
		return finding.Low
	}
	return finding.Info
}

func known[T interface {
	comparable
	fmt.Stringer
}](v, unknown T) string {
	if v == unknown {
		return ""
	}
	return v.String()
}

type tally struct {
	points  int
	reasons []string
}

func (t *tally) say(points int, reason string) {
	t.points += points
	if points != 0 {
		reason = fmt.Sprintf("%s (%+d)", reason, points)
	}
	t.reasons = append(t.reasons, reason)
}

func (t *tally) add(points int, what, word, worst string) {
	if word == "" {
		t.say(points, what+" is unknown and weighs as "+worst)
		return
	}
	t.say(points, what+" is "+word)
}

func severityPoints(s finding.Severity) int {
	switch s {
	case finding.Info:
		return 10
	case finding.Low:
		return 30
	case finding.High:
		return 70
	case finding.Critical:
		return 90
	}
	return 50 // medium, and unknown
}

func confidencePoints(c finding.Confidence) int {
	switch c {
	case finding.LowConfidence:
		return -35
	case finding.MediumConfidence:
		return -15
	}
	return 0
}

func exposurePoints(e profile.Exposure) int {
	switch e {
	case profile.Isolated:
		return -16
	case profile.Internal:
		return -8
	}
	return 0
}

func tierPoints(t profile.Tier) int {
	switch t {
	case profile.TierLow:
		return -14
	case profile.TierMedium:
		return -8
	case profile.TierHigh:
		return -4
	}
	return 0
}

func dataPoints(d profile.Data) int {
	switch d {
	case profile.PublicData:
		return -8
	case profile.InternalData:
		return -5
	case profile.PersonalData, profile.FinancialData:
		return -2
	}
	return 0
}

// worstData gives the class that weighs most; none at all is unknown, not harmless.
func worstData(classes []profile.Data) (profile.Data, int) {
	if len(classes) == 0 {
		return "", 0
	}
	worst := classes[0]
	for _, d := range classes[1:] {
		if dataPoints(d) > dataPoints(worst) {
			worst = d
		}
	}
	return worst, dataPoints(worst)
}

func classPoints(c Class) int {
	switch c {
	case InTest, InExample:
		return -15
	case InVendored:
		return -5
	}
	return 0
}

func (t *tally) place(c Class) {
	if points := classPoints(c); points != 0 {
		t.say(points, "it lies in "+string(c))
	}
}

// historyPoints: what is gone from HEAD is not deployed any more. A secret is an exception, because whoever has the
// repository still has it.
func historyPoints(engine string) int {
	if engine == "secret" {
		return -5
	}
	return -20
}

func (t *tally) history(f *finding.Finding) {
	if f.Place.Commit != nil && !f.Place.Commit.InHead {
		t.say(historyPoints(f.Engine()), "it is only in the history, not in HEAD")
	}
}

func (t *tally) factors(properties any) {
	p, ok := properties.(Factored)
	if !ok {
		return
	}
	left := maxFactors
	for reason, points := range p.RiskFactors() {
		points = min(max(points, -left), left)
		left -= max(points, -points)
		t.say(points, reason)
	}
}

const (
	livePoints = 20
	deadPoints = -50
)

func (t *tally) verification(v finding.Verification) {
	switch v {
	case finding.Live:
		t.say(max(livePoints, liveFloor-t.points), "the provider accepts the credential: it is live")
	case finding.Dead:
		t.say(deadPoints, "the provider refuses the credential: it is dead")
	}
}
