package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/git"
	"github.com/assaysec/assay/internal/git/odb"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/source"
	"github.com/spf13/cobra"
)

// A pushed is one reference that a push changes (githooks(5), "pre-receive"). Old is zero where it is made, New where it is
// deleted.
type pushed struct {
	old, new odb.ID
	ref      string
}

// The limits of one push. What is beyond was not looked at, and so does not pass.
const (
	maxPushed     = 20_000 // references
	maxPushedLine = 64 << 10
	maxLooked     = 2000 // references that bring something
	maxBeside     = 16   // commits that the server has and the push builds on: with fewer of them more is new, never less
	maxTags       = 16   // annotated tags that name one another
)

// receiveCommand is for hooks/pre-receive of a server.
func receiveCommand(a *app) *cobra.Command {
	var f lookFlags
	cmd := &cobra.Command{
		Use:   "receive",
		Short: "Judge what a push brings to this repository (for hooks/pre-receive)",
		Long: "Receive reads lines OLD NEW REF from standard input, as git gives them to pre-receive, and looks at what the repository\n" +
			"does not have yet: every new commit and tag with all that they say, the names of people included, and the names of new\n" +
			"references. The policy, baseline and exceptions are those of the repository's default branch as it is, never those that\n" +
			"are pushed. Exit code 0 lets the push in; any other refuses it.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			lines, err := readPushed(a.Stdin, func(l pushLine) (pushed, error) { return l.pushed(0, 1, 2, 3) })
			if err != nil {
				return err
			}
			return a.receive(cmd.Context(), lines, &f, func(r *receiver) error { return r.fromServer() })
		},
	}
	f.add(cmd, policy.PullRequest)
	withoutFlags(cmd, "receive looks at what is pushed", "staged", "history", "diff-base", "verify", "no-cache", "no-ignore", "baseline")
	return cmd
}

// A pushLine is the words of one line.
type pushLine []string

// pushed reads the words old and new, the ID of the reference before and after, and its name.
func (l pushLine) pushed(old, new, ref, words int) (p pushed, err error) {
	if len(l) != words {
		return p, fmt.Errorf("%d words instead of %d", len(l), words)
	}
	if p.old, err = odb.ParseID(l[old]); err != nil {
		return p, err
	}
	p.new, err = odb.ParseID(l[new])
	p.ref = l[ref]
	return p, err
}

// readPushed reads what git tells a hook about a push.
func readPushed(r io.Reader, parse func(pushLine) (pushed, error)) ([]pushed, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), maxPushedLine)
	var out []pushed
	for n := 1; lines.Scan(); n++ {
		p, err := parse(strings.Split(lines.Text(), " "))
		if err != nil {
			return nil, hint(fmt.Errorf("standard input, line %d: %w", n, err), "git calls this through a hook: assay hook install")
		}
		if out = append(out, p); len(out) > maxPushed {
			return nil, &UserError{Err: fmt.Errorf("more than %d references in one push: not looked at", maxPushed), Hint: "push them in several parts", Code: Incomplete}
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("standard input: %w", err)
	}
	return out, nil
}

// A receiver looks at what a push brings.
type receiver struct {
	app   *app
	flags *lookFlags
	repo  *git.Repo
	dir   string
	p     *performance

	known  []odb.ID // commits that are there already, and those of this push that have been looked at
	house  *gitHouse
	onto   string            // the default branch, as a clone calls it
	policy []source.GitEntry // its files
	judges odb.ID            // its commit
	looked int
	now    map[string]bool // objects that this push was already looked at for
}

// receive judges a push. base says what the other side has, and whose policy holds.
func (a *app) receive(ctx context.Context, lines []pushed, f *lookFlags, base func(*receiver) error) error {
	if err := f.validate(); err != nil {
		return err
	}
	now, err := a.now()
	if err != nil {
		return err
	}
	t := &target{name: ".", dir: ".", served: true}
	if err := a.openRepo(t); err != nil {
		return err
	}
	repo, err := t.needRepo("hook receive")
	if err != nil {
		return err
	}
	defer repo.Close()
	f.noCache = true
	a.global.quiet = true // notes are as many as whoever pushes likes
	r := &receiver{app: a, flags: f, repo: repo, dir: t.dir, p: newPerformance(now), now: map[string]bool{}}
	r.p.based = true
	if err := base(r); err != nil {
		return err
	}
	// Branches first: tags mostly name what is on them.
	slices.SortStableFunc(lines, func(x, y pushed) int { return rankOfRef(x.ref) - rankOfRef(y.ref) })
	for _, l := range lines {
		if l.new.IsZero() {
			continue // a deleted reference brings nothing
		}
		if err := r.tip(ctx, l); err != nil {
			return fmt.Errorf("%s: %w", l.ref, err)
		}
	}
	if err := r.names(ctx, lines); err != nil {
		return err
	}
	if r.looked == 0 {
		return nil
	}
	if err := a.judge(ctx, r.p, f.stage); err != nil {
		return err
	}
	return a.answer(r.p, f, pushAdvice(r.onto))
}

