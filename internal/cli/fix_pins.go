package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/fix"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/source"
)

// readPins reads the pins where a change may not alter them: in the base of the change that is fixed, or else in the folder.
func (w *fixer) readPins(ctx context.Context) (*fix.Pins, error) {
	text, err := readOwn(w.root, filepath.FromSlash(fix.PinsFile))
	if w.flags.diffBase != "" {
		mine := text
		if text, err = w.basePins(ctx); !bytes.Equal(text, mine) {
			w.note("assay: note: the change alters %s, which counts once it is merged: pins are those of its base", fix.PinsFile)
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return &fix.Pins{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fix.PinsFile, err)
	}
	w.pinsText = text
	return fix.ParsePins(fix.PinsFile, text)
}

// basePins is the file of pins in the base of the change.
func (w *fixer) basePins(ctx context.Context) ([]byte, error) {
	t, err := w.openTarget(w.root)
	if err != nil {
		return nil, err
	}
	if t.repo != nil {
		defer t.repo.Close()
	}
	c, err := w.openChange(ctx, t, &w.flags.lookFlags, &source.Account{})
	if err != nil {
		return nil, err
	}
	return c.house.read(fix.PinsFile)
}

// noteUnverified tells which of the pins that are used nobody has checked.
func (w *fixer) noteUnverified(files []*fixFile) {
	var names []string
	for _, uses := range w.wantPins(files) {
		if pin, known := w.pins.Find(uses); known && !pin.Verified() {
			names = append(names, uses)
		}
	}
	if len(names) == 0 {
		return
	}
	verb := " are unverified"
	if len(names) == 1 {
		verb = " is unverified"
	}
	w.note("assay: note: %s of %s%s: %s", report.Plural(len(names), "pin"), fix.PinsFile, verb, strings.Join(names, ", "))
	w.note("  → assay fix --online checks that each commit is what its tag says, and belongs to its repository")
}

// wantPins are the names of actions that findings want pinned, without a path in the repository, sorted.
func (w *fixer) wantPins(files []*fixFile) []string {
	names := map[string]bool{}
	for _, f := range files {
		for _, r := range f.risks {
			if uses := f.uses(r); uses != "" {
				names[fix.WithoutPath(uses)] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}
