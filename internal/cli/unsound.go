package cli

import (
	"fmt"

	"github.com/assaysec/assay/internal/exception/register"
	"github.com/assaysec/assay/internal/policy/regohost"
)

// unsound says what is wrong with the files that judge, as a change leaves them; nil where all of them can be read. They
// decide nothing about the change. But once it is merged they would end every gate, that of the change which repairs them
// included, so that a change which breaks them is not done. kept are the files of the target, where it is a folder.
func unsound(head house, kept map[string][]byte, f *lookFlags) error {
	for _, wrong := range []func() error{
		func() error { return unsoundSettings(head, kept, f) },
		func() error { return unsoundExceptions(head) },
		func() error { return unsoundPolicies(head) },
	} {
		if err := wrong(); err != nil {
			return hint(masked(err), "so this change leaves it: repair it before it is merged, for it would end every gate then, that of the repair included")
		}
	}
	return nil
}

// unsoundSettings reads configuration and baseline, but for those in whose place a flag names another.
func unsoundSettings(head house, kept map[string][]byte, f *lookFlags) error {
	if f.config == "" {
		set, err := readSettings(head, saidFiles{}, "")
		if err == nil {
			err = set.complete(head, saidFiles{}, "", kept)
		}
		if err != nil {
			return err
		}
	}
	if f.baseline != "" || f.makesBaseline {
		return nil
	}
	_, _, err := readBaselines(head, saidFiles{}, "", false)
	return err
}

// unsoundExceptions reads exceptions, and what was recorded of their probes.
func unsoundExceptions(head house) error {
	text, err := readIfAny(head, register.File)
	if err != nil || len(text) == 0 {
		return err
	}
	if _, err := register.Parse(register.File, text); err != nil {
		return err
	}
	if text, err = readIfAny(head, register.ProbesFile); err != nil || text == nil {
		return err
	}
	_, err = register.ReadAnswers(register.ProbesFile, text)
	return err
}

// unsoundPolicies compiles the policies in Rego.
func unsoundPolicies(head house) error {
	files, err := regoFiles(head)
	if err != nil || len(files) == 0 {
		return err
	}
	_, err = regohost.Compile(files)
	return err
}

// ofBase tells whose files an error is about, where they are not those that somebody sees before them.
func (c *change) ofBase(err error) error {
	if err == nil || !c.known || c.judges.IsZero() {
		return masked(err)
	}
	return hint(masked(err), "so it stands in commit %.12s, by which the change is judged. A change that repairs it cannot pass either: %s",
		fmt.Sprint(c.judges), "let somebody who may go past the gate merge it (before a commit: git commit --no-verify)")
}