func rankOfRef(ref string) int {
	if strings.HasPrefix(ref, "refs/heads/") {
		return 0
	}
	return 1
}

// fromServer takes what the repository has for known, and its default branch for the policy.
func (r *receiver) fromServer() error {
	refs, err := r.repo.Refs()
	if err != nil {
		return err
	}
	for _, ref := range refs {
		r.know(ref.ID)
	}
	head, err := r.repo.Head()
	if err != nil && !errors.Is(err, git.ErrNoRef) {
		return err
	}
	r.onto = "origin/" + strings.TrimPrefix(head.Target, "refs/heads/")
	return r.policyOf(head.ID)
}

// know adds what an object leads to, if it is a commit that can be read.
func (r *receiver) know(id odb.ID) {
	if id.IsZero() {
		return
	}
	if id, kind, err := r.repo.Peel(id); err == nil && kind == odb.Commit {
		if _, err := r.repo.Commit(id); err == nil {
			r.known = append(r.known, id)
		}
	}
}

// policyOf reads the house of the default branch; before its first commit it is empty, and the defaults hold.
func (r *receiver) policyOf(id odb.ID) error {
	var account source.Account
	if !id.IsZero() {
		entries, err := commitEntries(context.Background(), r.repo, id, &account)
		if err != nil {
			return fmt.Errorf("the default branch, whose policy holds: %w", err)
		}
		if gaps := account.Unchecked(); len(gaps) > 0 {
			return fmt.Errorf("the default branch, whose policy holds: %s: %s", gaps[0].Path, gaps[0].Reason)
		}
		r.policy = entries
	}
	r.house, r.judges = newGitHouse(r.policy, r.repo), id
	return nil
}

// tip looks at what one reference brings: the messages of its tags, and what they lead to.
func (r *receiver) tip(ctx context.Context, l pushed) error {
	id := l.new
	for n := 0; ; n++ {
		kind, data, err := r.repo.Objects().Get(id)
		switch {
		case err != nil:
			return err
		case kind == odb.Commit:
			return r.commit(ctx, l.ref, id)
		case kind != odb.Tag:
			return r.loose(ctx, l.ref, id, kind, "")
		case n == maxTags:
			return fmt.Errorf("more than %d tags that name one another", maxTags)
		}
		tag, err := odb.ParseTag(data)
		if err != nil {
			return err
		}
		if err := r.said(ctx, l.ref, id, "message of the tag", string(data)); err != nil {
			return err
		}
		id = tag.Object
	}
}

// commit looks at the commits that a reference brings, against those of what is known that they build on.
func (r *receiver) commit(ctx context.Context, ref string, id odb.ID) error {
	log, err := r.repo.Log(ctx, []odb.ID{id}, r.known)
	if err != nil {
		return err
	}
	if len(log.Commits) == 0 {
		return nil // it names what is here already
	}
	fresh := make(map[odb.ID]bool, len(log.Commits))
	for _, c := range log.Commits {
		fresh[c] = true
	}
	bases, roots, err := r.edge(log.Commits, fresh)
	if err != nil {
		return err
	}
	if len(roots) > maxBeside {
		return fmt.Errorf("more than %d histories without a common beginning", maxBeside)
	}
	for _, root := range roots {
		if err := r.root(ctx, ref, root, root == id); err != nil {
			return err
		}
		bases = append(bases, root)
	}
	defer func() { r.known = append(r.known, id) }()
	if bases[0] == id {
		return nil // a root, and all of it has been looked at
	}
	c := r.change()
	c.base, c.head, c.fresh = bases[0], id, fresh
	files, err := r.parted(ctx, c, ref, id, bases[:min(len(bases), 1+maxBeside)])
	if err != nil {
		return err
	}
	return r.look(ctx, ref, &target{revision: id.String(), given: files}, c)
}

// parted gives the files of a commit that none of its bases has as they are, and leaves to the change those of each base that
// the commit does not have: a push is judged by what it brings, and a server does not look at all it has each time. What is
// the same on both sides stays at hand for engines that join.
func (r *receiver) parted(ctx context.Context, c *change, ref string, id odb.ID, bases []odb.ID) (*source.GitFiles, error) {
	brought, err := commitEntries(ctx, r.repo, id, c.note)
	if err != nil {
		return nil, err
	}
	has, had := map[source.GitEntry]bool{}, map[source.GitEntry]bool{}
	for _, e := range brought {
		has[e] = true
	}
	var trees [][]source.GitEntry
	for i, base := range bases {
		entries, err := commitEntries(ctx, r.repo, base, c.note)
		if err != nil {
			return nil, err
		}
		if c.fresh[base] { // it comes with the push, and says nothing of what was there before
			trees = append(trees, shared(r.policy, brought))
		} else {
			trees = append(trees, entries)
		}
		for _, e := range entries {
			had[e] = true
		}
		same, gone := sorted(entries, has)
		if i == 0 {
			c.tree, c.same = gone, same
			continue
		}
		b := &source.GitFiles{Repo: r.repo, Of: finding.Target{Kind: "git-tree"}, Entries: gone}
		b.Others = same
		c.beside = append(c.beside, b)
	}
	c.was = newGitHouse(unaltered(brought, append(trees, r.policy)), r.repo)
	same, fresh := sorted(brought, had)
	files := &source.GitFiles{Repo: r.repo, Of: finding.Target{Kind: "git-tree", Name: ref, Revision: id.String()}, Entries: fresh}
	files.Others = same
	return files, nil
}

