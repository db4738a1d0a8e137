package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/config"
	"github.com/assaysec/assay/internal/exception/native/ignorefile"
	"github.com/assaysec/assay/internal/exception/probe"
	"github.com/assaysec/assay/internal/exception/register"
	"github.com/assaysec/assay/internal/git"
	"github.com/assaysec/assay/internal/git/odb"
	"github.com/assaysec/assay/internal/judge"
	"github.com/assaysec/assay/internal/loosening"
	"github.com/assaysec/assay/internal/risk"
	"github.com/assaysec/assay/internal/scan"
	"github.com/assaysec/assay/internal/sshsig"
)

// keep reads the exceptions of a target, and what they must keep to. What is wrong with them is told at once, whatever
// would be decided without them.
func (a *app) keep(ctx context.Context, t *target, h house, c *change, set *settings, risks []risk.Risk) (judge.Keep, error) {
	said := set.config.Exceptions
	k := judge.Keep{AcceptBrought: set.config.Suppressions.FromChange, Limits: limitsOf(said)}
	signers, err := readSigners(set.named(h), said)
	if err != nil {
		return k, err
	}
	text, err := readIfAny(h, register.File)
	if err != nil || len(text) == 0 {
		return k, err
	}
	reg, err := register.Parse(register.File, text)
	if err != nil {
		return k, masked(err)
	}
	k.Exceptions, k.Repository = a.hide(string(text)), repositoryName(t.repo, said.Repository)
	if k.Exceptions != string(text) {
		a.note("assay: note: %s holds what looks like a credential: it is taken out before anything is decided, which voids the signature over it", register.File)
	}
	k.Signers = string(signers)
	if text, err = readIfAny(h, register.ProbesFile); err != nil {
		return k, err
	}
	if text != nil {
		if k.Answers, err = register.ReadAnswers(register.ProbesFile, text); err != nil {
			return k, masked(err)
		}
	}
	history, cut, err := a.renewals(ctx, t, c)
	if err != nil {
		return k, err
	}
	counts, more := history.Counts(reg, risks)
	k.Renewals, k.RenewalsCut = counts, cut || more
	return k, nil
}

// readSigners reads the file of allowed signers, nil where there is none and the configuration names none. What is wrong with
// it is told before anything has been signed.
func readSigners(h house, said config.Exceptions) ([]byte, error) {
	name := cmp.Or(said.AllowedSigners, loosening.SignersFile)
	text, err := h.read(name)
	if errors.Is(err, fs.ErrNotExist) && said.AllowedSigners == "" {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("allowed signers %s: %w", name, err)
	}
	_, err = sshsig.ParseAllowedSigners(name, text)
	return text, masked(err)
}

