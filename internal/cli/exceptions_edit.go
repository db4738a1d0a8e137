package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/config"
	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/exception/register"
	"github.com/assaysec/assay/internal/nearest"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/scan"
	"github.com/assaysec/assay/internal/source"
	"github.com/spf13/cobra"
)

// A registerFile is the exceptions of a folder, about to be changed.
type registerFile struct {
	target  *target
	house   house
	signers house // where the file of allowed signers lies, and others that the configuration names
	config  *config.Config
	engines []scan.Engine
	content []byte
	*register.Register
	now time.Time
}

// openRegister reads the exceptions of a folder. The caller closes it.
func (a *app) openRegister(args []string) (*registerFile, error) {
	now, err := a.now()
	if err != nil {
		return nil, err
	}
	t, err := a.openTarget(append(args, ".")[0])
	if err != nil {
		return nil, err
	}
	r := &registerFile{target: t, now: now}
	if err = r.read(); err == nil {
		r.engines, err = a.engines(r.config, r.signers, saidFiles{}, &lookFlags{}) // which know what must not be shown
	}
	if err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *registerFile) read() error {
	t := r.target
	if t.file || t.stdin || t.revision != "" {
		return hint(fmt.Errorf("%s: not a folder that a file could be changed in", t.name), "give the folder that holds %s", register.File)
	}
	r.house = diskHouse{root: t.dir}
	set, err := readSettings(r.house, saidFiles{}, "")
	if err != nil {
		return masked(err)
	}
	if err := r.keepTo(set); err != nil {
		return err
	}
	if r.content, err = readIfAny(r.house, register.File); err != nil {
		return err
	}
	r.Register, err = register.Parse(register.File, r.content)
	return masked(err)
}

// keepTo finds what the exceptions must keep to. In a folder of a repository that stands at its top.
func (r *registerFile) keepTo(set *settings) error {
	r.config, r.signers = set.config, r.house
	h, _, err := (&change{}).houseAbove(context.Background(), r.target, &source.Account{})
	if h == nil || err != nil {
		return err
	}
	top, err := readSettings(h, saidFiles{}, "")
	if err != nil {
		return masked(err)
	}
	set.within(top, h, r.target.prefix)
	r.config, r.signers = set.config, set.named(r.house)
	return nil
}

func (r *registerFile) close() {
	if r.target.repo != nil {
		r.target.repo.Close()
	}
}

// find gives the exception that a person names.
func (r *registerFile) find(id string) (*register.Exception, error) {
	if e := r.Find(id); e != nil {
		return e, nil
	}
	err := fmt.Errorf("%s: there is no exception %s", register.File, id)
	var ids []string
	for i := range r.Exceptions {
		ids = append(ids, r.Exceptions[i].ID)
	}
	switch near := nearest.Word(id, ids); {
	case len(ids) == 0:
		return nil, hint(err, "there is none at all yet: assay exceptions add")
	case near != "":
		return nil, hint(err, "did you mean %s?", near)
	}
	return nil, hint(err, "assay exceptions list shows those that there are")
}

// write puts a new text in place of the file, once the gate could read it.
func (r *registerFile) write(text []byte) error {
	if err := r.provable(text); err != nil {
		return masked(err)
	}
	file, err := placeOwn(r.target.dir, filepath.FromSlash(register.File))
	if err != nil {
		return err
	}
	return replace(file, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// provable reports whether all checks can be asked.
func (r *registerFile) provable(text []byte) error {
	rego, err := regoFiles(r.house)
	if err != nil {
		return err
	}
	return provable(text, rego, r.now)
}

// limit says why an exception would be void from its first day.
func (r *registerFile) limit(e *register.Exception) error {
	l := limitsOf(r.config.Exceptions)
	switch {
	case e.Expires.Before(r.now.Truncate(24 * time.Hour)):
		return fmt.Errorf("%s: the last day, %s, has passed", e.ID, e.Expires.Format(time.DateOnly))
	case l.MaxDays > 0 && e.Length() > l.MaxDays:
		return hint(fmt.Errorf("%s would last %d days, and the policy allows %d: it would be void", e.ID, e.Length(), l.MaxDays),
			"choose %s or an earlier day; exceptions.max-days of the configuration says so", e.Created.AddDate(0, 0, l.MaxDays).Format(time.DateOnly))
	}
	return nil
}

// tellAfter says what still has to happen, which people expect to have happened.
func (a *app) tellAfter(r *registerFile, e *register.Exception) {
	say(a.Stdout, "  it takes effect after the merge: a change is judged by the exceptions of its base")
	need := ""
	if r.config.Exceptions.Signed {
		need = ", and the policy wants it signed"
	}
	say(a.Stdout, a.hide(fmt.Sprintf("  %s has to approve it%s: assay exceptions approve %s", e.Approver, need, e.ID)))
	if r.target.prefix != "" {
		a.note("assay: note: this is a folder of a repository; who looks at the whole of it reads the exceptions at its top")
	}
}

// span tells from when to when an exception permits.
func span(e *register.Exception, now time.Time) string {
	return fmt.Sprintf("through %s, %s from today", e.Expires.Format(time.DateOnly), report.Plural(e.DaysLeft(now), "day"))
}

// matchWords tells what a match speaks about.
func matchWords(m *register.Match) string {
	var parts []string
	for _, p := range []struct{ word, value string }{
		{"fingerprint", m.Fingerprint}, {"rule", m.Rule}, {"package", m.Package}, {"path", m.Path}, {"service", m.Service},
	} {
		if p.value != "" {
			parts = append(parts, p.word+" "+p.value)
		}
	}
	return strings.Join(parts, ", ")
}

// dayOf reads a day that a flag gives.
func dayOf(flag, text string) (time.Time, error) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return day, hint(fmt.Errorf("--%s %q is not a day", flag, text), "write it as 2027-01-31; it is the last day on which the exception permits")
	}
	return day, nil
}

