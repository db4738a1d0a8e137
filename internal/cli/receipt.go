package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/git/odb"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/receipt"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/source"
	"github.com/spf13/cobra"
)

// writeReceipt writes the record of a verdict.
func (a *app) writeReceipt(p *performance, f *lookFlags) error {
	if f.receipt == "" {
		return nil
	}
	subjects := slices.Clone(p.subjects)
	for _, text := range f.subjects {
		s, err := parseSubject(text)
		if err != nil {
			return err
		}
		subjects = append(subjects, s)
	}
	if err := a.refuseOwnSecrets(p); err != nil {
		return err
	}
	s, err := receipt.New(subjects, p.document.Tool, &p.list, p.ruling)
	if err != nil {
		return err
	}
	if f.receipt == "-" {
		return s.Write(a.Stdout)
	}
	return replace(f.receipt, s.Write)
}

// refuseOwnSecrets refuses a receipt that would carry a credential out of a team's own policy. Such a file cannot be
// masked: its words decide, and a replay has to read the same.
func (a *app) refuseOwnSecrets(p *performance) error {
	texts := maps.Clone(p.list.Rego)
	for _, scope := range p.list.Policy {
		for _, lines := range [][]policy.Line{scope.Text.Deny, scope.Text.Warn, scope.Text.Require} {
			for _, l := range lines {
				texts[l.Key] += l.Expr + "\n"
			}
		}
	}
	for i := range p.list.Targets {
		texts["the allowed signers"] += p.list.Targets[i].Keep.Signers
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		if text := texts[name]; a.hide(text) != text {
			return hint(fmt.Errorf("no receipt: %s holds what looks like a credential, and a receipt is kept and shown", a.hide(name)),
				"take it out of there, and revoke it")
		}
	}
	return nil
}

// parseSubject reads NAME@ALGORITHM:HEX, such as registry.example.com/shop@sha256:….
func parseSubject(text string) (receipt.Subject, error) {
	s := receipt.Subject{}
	if at := strings.LastIndexByte(text, '@'); at > 0 {
		algorithm, value, _ := strings.Cut(text[at+1:], ":")
		s = receipt.Subject{Name: text[:at], Digest: map[string]string{algorithm: value}}
	}
	if s.Name == "" || s.Valid() != nil {
		return s, hint(fmt.Errorf("--subject %q is no name with a digest", text), "write it as NAME@sha256:HEX, as the registry names an image")
	}
	return s, nil
}

// subject names what is looked at by its content.
func (a *app) subject(ctx context.Context, t *target, f *lookFlags) (receipt.Subject, error) {
	switch {
	case t.stdin:
		return receipt.Subject{}, hint(errors.New("a receipt names what was judged, and standard input is gone by then"), "give a file or a folder")
	case f.staged:
		return stagedSubject(ctx, t)
	case t.revision != "":
		id, err := t.resolve(t.revision)
		if err != nil {
			return receipt.Subject{}, err
		}
		return commitSubject(t, id)
	case f.history:
		head, err := t.headCommit()
		if err != nil {
			return receipt.Subject{}, err
		}
		return commitSubject(t, head)
	}
	return a.folderSubject(ctx, t, f)
}

func commitSubject(t *target, id odb.ID) (receipt.Subject, error) {
	tree, err := t.repo.TreeOf(id)
	return receipt.Subject{Name: t.name, Digest: map[string]string{"gitCommit": id.String(), "gitTree": tree.String()}}, err
}

// stagedSubject names what the index holds, by a list of modes, paths and objects.
func stagedSubject(ctx context.Context, t *target) (receipt.Subject, error) {
	index, err := t.repo.Index(ctx)
	if err != nil {
		return receipt.Subject{}, err
	}
	var lines []string
	for _, e := range index.Entries {
		lines = append(lines, fmt.Sprintf("%06o %s %s", e.Mode, onOneLine(e.Path), e.ID))
	}
	return receipt.Subject{Name: t.name + " (staged)", Digest: map[string]string{"sha256": digestOf(lines)}}, nil
}

// digestOf is the digest of lines, sorted by their bytes, each with its end.
func digestOf(lines []string) string {
	slices.Sort(lines)
	h := sha256.New()
	for _, l := range lines {
		io.WriteString(h, l+"\n")
	}
	return hex.EncodeToString(h.Sum(nil))
}

// onOneLine writes a path so that no two lists of files look alike: a name may hold what looks like the next line.
var onOneLine = strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace

