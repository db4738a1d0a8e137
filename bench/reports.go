package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A theirs is what is read of one finding in gitleaks' report.
type theirs struct {
	RuleID    string
	File      string
	StartLine int
	Commit    string
	Match     string
	Secret    string
	Tags      []string
}

// decoded reports whether gitleaks peeled an encoding to find it, so that its match does not stand in the file.
func (t *theirs) decoded() bool {
	return slices.ContainsFunc(t.Tags, func(tag string) bool { return strings.HasPrefix(tag, "decoded:") })
}

// readTheirs reads gitleaks' report. Paths become relative to root.
func readTheirs(file, root string) ([]theirs, error) {
	var list []theirs
	if err := readJSON(file, &list); err != nil {
		return nil, err
	}
	for i := range list {
		if rel, err := filepath.Rel(root, list[i].File); root != "" && err == nil {
			list[i].File = filepath.ToSlash(rel)
		}
	}
	return list, nil
}

// An ours is what is read of one finding in Assay's report.
type ours struct {
	Rule       string
	Status     string
	Location   spot
	Related    []spot
	Properties struct{ Encodings []string }
}

// A spot is one place of a finding.
type spot struct {
	Kind, Path string
	Start, End struct{ Line, Column int }
	Commit     struct{ ID string }
}

func (o *ours) spots() []spot { return append([]spot{o.Location}, o.Related...) }

// rule is the rule's name in the configuration.
func (o *ours) rule() string { return strings.TrimPrefix(o.Rule, "secret/") }

// A document is what is read of Assay's report.
type document struct {
	Findings []ours
	Coverage []struct {
		Status    string
		Files     int
		Bytes     int64
		Skipped   map[string]int
		Unchecked []struct{ Path, Reason string }
	}
}

func readOurs(file string) (*document, error) {
	var d document
	return &d, readJSON(file, &d)
}

func readJSON(file string, to any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, to)
}