// readIfAny reads a file of a house; nil where there is none.
func readIfAny(h house, name string) ([]byte, error) {
	text, err := h.read(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return text, nil
}

func limitsOf(e config.Exceptions) register.Limits {
	l := register.Limits{MaxDays: e.MaxDays, RequireSignature: e.Signed, MaxProbeAge: e.MaxProbeAge}
	if e.MaxRenewals != 0 {
		most := max(e.MaxRenewals, 0)
		l.MaxRenewals = &most
	}
	return l
}

// repositoryName is the name that approvals hold for: what the configuration says, else owner and name of the remote that
// the clone came from.
func repositoryName(repo *git.Repo, said string) string {
	if said != "" || repo == nil {
		return said
	}
	remote, ok := repo.Config().Get("remote", "origin", "url")
	if !ok {
		return ""
	}
	name := remote
	if u, err := url.Parse(remote); err == nil && u.Scheme != "" {
		name = u.Path
	} else if host, rest, ok := strings.Cut(remote, ":"); ok && !strings.Contains(host, "/") { // host:path, as ssh has it
		name = rest
	}
	return strings.Trim(strings.TrimSuffix(path.Clean("/"+name), ".git"), "/")
}

// maxVersions bounds how many commits of the target branch are looked through for renewals.
const maxVersions = 50_000

// renewals counts how often exceptions were renewed on the branch that a change goes to, or the one that is looked at. cut
// says that there may have been more, since not all of the history is there.
func (a *app) renewals(ctx context.Context, t *target, c *change) (history *register.History, cut bool, err error) {
	if t.repo == nil {
		return &register.History{}, true, nil
	}
	id := c.judges
	if !c.known {
		if id, err = t.headCommit(); err != nil {
			return &register.History{}, true, err
		}
	}
	versions, end, cut := exceptionVersions(ctx, t, id)
	if cut {
		a.note("assay: note: renewals of exceptions are counted back to commit %.12s only", end)
	}
	history, skipped := register.Renewals(versions)
	for _, s := range skipped {
		a.note("assay: note: %s of commit %.12s cannot be read, so its renewals are not counted: %s", register.File, s.Commit, scan.MaskQuoted(s.Err.Error()))
	}
	return history, cut, ctx.Err()
}

// exceptionVersions gives what the file of exceptions was along a branch, the oldest first, and the commit at which that ends.
// It is cut where an older one, or what it holds, cannot be read.
func exceptionVersions(ctx context.Context, t *target, id odb.ID) (versions []register.Version, end string, cut bool) {
	var last odb.ID
	for n := 0; !id.IsZero() && ctx.Err() == nil; n++ {
		end = id.String()
		info, err := t.repo.Commit(id)
		if err != nil || n == maxVersions {
			cut = true
			break
		}
		blob, err := t.repo.At(id, path.Join(t.prefix, register.File))
		if err == nil && blob != last {
			var text []byte
			if _, text, err = t.repo.Objects().Get(blob); err == nil {
				versions = append(versions, register.Version{Commit: end, Content: text})
			}
			last = blob
		}
		cut = cut || err != nil && !errors.Is(err, git.ErrUnknownRevision) // which says that there was no such file
		if len(info.Parents) == 0 {
			break
		}
		id = info.Parents[0]
	}
	slices.Reverse(versions)
	return versions, end, cut
}

// headCommit is the commit that is looked at, zero before the first one.
func (t *target) headCommit() (odb.ID, error) {
	if t.revision != "" && !t.bare {
		return t.resolve(t.revision)
	}
	head, err := t.repo.Head()
	if errors.Is(err, git.ErrNoRef) {
		return odb.ID{}, nil
	}
	return head.ID, err
}

// prober asks probes, at the hosts that the base's policy names.
func (a *app) prober(p config.Probe) (register.Prober, error) {
	return probe.New(probe.Options{Hosts: p.Hosts, AllowPrivate: p.Private})
}

// isIgnoreFile names the files of other tools that hold findings back: in the root, and statements of VEX in their folders.
func isIgnoreFile(p string) bool {
	if !ignorefile.Reads(p) {
		return false
	}
	switch dir := path.Dir(p); dir {
	case ".", ".grype", ".vex", "vex", ".openvex", ".assay/vex":
		return true
	}
	return false
}

// readIgnoreFiles reads the ignore files of a house.
func readIgnoreFiles(h house, seen *scan.Report, repository string) (files []*ignorefile.File, notes []string) {
	paths, read := keptFiles(h, seen.Kept, isIgnoreFile)
	o := ignorefile.Options{Read: h.read}
	if repository != "" {
		o.Products = []string{repository, "pkg:github/" + strings.ToLower(repository), "pkg:generic/" + path.Base(repository)}
	}
	for _, p := range paths {
		text, err := read(p)
		if err != nil {
			notes = append(notes, fmt.Sprintf("%s: %v", p, err))
			continue
		}
		f, errs := ignorefile.Parse(p, text, o)
		for _, e := range errs {
			notes = append(notes, e.Error())
		}
		f.Mask(scan.Mask)
		files = append(files, f)
	}
	return files, append(notes, leftOut(h, paths)...)
}

// leftOut tells of ignore files that are there and were not read, such as a link that leads out of the target.
func leftOut(h house, read []string) (notes []string) {
	for _, name := range ignorefile.Names() {
		if slices.Contains(read, name) {
			continue
		}
		if _, err := h.read(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			notes = append(notes, fmt.Sprintf("%s: %v", name, err))
		}
	}
	return notes
}

// regoFiles reads the policies in Rego of a house, by path.
func regoFiles(h house) (map[string]string, error) {
	paths, err := h.list(loosening.PolicyFolder)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, p := range paths {
		if path.Ext(p) != ".rego" {
			continue
		}
		text, err := h.read(p)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p, err)
		}
		out[p] = string(text)
	}
	return out, nil
}
