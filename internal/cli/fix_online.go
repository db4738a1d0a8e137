package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
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

// An inquiry asks the forge about pins, one after the other.
type inquiry struct {
	*fixer
	client  *github.Actions
	day     string
	proven  *fix.Pins // what may be used: the forge has said that the commit is the repository's
	all     *fix.Pins // what the file is to say
	looked  int       // pins that were not there
	checked int       // pins that were, and are right
	changed bool
	foreign []error
}

// lookUp asks the forge about every pin: what there is must hold, and what is missing is looked up. Only pins that were
// asked about are used after that, and one whose commit is not the repository's ends the run before anything is written.
func (w *fixer) lookUp(ctx context.Context, files []*fixFile, now time.Time) error {
	names := w.wantPins(files)
	for _, pin := range w.pins.All() { // those that are used come first: the forge may answer some questions only
		if !slices.ContainsFunc(names, func(uses string) bool { return fix.SameAction(uses, pin.Uses) }) {
			names = append(names, pin.Uses)
		}
	}
	if len(names) == 0 {
		return nil
	}
	client, err := w.actions()
	if err != nil {
		return err
	}
	q := &inquiry{fixer: w, client: client, day: now.Format(time.DateOnly), proven: &fix.Pins{}, all: w.pins}
	for i, uses := range names {
		if _, known := q.proven.Find(uses); known {
			continue // the same name, written otherwise
		}
		if err := q.ask(ctx, uses); err != nil && silent(ctx, err) {
			if more := len(names) - i - 1; more > 0 {
				w.note("assay: note: the forge is not asked about %s more", report.Plural(more, "action"))
			}
			break
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(q.foreign) > 0 {
		return hint(errors.Join(q.foreign...), "find out who wrote that; without the entry, assay fix --online looks the commit up anew")
	}
	w.pins = q.proven
	return q.save()
}

// ask asks about one name. What it learns nothing about is told, and is not used.
func (q *inquiry) ask(ctx context.Context, uses string) error {
	old, known := q.all.Find(uses)
	var pin fix.Pin
	var err error
	if known {
		pin, err = q.check(ctx, old)
	} else {
		var found sighting
		found, err = q.look(ctx, uses)
		pin = found.Pin
	}
	if err == nil {
		if wrong := q.proven.Put(pin); wrong != nil {
			err = refused("%v", wrong)
		}
	}
	switch {
	case errors.As(err, new(foreign)):
		q.foreign = append(q.foreign, err)
		return nil
	case err != nil && known:
		q.tell("assay: note: %s cannot be checked, and is not used: %v", uses, err)
		return err
	case err != nil:
		q.tell("assay: note: %s is not pinned: %v", uses, err)
		return err
	}
	if known {
		q.checked++
	} else {
		q.looked++
	}
	q.changed = q.changed || pin != old
	return q.all.Put(pin)
}

// tell ends with an error, and with what the forge's answer advises.
func (q *inquiry) tell(format, uses string, err error) {
	q.note(format, uses, err)
	if advice := rest.HintOf(err); advice != "" {
		q.note("  → %s", advice)
	}
}

// save writes the pins, where one of them says something new.
func (q *inquiry) save() error {
	if q.checked > 0 {
		q.note("assay: %s of %s checked", report.Plural(q.checked, "pin"), fix.PinsFile)
	}
	if !q.changed {
		return nil
	}
	if err := q.write(); err != nil {
		return err
	}
	if q.looked > 0 {
		q.note("assay: %s looked up and written to %s", report.Plural(q.looked, "pin"), fix.PinsFile)
	}
	return nil
}

// write puts the pins in the place of those that were read, or into a new file.
func (q *inquiry) write() error {
	name := filepath.FromSlash(fix.PinsFile)
	if q.pinsText != nil {
		if err := rewriteOwn(q.root, name, q.pinsText, q.all.Bytes()); err != nil {
			return fmt.Errorf("%s: %w", fix.PinsFile, err)
		}
		return nil
	}
	file, err := placeOwn(q.root, name)
	if err != nil {
		return err
	}
	return replace(file, func(out io.Writer) error {
		_, err := out.Write(q.all.Bytes())
		return err
	})
}

// A sighting is where a name leads today.
type sighting struct {
	fix.Pin
	tags []string // of the commit
	all  bool     // these are all; otherwise the repository has too many to tell
}

// look asks where a name leads. The answer about a reference of this very repository is proof that the commit belongs
// there; where its own list of tags does not confirm that, its branches and their histories have to.
func (q *inquiry) look(ctx context.Context, uses string) (s sighting, err error) {
	repository, ref, _ := strings.Cut(uses, "@")
	found, err := q.client.Resolve(ctx, repository, ref)
	if err != nil {
		return s, err
	}
	if found.Ambiguous {
		return s, refused("%s is both a tag and a branch of %s", ref, repository)
	}
	s.tags, err = q.client.Tags(ctx, repository, found.Commit)
	if s.all = err == nil; err != nil && !errors.Is(err, rest.ErrTooMany) {
		return s, err
	}
	if s.all && !slices.Contains(s.tags, ref) {
		member, err := q.client.Belongs(ctx, repository, found.Commit, ref)
		if err != nil {
			return s, err
		}
		if member.Answer != github.Yes {
			return s, refused("%s is said to be commit %s, and it is not known to belong to %s: %s", ref, found.Commit, repository, member.Reason)
		}
	}
	lead := map[string]string{github.Tag: "refs/tags/", github.Branch: "refs/heads/"}[found.Kind]
	s.Pin = fix.Pin{Uses: uses, Commit: found.Commit, Version: versionOf(found, s.tags), Ref: lead + ref, Checked: q.day}
	return s, nil
}

// A foreign error says that a commit is not known to belong to the repository that it is said to be of.
type foreign string

func (f foreign) Error() string { return string(f) }

// check asks whether a pin still holds. One whose name leads elsewhere by now stays as it is, as long as its commit is the
// repository's: somebody may have read that commit, and nobody the new one.
func (q *inquiry) check(ctx context.Context, pin fix.Pin) (fix.Pin, error) {
	found, err := q.look(ctx, pin.Uses)
	if err == nil && found.Commit == pin.Commit {
		if pin.Version != "" && (!found.all || slices.Contains(found.tags, pin.Version)) {
			found.Version = pin.Version // otherwise the comments of workflows would say what is not so
		}
		return found.Pin, nil
	}
	if _, said := errors.AsType[refusal](err); err != nil && !said && !errors.Is(err, github.ErrNoRef) {
		return pin, err
	}
	repository, ref, _ := strings.Cut(pin.Uses, "@")
	member, asked := q.client.Belongs(ctx, repository, pin.Commit, ref)
	switch {
	case asked != nil:
		return pin, asked
	case member.Answer != github.Yes:
		return pin, foreign(fmt.Sprintf("%s: %s is pinned to commit %s, which is not known to belong to %s: %s", q.at(pin), pin.Uses, pin.Commit, repository, member.Reason))
	case err != nil:
		q.note("assay: note: %s stays pinned to %s, of %s: %v", pin.Uses, report.ShortID(pin.Commit), member.By, err)
	default:
		q.note("assay: note: %s leads to %s by now, and stays pinned to %s, of %s: delete the entry in %s to take the new one",
			pin.Uses, report.ShortID(found.Commit), report.ShortID(pin.Commit), member.By, q.at(pin))
	}
	return pin, nil
}

// at is where a pin stands.
func (q *inquiry) at(pin fix.Pin) string {
	return fmt.Sprintf("%s:%d", fix.PinsFile, q.all.Line(pin.Uses))
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
