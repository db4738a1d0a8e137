package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"strings"
)

// An identity is what a finding in a history is compared by: the same secret of one rule is one fault, in whatever
// commits it stands.
type identity struct{ rule, secret string }

// A matching compares the findings of one history. Secrets are in its memory only.
type matching struct {
	bench  *bench
	repo   string
	blobs  *blobs
	cutter cutter

	paths   map[identity]map[string]bool // ours, by what they are compared by
	decoded map[key]bool                 // ours that stand encoded, by rule and path
	first   map[identity]*ours
	out     comparison
}

func (b *bench) compareHistory(ctx context.Context, t tree, repo, theirsFile, oursFile string) (err error) {
	theirs, err := readTheirs(theirsFile, "")
	if err != nil {
		return err
	}
	doc, err := readOurs(oursFile)
	if err != nil {
		return err
	}
	m := &matching{bench: b, repo: repo, paths: map[identity]map[string]bool{}, decoded: map[key]bool{}, first: map[identity]*ours{}}
	if m.cutter, err = readCutter(b.rules); err != nil {
		return err
	}
	if m.blobs, err = openBlobs(ctx, repo); err != nil {
		return err
	}
	defer m.blobs.close()
	m.out = comparison{title: t.name, theirs: len(theirs), ours: len(doc.Findings), coverage: coverageOf(doc), unchecked: uncheckedOf(doc)}
	if err := m.takeOurs(doc.Findings); err != nil {
		return err
	}
	told, err := m.findLost(theirs)
	if err != nil {
		return err
	}
	if err := m.findMore(ctx, told); err != nil {
		return err
	}
	b.section(m.out.markdown("by rule, secret and path; assay tells each secret once, with all its paths, so its count is smaller"))
	return nil
}

// takeOurs cuts the secret of each finding out of the version that it is placed in.
func (m *matching) takeOurs(list []ours) error {
	for i := range list {
		f := &list[i]
		if len(f.Properties.Encodings) > 0 {
			for _, s := range f.spots() {
				m.decoded[key{rule: f.rule(), path: s.Path}] = true
			}
			continue
		}
		secret, ok, err := m.secretOf(f)
		if err != nil {
			return err
		}
		if !ok {
			m.out.notes = append(m.out.notes, difference{where(f), "assay's place could not be read again"})
			continue
		}
		id := identity{f.rule(), secret}
		if m.paths[id] == nil {
			m.paths[id] = map[string]bool{}
			m.first[id] = f
		}
		for _, s := range f.spots() {
			m.paths[id][s.Path] = true
		}
	}
	return nil
}

func (m *matching) secretOf(f *ours) (string, bool, error) {
	s := &f.Location
	if s.Kind == "path" { // the fault is that the file is there
		return s.Path, true, nil
	}
	text, ok, err := m.textOf(s)
	if err != nil || !ok {
		return "", false, err
	}
	match, ok := cut(text, s)
	return m.cutter.secret(f.rule(), match), ok, nil
}

// textOf is the version that a spot is in, or the message.
func (m *matching) textOf(s *spot) ([]byte, bool, error) {
	if blob, ok := strings.CutPrefix(s.Path, "blob:"); ok {
		return m.blobs.get(blob)
	}
	if s.Kind != "commit" {
		return m.blobs.get(s.Commit.ID + ":" + s.Path)
	}
	text, ok, err := m.blobs.get(s.Commit.ID)
	_, message, _ := bytes.Cut(text, []byte("\n\n"))
	return message, ok, err
}

func where(f *ours) string {
	switch f.Location.Kind {
	case "commit":
		return fmt.Sprintf("%s at line %d of the message of %.12s", f.rule(), f.Location.Start.Line, f.Location.Commit.ID)
	case "path":
		return f.rule() + " at " + f.Location.Path
	}
	return fmt.Sprintf("%s at %s:%d in %.12s", f.rule(), f.Location.Path, f.Location.Start.Line, f.Location.Commit.ID)
}

// findLost lists what only gitleaks tells, each once, and returns what it tells.
func (m *matching) findLost(list []theirs) (map[identity]bool, error) {
	told, done := map[identity]bool{}, map[string]bool{}
	for i := range list {
		f := &list[i]
		id := identity{f.RuleID, cmp.Or(f.Secret, f.File)}
		told[id] = true
		once := strings.Join([]string{f.RuleID, f.Secret, f.File}, "\x00")
		if done[once] || m.paths[id][f.File] || f.decoded() && m.decoded[key{rule: f.RuleID, path: f.File}] {
			continue
		}
		done[once] = true
		reason, err := m.whyLost(f, m.paths[id] != nil)
		if err != nil {
			return nil, err
		}
		m.out.lost = append(m.out.lost, difference{fmt.Sprintf("%s at %s:%d in %.12s", f.RuleID, f.File, f.StartLine, f.Commit), reason})
	}
	return told, nil
}

func (m *matching) whyLost(f *theirs, elsewhere bool) (string, error) {
	text, ok, err := m.blobs.get(f.Commit + ":" + f.File)
	switch {
	case err != nil:
		return "", err
	case !ok:
		return "the version cannot be read", nil
	case isBinary(text):
		return binaryReason, nil
	case f.decoded():
		return "gitleaks decoded a part of the lines that a change added", nil
	case !bytes.Contains(text, []byte(f.Match)):
		return "a match joined from lines that do not stand together in any version of the file", nil
	case !m.cutter.covers(f.RuleID, text, f.Secret):
		return "in the whole file the rule's expression matches another stretch there: gitleaks sees the added lines only", nil
	case elsewhere:
		return "assay tells the secret, but not under this path", nil
	}
	return unexplained, nil
}

// findMore lists secrets that only assay tells. Further paths of a secret that gitleaks tells as well are copies and
// renames, and are counted only.
func (m *matching) findMore(ctx context.Context, told map[identity]bool) error {
	for id := range m.paths {
		if told[id] {
			continue
		}
		f := m.first[id]
		reason, err := m.whyMore(ctx, f, id)
		if err != nil {
			return err
		}
		m.out.more = append(m.out.more, difference{where(f), reason})
	}
	return nil
}

func (m *matching) whyMore(ctx context.Context, f *ours, id identity) (string, error) {
	s := &f.Location
	if f.Status != "open" {
		return heldBack, nil
	}
	switch s.Kind {
	case "commit":
		return "in a message of a commit or tag, which gitleaks does not read", nil
	case "path":
		return "told by the file's name: gitleaks leaves binary files of a history out", nil
	}
	text, ok, err := m.textOf(s)
	if err != nil || !ok {
		return "the version cannot be read again", err
	}
	if isBinary(text) {
		return "gitleaks leaves binary files of a history out", nil
	}
	if s.Commit.ID == "" {
		return "no commit holds this version: it lies in the repository all the same", nil
	}
	parents, err := git(ctx, m.repo, "rev-list", "--parents", "--max-count=1", s.Commit.ID)
	if err != nil {
		return "", err
	}
	if len(strings.Fields(parents)) > 2 {
		return "it came in with a merge, of which git log shows no change", nil
	}
	reached, err := git(ctx, m.repo, "for-each-ref", "--count=1", "--contains", s.Commit.ID)
	if err != nil {
		return "", err
	}
	if reached == "" {
		return "no reference reaches its commit: it lies in the repository all the same", nil
	}
	if m.bench.gitleaksTells(id.rule, id.secret, text) {
		return "gitleaks tells it in the whole file, but not in the lines that one change added: the match, or the rule's keyword, is spread over several changes", nil
	}
	return unexplained, nil
}
