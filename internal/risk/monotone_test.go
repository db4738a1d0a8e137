package risk

import (
	"iter"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

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
	{"data", append(profile.Words(profile.DataClasses), "unknown"), chain(len(profile.DataClasses) + 1),
		func(_ *finding.Finding, s *profile.Service, i int) {
			s.Data = nil
			if i < len(profile.DataClasses) {
				s.Data = profile.DataClasses[i : i+1]
			}
		}},
	{"verification", []string{"dead", "unknown", "not asked", "live"}, chain(4),
		func(f *finding.Finding, _ *profile.Service, i int) {
			f.Verification = []finding.Verification{finding.Dead, finding.Unknown, "", finding.Live}[i]
		}},
	{"place", []string{"test", "example", "vendored", "product"}, chain(4),
		func(f *finding.Finding, _ *profile.Service, i int) {
			f.Place.Path = []string{"a/testdata/x", "examples/x", "vendor/x", "a/x"}[i]
		}},
	{"history", []string{"only in history", "only in history, a secret", "in HEAD", "no commit"}, [][2]int{{0, 2}, {1, 2}, {2, 3}},
		func(f *finding.Finding, _ *profile.Service, i int) {
			f.Rule = []string{"code/x", "secret/x", "secret/x", "secret/x"}[i]
			f.Place.Commit = []*finding.Commit{{ID: "c"}, {ID: "c"}, {ID: "c", InHead: true}, nil}[i]
		}},
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
	scores := make([]int8, total)
	for n := range scores {
		a := assessNumber(n)
		if a.Level != levelOf(a.Score) {
			t.Fatalf("score %d has level %v", a.Score, a.Level)
		}
		scores[n] = int8(a.Score)
	}
	compared := 0
	step := 1
	for _, in := range inputs {
		for n := range scores {
			value := n / step % len(in.values)
			for _, pair := range in.worse {
				if pair[0] != value {
					continue
				}
				compared++
				if better, worse := scores[n], scores[n+(pair[1]-pair[0])*step]; worse < better {
					t.Fatalf("%s %q gives %d, worse %q gives %d, with the other inputs of number %d",
						in.name, in.values[pair[0]], better, in.values[pair[1]], worse, n)
				}
			}
		}
		step *= len(in.values)
	}
	t.Logf("%d combinations, %d comparisons", total, compared)
}

// A higher score is never a lower level.
func TestLevelsFollowTheScore(t *testing.T) {
	for score := 1; score <= 100; score++ {
		if levelOf(score) < levelOf(score-1) {
			t.Errorf("%d is %v, %d is %v", score-1, levelOf(score-1), score, levelOf(score))
		}
	}
}

func assessNumber(n int) Assessment {
	f, s := finding.Finding{}, profile.Service{}
	for _, in := range inputs {
		in.set(&f, &s, n%len(in.values))
		n /= len(in.values)
	}
	return Assess(&f, &s)
}

// A service that holds one more class of data is never a lower risk.
func TestMoreDataIsNotMilder(t *testing.T) {
	score := func(set int) int {
		s := profile.Service{}
		for i, d := range profile.DataClasses {
			if set>>i&1 == 1 {
				s.Data = append(s.Data, d)
			}
		}
		return Assess(&finding.Finding{}, &s).Score
	}
	for set := 1; set < 1<<len(profile.DataClasses); set++ { // none is unknown, and unknown is the worst
		if score(set) > score(0) {
			t.Errorf("set %b is worse than unknown", set)
		}
		for i := range profile.DataClasses {
			if score(set|1<<i) < score(set) {
				t.Errorf("%v makes set %b milder", profile.DataClasses[i], set)
			}
		}
	}
}

// One factor that is worse never makes the sum milder, whatever the others, and together they keep their limit.
func TestFactorsAreMonotone(t *testing.T) {
	points := []int{-100, -30, -29, -10, -1, 0, 1, 7, 30, 31, 100}
	sum := func(list ...int) int {
		t := &tally{}
		t.factors(factors(list))
		return t.points
	}
	for _, a := range points {
		for _, b := range points {
			for _, c := range points {
				base := sum(a, b, c)
				if base > maxFactors || base < -maxFactors {
					t.Fatalf("%d %d %d: %d points", a, b, c, base)
				}
				for _, w := range points {
					if w > a && sum(w, b, c) < base || w > b && sum(a, w, c) < base || w > c && sum(a, b, w) < base {
						t.Fatalf("%d %d %d: one of them at %d is milder than %d", a, b, c, w, base)
					}
				}
			}
		}
	}
}

// What the assessment reads is what the test above varies: changing any other field changes nothing.
func TestInputsAreAll(t *testing.T) {
	read := map[string]bool{}
	visit := func(root string, of func(*finding.Finding, *profile.Service) any) {
		for i := range reflect.TypeOf(of(&finding.Finding{}, &profile.Service{})).Elem().NumField() {
			f := finding.Finding{Rule: "secret/x", Place: finding.Place{Commit: &finding.Commit{}}}
			s := profile.Service{}
			before := Assess(&f, &s)
			v := reflect.ValueOf(of(&f, &s)).Elem()
			name := v.Type().Field(i).Name
			for _, value := range samples(v.Field(i)) {
				old := reflect.ValueOf(v.Field(i).Interface())
				v.Field(i).Set(value)
				if !reflect.DeepEqual(Assess(&f, &s), before) {
					read[root+name] = true
				}
				if old.IsValid() {
					v.Field(i).Set(old)
				}
			}
		}
	}
	visit("finding.", func(f *finding.Finding, _ *profile.Service) any { return f })
	visit("place.", func(f *finding.Finding, _ *profile.Service) any { return &f.Place })
	visit("commit.", func(f *finding.Finding, _ *profile.Service) any { return f.Place.Commit })
	visit("service.", func(_ *finding.Finding, s *profile.Service) any { return s })
	var got []string
	for name := range read {
		got = append(got, name)
	}
	slices.Sort(got)
	want := []string{
		"commit.InHead", "finding.Confidence", "finding.Place", "finding.Properties", "finding.Rule", "finding.Severity",
		"finding.Verification", "place.Commit", "place.Path", "service.Data", "service.Exposure", "service.Tier",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields that count (-want +got): vary them in inputs\n%s", diff)
	}
}

// samples are values that may be told from the zero value of a field.
func samples(v reflect.Value) []reflect.Value {
	var list []any
	switch v.Kind() {
	case reflect.String:
		for _, word := range []string{"x/testdata/x", "low", "internal", "live", "commit"} {
			list = append(list, reflect.ValueOf(word).Convert(v.Type()).Interface())
		}
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[[]profile.Data]() {
			return []reflect.Value{reflect.ValueOf([]profile.Data{profile.PublicData})}
		}
		return []reflect.Value{reflect.MakeSlice(v.Type(), 1, 1)}
	case reflect.Pointer:
		return []reflect.Value{reflect.Zero(v.Type()), reflect.New(v.Type().Elem())}
	case reflect.Interface:
		return []reflect.Value{reflect.ValueOf(factors{-5})}
	case reflect.Bool:
		list = append(list, true)
	case reflect.Uint8:
		list = append(list, reflect.ValueOf(1).Convert(v.Type()).Interface())
	case reflect.Struct:
		return []reflect.Value{reflect.Zero(v.Type())}
	}
	var values []reflect.Value
	for _, x := range list {
		values = append(values, reflect.ValueOf(x))
	}
	return values
}
