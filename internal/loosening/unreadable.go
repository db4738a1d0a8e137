package loosening

import (
	"errors"

	"github.com/assaysec/assay/internal/exception/native/ignorefile"
	"github.com/assaysec/assay/internal/fix"
	"github.com/assaysec/assay/internal/profile"
)

// unreadable tells of what a change leaves in a file that no gate stops at: those of other tools and of forges, which are
// obeyed as far as they can be understood. Nothing that cannot be read holds a finding back, but who wrote it should hear.
func unreadable(f *File) []Alteration {
	if f.Head == nil {
		return nil
	}
	n, line := 0, 1
	switch f.Kind {
	case Suppressions:
		_, errs := ignorefile.Parse(f.Path, f.Head, ignorefile.Options{Read: func(string) ([]byte, error) { return nil, nil }})
		var first *ignorefile.Error
		if n = len(errs); n > 0 && errors.As(errs[0], &first) {
			line = first.Line
		}
	case Owners:
		_, errs := profile.ParseOwners(f.Path, f.Head)
		if n = len(errs); n > 0 {
			line = errs[0].Line
		}
	case Pins:
		if _, err := fix.ParsePins(f.Path, f.Head); err != nil {
			n = 1
		}
	}
	if n == 0 {
		return nil
	}
	return []Alteration{{Line: line, What: "leaves " + count(n, "place") + " that cannot be read"}}
}