// entryErrors are what is wrong with an entry that stands in no file yet: its places would lead nowhere.
func entryErrors(err error) error {
	var list diagnostic.Errors
	if !errors.As(err, &list) {
		return err
	}
	var all []error
	advice := ""
	for _, e := range list {
		all = append(all, errors.New(scan.MaskQuoted(e.Problem)))
		if advice == "" {
			advice = scan.MaskQuoted(e.Hint)
		}
	}
	return hint(errors.Join(all...), "%s", advice)
}

func exceptionsRenewCommand(a *app) *cobra.Command {
	var expires, reason string
	cmd := &cobra.Command{
		Use:   "renew ID [FOLDER]",
		Short: "Put off the last day of an exception",
		Long: "Renew makes a new grant: it begins today and ends on a later day. The signature goes, since it was for the old one. How\n" +
			"often a match was renewed is counted in the history, whatever the file says.",
		Example: "  assay exceptions renew EX-7 --expires 2027-03-31 --reason \"the next release is planned for March\"",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if expires == "" {
				return hint(errors.New("--expires is missing"), "say until when: assay exceptions renew %s --expires 2027-01-31", shellWord(args[0]))
			}
			until, err := dayOf("expires", expires)
			if err != nil {
				return err
			}
			return a.renew(cmd.Context(), args, until, reason)
		},
	}
	cmd.Flags().StringVar(&expires, "expires", "", "the new last day, as 2027-01-31")
	cmd.Flags().StringVar(&reason, "reason", "", "why, in place of the reason that is there")
	return cmd
}

func (a *app) renew(ctx context.Context, args []string, until time.Time, reason string) error {
	r, err := a.openRegister(args[1:])
	if err != nil {
		return err
	}
	defer r.close()
	e, err := r.find(args[0])
	if err != nil {
		return err
	}
	signed := e.Signature != ""
	count, err := a.renewable(ctx, r, e)
	if err != nil {
		return err
	}
	if err := e.Renew(r.now, until); err != nil {
		return hint(err, "give a later day with --expires")
	}
	if reason != "" {
		e.Reason = reason
	}
	if err := r.limit(e); err != nil {
		return err
	}
	text, err := register.Change(register.File, r.content, e.ID, func(was *register.Exception) {
		was.Created, was.Expires, was.Reason, was.Signature = e.Created, e.Expires, e.Reason, ""
	})
	if err != nil {
		return masked(err)
	}
	if err := r.write(text); err != nil {
		return err
	}
	say(a.Stdout, fmt.Sprintf("%s is renewed %s", e.ID, span(e, r.now)))
	if signed {
		say(a.Stdout, "  its signature was taken away: it was for what stood there before")
	}
	say(a.Stdout, "  "+count)
	a.tellAfter(r, e)
	return nil
}

// renewable tells the how-manieth renewal this would be, and refuses one too many.
func (a *app) renewable(ctx context.Context, r *registerFile, e *register.Exception) (string, error) {
	if r.target.repo == nil {
		return "renewals are counted in the history, and this is no repository", nil
	}
	history, cut, err := a.renewals(ctx, r.target, &change{})
	if err != nil {
		return "", err
	}
	next, most := history.Of(e.Match)+1, limitsOf(r.config.Exceptions).MaxRenewals
	if most != nil && cut {
		return "", hint(fmt.Errorf("%s: nobody knows how often its match was renewed, which the policy limits: the history is not all here", e.ID), "git fetch --unshallow")
	}
	if most != nil && next > *most {
		return "", hint(fmt.Errorf("%s: its match was renewed %s already, and the policy allows %d", e.ID, report.Plural(next-1, "time"), *most),
			"fix what it speaks about; exceptions.max-renewals of the configuration says how often")
	}
	text := fmt.Sprintf("renewal %d of this match", next)
	if most != nil {
		text += fmt.Sprintf(" of %d that the policy allows", *most)
	}
	return text, nil
}