// folderSubject names a folder by the sorted list of mode, path and digest of its files, and by the commit as well where
// its files are those of HEAD.
func (a *app) folderSubject(ctx context.Context, t *target, f *lookFlags) (receipt.Subject, error) {
	var account source.Account
	src, err := a.source(ctx, t, f, &change{}, &account)
	if err != nil {
		return receipt.Subject{}, err
	}
	d := &digester{root: t.dir, file: t.file, blobs: map[string]string{}}
	if t.repo != nil {
		d.format = t.repo.Format()
	}
	if err := src.Each(ctx, 1, &account, func(_ int, file *source.File) { d.add(file) }); err != nil {
		return receipt.Subject{}, err
	}
	if gaps := account.Unchecked(); len(gaps) > 0 {
		d.failed = fmt.Errorf("%s: %s", gaps[0].Path, gaps[0].Reason)
	}
	if d.failed != nil {
		return receipt.Subject{}, fmt.Errorf("a receipt names all that was judged: %w", d.failed)
	}
	if t.file && len(d.sums) == 1 {
		return receipt.Subject{Name: t.name, Digest: map[string]string{"sha256": d.sums[0]}}, nil
	}
	s := receipt.Subject{Name: t.name, Digest: map[string]string{"sha256": digestOf(d.lines)}}
	if t.repo == nil || t.file || t.prefix != "" {
		return s, nil
	}
	head, err := t.headCommit()
	if err != nil || head.IsZero() {
		return s, err
	}
	entries, err := commitEntries(ctx, t.repo, head, &account)
	if err != nil {
		return s, err
	}
	if d.is(entries) {
		c, err := commitSubject(t, head)
		maps.Copy(s.Digest, c.Digest)
		return s, err
	}
	return s, nil
}

// A digester names files by their content.
type digester struct {
	root   string
	file   bool
	format odb.Format
	mu     sync.Mutex
	lines  []string
	sums   []string          // of the files, as lines have them
	blobs  map[string]string // git's name of each
	failed error
}

func (d *digester) add(f *source.File) {
	text, err := f.Read(nil, maxSubjectFile)
	if err == nil && int64(len(text)) > maxSubjectFile {
		err = fmt.Errorf("larger than %d bytes", int64(maxSubjectFile))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil {
		d.failed = fmt.Errorf("%s: %w", f.Path, err)
		return
	}
	mode := "100644"
	switch {
	case f.Class == coverage.Link:
		mode = "120000"
	case !d.file:
		if info, err := os.Lstat(filepath.Join(d.root, filepath.FromSlash(f.Path))); err == nil && info.Mode()&0o111 != 0 {
			mode = "100755"
		}
	}
	sum := sha256.Sum256(text)
	d.sums = append(d.sums, hex.EncodeToString(sum[:]))
	d.lines = append(d.lines, mode+" "+onOneLine(f.Path)+" "+hex.EncodeToString(sum[:]))
	d.blobs[f.Path] = odb.NameOf(d.format, odb.Blob, text).String()
}

// maxSubjectFile is the largest file of a target that has a receipt.
const maxSubjectFile = 1 << 30

// is reports whether the files are those of a commit, no more and no less.
func (d *digester) is(entries []source.GitEntry) bool {
	n := 0
	for _, e := range entries {
		if !e.Mode.IsBlob() {
			continue
		}
		if n++; d.blobs[e.Path] != e.ID.String() {
			return false
		}
	}
	return n == len(d.blobs)
}

func replayCommand(a *app) *cobra.Command {
	var f lookFlags
	var rescan bool
	cmd := &cobra.Command{
		Use:   "replay RECEIPT [TARGET]",
		Short: "Decide again from a receipt, and tell whether the verdict is the same",
		Long: "Replay decides from the inputs that the receipt holds: what was found, what was known of the services, exceptions, policy,\n" +
			"answers of probes, stage and time. It never reads the stored decision but to compare it, byte for byte. Exit code 0: the\n" +
			"same; 1: an input or the decision was changed, and the first place is named; 2: not a receipt, or of a newer format.\n\n" +
			"--rescan also looks at the target again, and refuses where engines, rules or data are others than then.",
		Example: "  assay gate --diff-base origin/main --receipt receipt.json\n  assay replay receipt.json\n  assay replay --rescan receipt.json git:.@v1.2.0",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !rescan && len(args) > 1 {
				return hint(errors.New("replay looks at no target"), "add --rescan to look again")
			}
			return a.replay(cmd.Context(), args, rescan, &f)
		},
	}
	f.add(cmd, policy.PullRequest)
	withoutFlags(cmd, "what was asked stands in the receipt", "format", "output", "severity", "stage", "show-suppressed", "verify")
	cmd.Flags().BoolVar(&rescan, "rescan", false, "look at the target again, too; give the same flags as then")
	return cmd
}

