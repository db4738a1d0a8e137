package receipt

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/risk"
)

// maxLines is how many lines of policies a receipt may have: each is asked for each finding.
const maxLines = 10_000

// digestLengths are the digests that a subject may have, by the names that in-toto gives them
// (https://github.com/in-toto/attestation/blob/main/spec/v1/digest_set.md), and how many digits of lower-case hex they have.
var digestLengths = map[string][]int{"gitCommit": {40, 64}, "gitTree": {40, 64}, "sha256": {64}, "sha384": {96}, "sha512": {128}}

// Valid says what is wrong with a subject. A statement about nothing in particular could be held beside anything.
func (s *Subject) Valid() error {
	if len(s.Digest) == 0 {
		return errors.New("it has no digest")
	}
	for name, value := range s.Digest {
		lengths := digestLengths[name]
		if lengths == nil {
			return fmt.Errorf("a digest called %.40q is not known: there is gitCommit, gitTree, sha256, sha384, sha512", name)
		}
		if !slices.Contains(lengths, len(value)) || strings.Trim(value, "0123456789abcdef") != "" {
			return fmt.Errorf("%.140q is no %s digest in lower-case hex", value, name)
		}
	}
	return nil
}

// check refuses what no receipt says. A word that nobody understands must not be taken for a harmless one.
func (s *Statement) check() error {
	if len(s.Subject) == 0 {
		return errors.New("subject: a statement needs one")
	}
	for i := range s.Subject {
		if err := s.Subject[i].Valid(); err != nil {
			return fmt.Errorf("subject[%d]: %w", i, err)
		}
	}
	return s.Predicate.Inputs.check()
}

func (in *Inputs) check() error {
	if !policy.IsStage(in.Stage) {
		return fmt.Errorf("stage %.40q is not known", in.Stage)
	}
	if in.Now.IsZero() {
		return errors.New("now: there is no time of the verdict")
	}
	lines := 0
	for i := range in.Policy {
		lines += len(in.Policy[i].Deny) + len(in.Policy[i].Warn) + len(in.Policy[i].Require)
	}
	if lines > maxLines {
		return fmt.Errorf("policy: %d lines, more than %d", lines, maxLines)
	}
	for i := range in.Findings {
		f := &in.Findings[i]
		if f.Rule == "" || f.Fingerprint == "" {
			return fmt.Errorf("findings[%d]: it names no rule, or has no fingerprint", i)
		}
		if !slices.Contains([]risk.Status{risk.Open, risk.Suppressed, risk.Excepted, risk.Baseline}, f.Status) {
			return fmt.Errorf("findings[%d].status: %.40q is not known", i, f.Status)
		}
		if !slices.Contains([]risk.Novelty{risk.NewYes, risk.NewNo, risk.NewUnknown}, f.New) {
			return fmt.Errorf("findings[%d].new: %.40q is not known", i, f.New)
		}
	}
	for i := range in.Coverage {
		known := []coverage.Status{coverage.Done, coverage.Partial, coverage.Stale, coverage.NotRun, coverage.Error}
		if !slices.Contains(known, in.Coverage[i].Status) {
			return fmt.Errorf("coverage[%d].status: %.40q is not known", i, in.Coverage[i].Status)
		}
	}
	return nil
}
