package main

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/scan"
)

// lookAt is what the pipeline engine says of some files, by their paths. A crash of it is an error.
func lookAt(files map[string][]byte) ([]finding.Finding, []string, error) {
	e := pipeline.New(100_000)
	var found []finding.Finding
	var facts []scan.Fact
	var unchecked []string
	keep := func(path string, r scan.Result) {
		finding.Sort(r.Findings)
		finding.Number(r.Findings)
		found = append(found, r.Findings...)
		facts = append(facts, r.Facts...)
		for _, why := range r.Unchecked {
			unchecked = append(unchecked, path+": "+why)
		}
	}
	for path, text := range files {
		info := scan.FileInfo{Path: path, Size: int64(len(text)), Head: text[:min(len(text), 512)]}
		if e.Wants(&info) {
			keep(path, e.Look(context.Background(), &scan.File{FileInfo: info, Text: text}))
		}
	}
	slices.SortFunc(facts, func(a, b scan.Fact) int { return strings.Compare(a.Place.Path, b.Place.Path) })
	keep(".", e.Join(context.Background(), facts))
	finding.Sort(found)
	slices.Sort(unchecked)
	return found, unchecked, nil
}

// runActionlint asks that no file of actionlint's own tests crashes the engine, and that what actionlint takes for good
// has no finding above low but those that were read and are right.
func runActionlint(dir string) (*account, error) {
	a := &account{}
	for _, group := range []string{"ok", "examples"} {
		files, err := filepath.Glob(filepath.Join(dir, "testdata", group, "*.yaml"))
		if err != nil || len(files) == 0 {
			return nil, fmt.Errorf("no testdata/%s in it", group)
		}
		for _, file := range files {
			name := filepath.Base(file)
			a.add(group, name, func() (outcome, string) { return tryActionlint(file, group == "ok", rightOnGood[name]) })
		}
	}
	a.extra = rightFindings()
	return a, nil
}

// rightFindings lists what is told above low of files that actionlint takes for good.
func rightFindings() string {
	var b strings.Builder
	b.WriteString("\nFindings above low in `testdata/ok`, each of which was read and is right:\n\n| file | rule and line |\n| --- | --- |\n")
	for _, file := range slices.Sorted(maps.Keys(rightOnGood)) {
		fmt.Fprintf(&b, "| %s | %s |\n", file, strings.Join(rightOnGood[file], ", "))
	}
	return b.String()
}

// rightOnGood are the findings above low in files that actionlint takes for good, by file: actions and images that are named
// by what may be moved, an action's answer that is pasted into a script, and workflows on privileged events that leave the
// permissions of their token to the repository's settings. Each was read and is right.
var rightOnGood = map[string][]string{
	"allow_any_outputs.yaml":                    {"github-action-unpinned:7"},
	"anchors.yaml":                              {"github-permissions-missing:20", "github-image-unpinned:90", "github-image-unpinned:96", "github-image-unpinned:99"},
	"container_syntax.yaml":                     {"github-image-unpinned:6", "github-image-unpinned:17", "github-image-unpinned:34"},
	"docker_steps.yaml":                         {"github-image-unpinned:7", "github-image-unpinned:12", "github-image-unpinned:16", "github-image-unpinned:20", "github-image-unpinned:23", "github-image-unpinned:27", "github-image-unpinned:30", "github-image-unpinned:33"},
	"events_with_no_config.yaml":                {"github-permissions-missing:12"},
	"filters_for_specific_events.yaml":          {"github-permissions-missing:18"},
	"filters_ignore_for_specific_events.yaml":   {"github-permissions-missing:18"},
	"issue-30.yaml":                             {"github-action-unpinned:11"},
	"issue-31.yaml":                             {"github-action-unpinned:10"},
	"issue-495_with_args.yaml":                  {"github-image-unpinned:11"},
	"issue-590-expression-at-credentials.yaml":  {"github-image-unpinned:7"},
	"issue-66.yaml":                             {"github-action-unpinned:23"},
	"nested_workflow_call.yaml":                 {"github-action-unpinned:5"},
	"skip_inputs.yaml":                          {"github-action-unpinned:11"},
	"special_function_availability.yaml":        {"github-action-unpinned:45"},
	"using_reusable_workflow_call_outputs.yaml": {"github-action-unpinned:8"},
	"variables.yaml":                            {"github-action-unpinned:24"},
	"workflow_call_job.yaml":                    {"github-action-unpinned:4", "github-action-unpinned:6", "github-action-unpinned:10", "github-action-unpinned:14", "github-action-unpinned:21"},
	"workflow_call_with_strategy.yaml":          {"github-action-unpinned:16"},
}

func tryActionlint(file string, good bool, right []string) (outcome, string) {
	text, err := os.ReadFile(file)
	if err != nil {
		return failed, err.Error()
	}
	found, _, err := lookAt(map[string][]byte{".github/workflows/" + filepath.Base(file): text})
	if err != nil {
		return failed, err.Error()
	}
	var told []string
	for i := range found {
		f := &found[i]
		said := fmt.Sprintf("%s:%d", strings.TrimPrefix(f.Rule, "pipeline/"), f.Place.Start.Line)
		if good && f.Severity > finding.Low && !slices.Contains(right, said) {
			told = append(told, said)
		}
	}
	if len(told) > 0 {
		return failed, "tells " + strings.Join(told, ", ")
	}
	return passed, strings.Join(right, ", ")
}

// filesBelow are the files of a tree that may be pipelines, by path.
func filesBelow(root string) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || filepath.Ext(p) != ".yml" && filepath.Ext(p) != ".yaml" {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err == nil {
			files[filepath.ToSlash(rel)], err = os.ReadFile(p)
		}
		return err
	})
	return files, err
}
