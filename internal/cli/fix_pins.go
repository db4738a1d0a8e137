package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/fix"
	"github.com/assaysec/assay/internal/forge/github"
	"github.com/assaysec/assay/internal/forge/rest"
	"github.com/assaysec/assay/internal/report"
)

func readPins(root string) (*fix.Pins, error) {
	text, err := readOwn(root, filepath.FromSlash(fix.PinsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return &fix.Pins{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fix.PinsFile, err)
	}
	return fix.ParsePins(fix.PinsFile, text)
}

// lookUp asks the forge for what the pins do not have, and writes them. What it learns nothing about is told, and stays as
// it is.
func (w *fixer) lookUp(ctx context.Context, files []*fixFile, now time.Time) error {
	missing := w.missing(files)
	if len(missing) == 0 {
		return nil
	}
	client, err := w.actions()
	if err != nil {
		return err
	}
	found := 0
	for i, uses := range missing {
		if _, known := w.pins.Find(uses); known {
			continue // the same name, written otherwise
		}
		pin, err := lookUpPin(ctx, client, uses, now)
		if err == nil {
			if wrong := w.pins.Put(pin); wrong != nil {
				err = refused("%v", wrong)
			}
		}
		if err == nil {
			found++
			continue
		}
		if w.noteUnpinned(uses, err); silent(ctx, err) {
			if more := len(missing) - i - 1; more > 0 {
				w.note("assay: note: the forge is not asked about %s more", report.Plural(more, "action"))
			}
			break
		}
	}
	if found == 0 {
		return ctx.Err()
	}
	file, err := placeOwn(w.root, filepath.FromSlash(fix.PinsFile))
	if err != nil {
		return err
	}
	w.note("assay: %s looked up and written to %s", report.Plural(found, "pin"), fix.PinsFile)
	return replace(file, func(out io.Writer) error {
		_, err := out.Write(w.pins.Bytes())
		return err
	})
}

// missing are the names that no pin is known for, without a path in the repository, sorted.
func (w *fixer) missing(files []*fixFile) []string {
	names := map[string]bool{}
	for _, f := range files {
		for _, r := range f.risks {
			if uses := f.uses(r); uses != "" {
				if _, known := w.pins.Find(uses); !known {
					names[fix.WithoutPath(uses)] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func (w *fixer) noteUnpinned(uses string, err error) {
	w.note("assay: note: %s is not pinned: %v", uses, err)
	if advice := rest.HintOf(err); advice != "" {
		w.note("  → %s", advice)
	}
}

// silent reports whether the forge does not answer, so that asking it about others is no use.
func silent(ctx context.Context, err error) bool {
	switch rest.StatusOf(err) {
	case http.StatusForbidden:
		return strings.Contains(rest.HintOf(err), "rate limit")
	case http.StatusNotFound, http.StatusMovedPermanently, http.StatusUnavailableForLegalReasons:
		return false
	case 0:
		_, said := errors.AsType[refusal](err)
		return ctx.Err() != nil || !said && !errors.Is(err, github.ErrNoRef)
	}
	return true
}

// A refusal is what an answer says against pinning.
type refusal string

func (r refusal) Error() string { return string(r) }

func refused(format string, args ...any) error { return refusal(fmt.Sprintf(format, args...)) }

// lookUpPin asks where a name leads. The answer about a reference of this very repository is proof that the commit belongs
// there; where its own list of tags does not confirm that, its branches and their histories have to.
func lookUpPin(ctx context.Context, client *github.Actions, uses string, now time.Time) (fix.Pin, error) {
	repository, ref, _ := strings.Cut(uses, "@")
	found, err := client.Resolve(ctx, repository, ref)
	if err != nil {
		return fix.Pin{}, err
	}
	if found.Ambiguous {
		return fix.Pin{}, refused("%s is both a tag and a branch of %s", ref, repository)
	}
	tags, err := client.Tags(ctx, repository, found.Commit)
	if err != nil && !errors.Is(err, rest.ErrTooMany) {
		return fix.Pin{}, err
	}
	if err == nil && !slices.Contains(tags, ref) {
		member, err := client.Belongs(ctx, repository, found.Commit, ref)
		if err != nil {
			return fix.Pin{}, err
		}
		if member.Answer != github.Yes {
			return fix.Pin{}, refused("%s is said to be commit %s, and it is not known to belong to %s: %s", ref, found.Commit, repository, member.Reason)
		}
	}
	return fix.Pin{Uses: uses, Commit: found.Commit, Version: versionOf(found, tags), Checked: now.Format(time.DateOnly)}, nil
}

// versionOf is what the comment of a pin says: of v4 the most exact tag below it, of a branch the most exact tag there is.
func versionOf(p github.Pin, tags []string) string {
	for _, tag := range tags {
		if p.Kind == github.Branch || strings.HasPrefix(tag, p.Ref+".") {
			return tag
		}
	}
	return p.Ref
}

// actions is the client for the forge that actions come from.
func (w *fixer) actions() (*github.Actions, error) {
	base := w.flags.api
	if base == "" {
		base = w.Getenv("GITHUB_API_URL")
	}
	if base == "" {
		return nil, hint(errors.New("--online does not know which forge to ask"), "give --forge-api ADDRESS, or set GITHUB_API_URL")
	}
	network, err := w.network()
	if err != nil {
		return nil, err
	}
	return github.NewActions(base, github.Options{Transport: network, Token: rest.Token(w.Getenv("GITHUB_TOKEN")), UserAgent: "assay/" + Version()})
}