// edge finds the known commits that new ones build on, nearest first, and those that build on none.
func (r *receiver) edge(commits []odb.ID, fresh map[odb.ID]bool) (bases, roots []odb.ID, err error) {
	had := map[odb.ID]bool{}
	for _, id := range commits {
		info, err := r.repo.Commit(id)
		if err != nil {
			return nil, nil, err
		}
		if len(info.Parents) == 0 {
			roots = append(roots, id)
		}
		for _, p := range info.Parents {
			if !fresh[p] && !had[p] {
				had[p] = true
				bases = append(bases, p)
			}
		}
	}
	return bases, roots, nil
}

// root looks at a commit that builds on nothing: all that it has, and what it says. Then it is the base of what comes after.
// What it does to the files that judge counts only where nothing comes after.
func (r *receiver) root(ctx context.Context, ref string, id odb.ID, last bool) error {
	info, err := r.repo.Commit(id)
	if err != nil {
		return err
	}
	_, data, err := r.repo.Objects().Get(id)
	if err != nil {
		return err
	}
	headers, message := odb.Said(data)
	if err := r.said(ctx, ref, id, "message of commit "+id.String()[:12], string(message)); err != nil {
		return err
	}
	if err := r.said(ctx, ref, id, "headers of commit "+id.String()[:12], string(headers)); err != nil {
		return err
	}
	revision := ""
	if last {
		revision = id.String()
	}
	return r.loose(ctx, ref, info.Tree, odb.Tree, revision)
}

// loose looks at a tree or a file whole, and at what it does to the files that judge where a revision has it. What the
// default branch has is not new.
func (r *receiver) loose(ctx context.Context, ref string, id odb.ID, kind odb.Type, revision string) error {
	if r.now[id.String()] {
		return nil
	}
	r.now[id.String()] = true
	c := r.change()
	c.tree = r.policy
	files := &source.GitFiles{Repo: r.repo, Of: finding.Target{Kind: "git-tree", Name: ref, Revision: id.String()}}
	if kind == odb.Blob {
		files.Entries = []source.GitEntry{{Path: path.Base(ref), Mode: odb.ModeFile, ID: id}}
	} else {
		var err error
		if files.Entries, err = source.TreeOf(ctx, r.repo, id, c.note); err != nil {
			return err
		}
	}
	c.was = newGitHouse(shared(r.policy, files.Entries), r.repo)
	return r.look(ctx, ref, &target{given: files, revision: revision}, c)
}

// said looks at what a commit or tag says under a name.
func (r *receiver) said(ctx context.Context, ref string, id odb.ID, name, text string) error {
	key := name + " " + id.String()
	if r.now[key] {
		return nil
	}
	r.now[key] = true
	return r.text(ctx, ref, name, text)
}

// text looks at a text under a name.
func (r *receiver) text(ctx context.Context, ref, name, text string) error {
	said := source.NewStream(name, strings.NewReader(text))
	said.Name = ref
	return r.look(ctx, ref, &target{given: said}, r.change())
}

// names looks at the names of references that are made. Most are told to hold no credential without asking for more.
func (r *receiver) names(ctx context.Context, lines []pushed) error {
	if err := r.app.needHider(); err != nil {
		return err
	}
	for _, l := range lines {
		if !l.old.IsZero() || l.new.IsZero() || r.app.hide(l.ref) == l.ref {
			continue
		}
		if err := r.text(ctx, l.ref, "name of the reference", l.ref); err != nil {
			return fmt.Errorf("%s: %w", l.ref, err)
		}
	}
	return nil
}

// change is one whose base has nothing but the policy.
func (r *receiver) change() *change {
	return &change{known: true, house: r.house, said: saidFiles{base: r.house}, repo: r.repo, judges: r.judges, note: &source.Account{}}
}

func (r *receiver) look(ctx context.Context, ref string, t *target, c *change) error {
	if r.looked++; r.looked > maxLooked {
		return &UserError{Err: fmt.Errorf("more than %d references bring something new: not all were looked at", maxLooked), Hint: "push them in several parts", Code: Incomplete}
	}
	t.name, t.dir, t.repo, t.bare = ref, r.dir, r.repo, true
	return r.app.performChange(ctx, r.p, t, c, fmt.Sprintf("t%d", r.looked), r.flags, c.note)
}
