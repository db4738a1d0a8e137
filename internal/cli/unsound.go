package cli

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/engines"
	"github.com/assaysec/assay/internal/exception/register"
	"github.com/assaysec/assay/internal/judge"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/policy/regohost"
)

// faults are what is wrong with several files.
type faults []error

func (f faults) Error() string { return errors.Join(f...).Error() }

func (f faults) Unwrap() []error { return f }

// err is an error that says what to do about them.
func (f faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return hint(masked(f), "so this change leaves it: repair it before it is merged, for it would end every gate then, that of the repair included")
}

// broken tells each fault in a sentence, with its place.
func (f faults) broken(target string) (list []policy.Broken) {
	for _, err := range f {
		for _, m := range mistakesOrSaid(err) {
			list = append(list, policy.Broken{Target: target, Problem: m.said})
		}
	}
	return list
}

// faults says what is wrong with the files that judge, as a change leaves them. They decide nothing about the change. But
// once it is merged they would end every gate, that of the change which repairs them included, so that a change which
// breaks them is not done.
func (m *aftermath) faults(f *lookFlags) (list faults) {
	add := func(err error) bool {
		if err != nil {
			list = append(list, err)
		}
		return err == nil
	}
	set := &settings{}
	add(set.merge(nil)) // what holds where nothing is said, should the files say nothing that can be understood
	if said, err := m.settings(f); add(err) {
		set = said
		add(m.rules(set, f))
	}
	_, err := readSigners(set.named(m.own.head), set.config.Exceptions)
	add(err)
	if !f.makesBaseline {
		_, _, err = readBaselines(m.own.head, m.said, f.baseline, false)
		add(err)
	}
	rego, err := m.policies()
	if add(err) {
		add(unsoundExceptions(m.own.head, rego))
	}
	return list
}

// settings reads the configuration.
func (m *aftermath) settings(f *lookFlags) (*settings, error) {
	set, err := m.own.settings(m.said, f.config)
	if err != nil || m.above == nil || f.config != "" {
		return set, err
	}
	top, err := m.above.settings(m.said, "")
	if err == nil {
		set.within(top, m.above.head, m.above.folder)
	}
	return set, err
}

func (s *side) settings(said reader, own string) (*settings, error) {
	set, err := readSettings(s.head, said, own)
	if err == nil {
		err = set.complete(s.head, said, own, s.kept)
	}
	return set, diagnostic.From(s.told(""), err)
}

// rules makes the engines, where they look with other rules than the built-in ones.
func (m *aftermath) rules(set *settings, f *lookFlags) error {
	s := ruleSettings(set.config, set.named(m.own.head), m.said, f)
	if len(s.Rules) == 0 {
		return nil
	}
	entries, err := engines.Find(f.engines)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if _, _, err := entry.New(s); err != nil {
			return ruleError(entry.Name, s.Rules, err)
		}
	}
	return nil
}

// policies compiles the policies in Rego.
func (m *aftermath) policies() (map[string]string, error) {
	all := map[string]string{}
	for _, s := range []*side{m.above, m.own} {
		if s == nil {
			continue
		}
		files, err := regoFiles(s.head)
		if err != nil {
			return nil, err
		}
		for name, text := range files {
			all[s.told(name)] = text
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	_, err := regohost.Compile(all)
	return all, err
}

// unsoundExceptions reads exceptions, and what was recorded of their probes.
func unsoundExceptions(h house, rego map[string]string) error {
	text, err := readIfAny(h, register.File)
	if err != nil || len(text) == 0 {
		return err
	}
	if err := provable(text, rego, time.Time{}); err != nil {
		return err
	}
	if text, err = readIfAny(h, register.ProbesFile); err != nil || text == nil {
		return err
	}
	_, err = register.ReadAnswers(register.ProbesFile, text)
	return err
}

// provable reports whether all checks of exceptions can be asked. A case in which nothing was found asks for nothing else.
func provable(exceptions []byte, rego map[string]string, now time.Time) error {
	_, err := judge.Judge(&judge.Case{
		Stage: policy.PullRequest, Now: now, Rego: rego, Targets: []judge.Target{{Keep: judge.Keep{Exceptions: string(exceptions)}}},
	}, hosts())
	return err
}

// touched reports whether the change alters any file of settings, such as one of a folder beside the target.
func (s *side) touched() bool {
	base, ok := s.base.(*gitHouse)
	if !ok {
		return false
	}
	paths := s.paths
	for p := range base.files {
		if isSettings(p) {
			paths = append(paths, p)
		}
	}
	for _, p := range paths {
		if was, is := readIfThere(base, p), readIfThere(s.head, p); isSettings(p) && ((was == nil) != (is == nil) || !bytes.Equal(was, is)) {
			return true
		}
	}
	return false
}

// ofBase tells whose files an error is about, where they are not those that somebody sees before them.
func (c *change) ofBase(err error) error {
	if err == nil || !c.known || c.judges.IsZero() {
		return masked(err)
	}
	return hint(masked(err), "so it stands in commit %.12s, by which the change is judged. A change that repairs it cannot pass either: %s",
		fmt.Sprint(c.judges), "let somebody who may go past the gate merge it (before a commit: git commit --no-verify)")
}
