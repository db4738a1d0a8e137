package cli

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/policy/regohost"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/scan"
)

// regoExt ends the name of a policy in Rego.
const regoExt = ".rego"

// ruleFiles are the files that arguments of "rules test" name. Of a folder those that lie in it count and none below, as
// with .assay/policies.
type ruleFiles struct {
	packs []string          // rule files of engines
	rego  map[string]string // texts by the names that messages use
}

func readRuleFiles(args []string) (*ruleFiles, error) {
	f := &ruleFiles{rego: map[string]string{}}
	for _, arg := range args {
		info, err := os.Stat(arg)
		switch {
		case err == nil && info.IsDir():
			err = f.addFolder(arg)
		case path.Ext(arg) == regoExt:
			var text []byte
			if text, err = readNamed(arg); err == nil {
				f.rego[filepath.ToSlash(arg)] = string(text)
			}
		default:
			err = nil // whoever reads it tells what is wrong
			f.packs = append(f.packs, arg)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", arg, plainError(err))
		}
	}
	return f, nil
}

func (f *ruleFiles) addFolder(folder string) error {
	names, err := listOwn(folder, ".")
	if err != nil {
		return err
	}
	slices.Sort(names)
	found := false
	for _, name := range names {
		full := path.Join(filepath.ToSlash(folder), name)
		switch path.Ext(name) {
		case regoExt:
			text, err := readOwn(folder, filepath.FromSlash(path.Clean(name)))
			if err != nil {
				return fmt.Errorf("%s: %w", path.Clean(name), err)
			}
			f.rego[full] = string(text)
		case ".toml":
			f.packs = append(f.packs, full)
		default:
			continue
		}
		found = true
	}
	if !found {
		return hint(errors.New("no file of rules lies in this folder"), "rule files end in .toml, policies in %s", regoExt)
	}
	return nil
}

// testRego compiles policies together, as a gate does, and runs their tests.
func (a *app) testRego(texts map[string]string) (failed bool, err error) {
	now, err := a.now()
	if err != nil {
		return false, err
	}
	results, err := regohost.Test(texts, now)
	if err != nil {
		return false, masked(err)
	}
	count := map[regohost.Outcome]int{}
	for _, r := range results {
		count[r.Outcome]++
		if r.Outcome != regohost.Pass {
			say(a.Stdout, scan.MaskQuoted(testLine(&r)))
		}
	}
	bad := count[regohost.Fail] + count[regohost.Failure]
	line := fmt.Sprintf("%s: %s, %d failed", report.Plural(len(texts), "policy file"), report.Plural(len(results), "test"), bad)
	if n := count[regohost.Skipped]; n > 0 {
		line += fmt.Sprintf(", %d skipped", n)
	}
	say(a.Stdout, line)
	return bad > 0, nil
}

func testLine(r *regohost.Result) string {
	line := fmt.Sprintf("%s: %s: %s", r.At, strings.TrimPrefix(r.Name, "data."), r.Outcome)
	if r.Message != "" {
		line += ": " + r.Message
	}
	return line
}

// exprErrors are the errors about texts of policies that an error consists of; none where it says anything else besides.
func exprErrors(err error) []*diagnostic.Error {
	var list []*diagnostic.Error
	switch e := err.(type) {
	case maskedError:
		return exprErrors(e.err)
	case *diagnostic.Error:
		return []*diagnostic.Error{e}
	case interface{ Unwrap() []error }:
		for _, part := range e.Unwrap() {
			parts := exprErrors(part)
			if len(parts) == 0 {
				return nil
			}
			list = append(list, parts...)
		}
	}
	return list
}