func (a *app) replay(ctx context.Context, args []string, rescan bool, f *lookFlags) error {
	text, err := readReceipt(args[0])
	if err != nil {
		return hint(fmt.Errorf("%s: %w", args[0], err), "make one with: assay gate --receipt %s", shellWord(args[0]))
	}
	s, err := receipt.Read(text)
	if errors.Is(err, receipt.ErrNewer) {
		return hint(fmt.Errorf("%s: %w", args[0], err), "replay it with the version that made it, or a later one")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], masked(err))
	}
	r, err := s.Again(hosts())
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], masked(err))
	}
	if rescan {
		if err := a.rescan(ctx, s, args[1:], f); err != nil {
			return err
		}
	}
	return a.tellReplay(args[0], s, r)
}

func readReceipt(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, plainError(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, receipt.MaxSize+1))
	return text, plainError(err)
}

func (a *app) tellReplay(file string, s *receipt.Statement, r *receipt.Replay) error {
	v := &r.Ruling.Verdict
	line := func(format string, args ...any) { say(a.Stdout, fmt.Sprintf(format, args...)) }
	for _, name := range r.Changed {
		line("%s: the input %q was changed since the receipt was written", file, name)
	}
	if r.Difference != nil {
		line("%s: %s", file, r.Difference)
	}
	if !r.Same() {
		return errExit(Denied)
	}
	decided := string(v.Decision)
	if len(v.Incomplete) > 0 {
		decided += ", with required checks that are not complete,"
	}
	line("%s: the same verdict, byte for byte: %s at stage %s, as of %s", file, decided, v.Stage, report.Day(r.Case.Now))
	for _, subject := range s.Subject {
		var digests []string
		for _, name := range slices.Sorted(maps.Keys(subject.Digest)) {
			digests = append(digests, name+":"+subject.Digest[name])
		}
		line("  %s  %s", subject.Name, strings.Join(digests, " "))
	}
	return nil
}

// rescan looks again, with the same engines, and compares what is found.
func (a *app) rescan(ctx context.Context, s *receipt.Statement, args []string, f *lookFlags) error {
	f.stage, f.receipt = s.Predicate.Inputs.Stage, "again" // which asks for subjects
	a.global.now = s.Predicate.Inputs.Now.Format(time.RFC3339Nano)
	p, err := a.perform(ctx, args, f)
	if err != nil {
		return err
	}
	if err := sameEngines(s, p.list.Coverage); err != nil {
		return err
	}
	for i, now := range p.subjects {
		if i >= len(s.Subject) || !sharesDigest(s.Subject[i].Digest, now.Digest) {
			say(a.Stdout, fmt.Sprintf("%s is not what the receipt is about: its digest is another", now.Name))
			return errExit(Denied)
		}
	}
	now, err := receipt.New(p.subjects, p.document.Tool, &p.list, p.ruling)
	if err != nil {
		return err
	}
	for _, name := range s.Differs(now) {
		if name == "findings" || name == "marks" || name == "files" {
			say(a.Stdout, fmt.Sprintf("looking again gives other %s than the receipt has", name))
			return errExit(Denied)
		}
	}
	return nil
}

// sharesDigest reports whether two sets of digests name the same content. Where they share several names, all must agree:
// a folder that is not HEAD any more has no commit.
func sharesDigest(a, b map[string]string) bool {
	shared := 0
	for name, value := range a {
		if other, ok := b[name]; ok {
			if other != value {
				return false
			}
			shared++
		}
	}
	return shared > 0
}

// sameEngines wants what looks now to be what looked then: engines, their rules and their data.
func sameEngines(s *receipt.Statement, now []coverage.Record) error {
	same := func(then, now *coverage.Record) bool {
		return then.Target == now.Target && then.Engine == now.Engine && maps.Equal(then.Versions, now.Versions) && maps.Equal(then.Digests, now.Digests)
	}
	then := s.Predicate.Inputs.Coverage
	for i := range then {
		old := coverage.Record(then[i])
		if !slices.ContainsFunc(now, func(r coverage.Record) bool { return same(&old, &r) }) {
			return &UserError{Err: fmt.Errorf("the %s engine, its rules or its data are others than those of the receipt", old.Engine),
				Hint: "look again with the version, the rules and the flags that made it", Code: Incomplete}
		}
	}
	if len(now) > len(then) {
		return &UserError{Err: errors.New("more engines or targets are looked at than the receipt knows"), Hint: "give the same flags as then", Code: Incomplete}
	}
	return nil
}
