package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// histories measures each repository's history, and those of its older halves, which show how time grows.
func (b *bench) histories(ctx context.Context) error {
	for i, t := range b.gits {
		repo, missing, err := b.complete(ctx, t, i)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		theirs, same := b.report("git", i, "gitleaks"), b.report("git", i, "assay")
		commands := []command{
			{name: "gitleaks git", args: b.gitleaksScan("git", repo, theirs)},
			{name: "assay --history, the same rules", args: b.assayScan(repo, same, b.rules, "--history"), okay: incomplete},
			{name: "assay --history, its own rules", args: b.assayScan(repo, b.report("git", i, "own"), "", "--history"), okay: incomplete},
		}
		costs, err := b.inTurn(ctx, commands)
		if err != nil {
			return err
		}
		commits, err := git(ctx, repo, "rev-list", "--all", "--count")
		if err != nil {
			return err
		}
		b.section(fmt.Sprintf("## History: %s\n\n%s commits under all references%s.\n\n%s", t.name, commits, said(missing), table(commands, costs)) +
			shownAll(b, commands, "REPOSITORY"))
		if err := b.growth(ctx, t, repo, missing, i); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		b.later = append(b.later, func() error { return b.compareHistory(ctx, t, repo, theirs, same) })
	}
	return nil
}

func said(missing []string) string {
	if len(missing) == 0 {
		return ""
	}
	return fmt.Sprintf("; the clone lacks %d of its objects, at which git, and gitleaks with it, would end: for both sides an empty file stands in for each, by refs/replace", len(missing))
}

// complete gives a repository that git can walk to its end: the tree's own, or a copy with stand-ins for what it lacks.
func (b *bench) complete(ctx context.Context, t tree, n int) (repo string, missing []string, err error) {
	out, err := git(ctx, t.path, "rev-list", "--objects", "--all", "--missing=print")
	if err != nil {
		return "", nil, err
	}
	for line := range strings.Lines(out) {
		if id, ok := strings.CutPrefix(strings.TrimSpace(line), "?"); ok {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return t.path, nil, nil
	}
	dir, err := git(ctx, t.path, "rev-parse", "--absolute-git-dir")
	if err != nil {
		return "", nil, err
	}
	repo = filepath.Join(b.work, fmt.Sprintf("repository-%d.git", n+1))
	if err := os.CopyFS(repo, os.DirFS(dir)); err != nil {
		return "", nil, err
	}
	return repo, missing, standIn(ctx, repo, missing)
}

// standIn lets an empty file stand in for each missing object.
func standIn(ctx context.Context, repo string, missing []string) error {
	if len(missing) == 0 {
		return nil
	}
	empty, err := git(ctx, repo, "hash-object", "-w", "--stdin")
	if err != nil {
		return err
	}
	var script bytes.Buffer
	for _, id := range missing {
		fmt.Fprintf(&script, "update refs/replace/%s %s\n", id, empty)
	}
	cmd := exec.CommandContext(ctx, "git", "-C", repo, "update-ref", "--stdin")
	cmd.Stdin = &script
	_, err = output(cmd)
	return err
}

// growth measures the history of HEAD beside its older halves, by commits, objects and bytes of files, all packed anew in the
// same way.
// Trees grow: the second half of the commits brings more objects than the first, and larger ones.
func (b *bench) growth(ctx context.Context, t tree, repo string, missing []string, n int) error {
	var commands []command
	var sizes []size
	for i, part := range []struct {
		name  string
		count func(context.Context, string, string) (int, error)
	}{{"half of the commits", countCommits}, {"half of the objects", countObjects}, {"half of the bytes", countBytes}, {"whole", nil}} {
		commit := "HEAD"
		if part.count != nil {
			var err error
			if commit, err = halfway(ctx, repo, part.count); err != nil {
				return err
			}
		}
		at := filepath.Join(b.work, fmt.Sprintf("part-%d-%d.git", n+1, i+1))
		if err := cutOut(ctx, repo, commit, missing, at); err != nil {
			return err
		}
		s, err := sizeOf(ctx, at)
		if err != nil {
			return err
		}
		sizes = append(sizes, s)
		commands = append(commands, command{name: part.name, args: b.assayScan(at, b.report(fmt.Sprintf("part-%d", i+1), n, "growth"), b.rules, "--history"), okay: incomplete})
	}
	costs, err := b.inTurn(ctx, commands)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("### Doubling the history: %s\n\nassay --history with the same rules on the history of HEAD and on its older halves, each packed anew.\n\n%s\n", t.name, table(commands, costs))
	whole := len(sizes) - 1
	for i, s := range sizes[:whole] {
		grown := func(of func(cost) float64) string {
			return ratio(spreadBy(costs[whole], of).median, spreadBy(costs[i], of).median)
		}
		text += fmt.Sprintf("- From %s (%s) to the whole (%s): %s times the commits, %s times the objects, %s times the bytes of files; %s times the wall time, %s times the CPU time.\n",
			commands[i].name, s, sizes[whole], ratio(sizes[whole].commits, s.commits), ratio(sizes[whole].objects, s.objects), ratio(sizes[whole].bytes, s.bytes),
			grown(wallSeconds), grown(cpuSeconds))
	}
	b.section(text)
	return nil
}

// halfway is the commit on HEAD's first-parent line whose history holds about half of what is counted in HEAD's.
func halfway(ctx context.Context, repo string, count func(context.Context, string, string) (int, error)) (string, error) {
	line, err := git(ctx, repo, "rev-list", "--first-parent", "HEAD")
	if err != nil {
		return "", err
	}
	commits := strings.Fields(line)
	all, err := count(ctx, repo, "HEAD")
	if err != nil {
		return "", err
	}
	low, high := 0, len(commits)-1 // the count falls from low to high
	for low < high {
		mid := (low + high) / 2
		n, err := count(ctx, repo, commits[mid])
		if err != nil {
			return "", err
		}
		if n > all/2 {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return commits[low], nil
}

func countCommits(ctx context.Context, repo, commit string) (int, error) {
	out, err := git(ctx, repo, "rev-list", "--count", commit)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(out)
}

func countObjects(ctx context.Context, repo, commit string) (int, error) {
	out, err := git(ctx, repo, "rev-list", "--objects", "--missing=allow-any", "--count", commit)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(out)
}

// countBytes adds up all versions of all files.
func countBytes(ctx context.Context, repo, commit string) (int, error) {
	objects, err := git(ctx, repo, "rev-list", "--objects", "--missing=allow-any", "--no-object-names", commit)
	if err != nil {
		return 0, err
	}
	sizes := exec.CommandContext(ctx, "git", "-C", repo, "cat-file", "--batch-check=%(objecttype) %(objectsize)")
	sizes.Stdin = strings.NewReader(objects + "\n")
	out, err := output(sizes)
	if err != nil {
		return 0, err
	}
	bytes, _, err := sumUp(out)
	return int(bytes), err
}

// sumUp adds up the sizes in what git cat-file says of objects, and counts the objects.
func sumUp(listed string) (bytes, objects float64, err error) {
	for line := range strings.Lines(listed) {
		objects++
		if n, ok := strings.CutPrefix(strings.TrimSpace(line), "blob "); ok {
			size, err := strconv.ParseFloat(n, 64)
			if err != nil {
				return 0, 0, err
			}
			bytes += size
		}
	}
	return bytes, objects, nil
}

// cutOut makes a bare repository of one commit and its history, in one pack.
func cutOut(ctx context.Context, repo, commit string, missing []string, to string) error {
	id, err := git(ctx, repo, "rev-parse", commit)
	if err != nil {
		return err
	}
	if _, err := output(exec.CommandContext(ctx, "git", "init", "--quiet", "--bare", "--initial-branch=main", to)); err != nil {
		return err
	}
	pack := exec.CommandContext(ctx, "git", "-C", repo, "pack-objects", "--revs", "--missing=allow-any", "--delta-base-offset", "--quiet",
		filepath.Join(to, "objects", "pack", "pack"))
	pack.Stdin = strings.NewReader(id + "\n")
	if _, err := output(pack); err != nil {
		return err
	}
	if _, err := git(ctx, to, "update-ref", "refs/heads/main", id); err != nil {
		return err
	}
	return standIn(ctx, to, missing)
}

// A size is how much history a repository holds.
type size struct{ commits, objects, bytes float64 }

func (s size) String() string {
	return fmt.Sprintf("%.0f commits, %.0f objects, %.0f MB of files", s.commits, s.objects, s.bytes/1e6)
}

func sizeOf(ctx context.Context, repo string) (size, error) {
	commits, err := countCommits(ctx, repo, "HEAD")
	if err != nil {
		return size{}, err
	}
	out, err := git(ctx, repo, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectsize)")
	if err != nil {
		return size{}, err
	}
	s := size{commits: float64(commits)}
	s.bytes, s.objects, err = sumUp(out)
	return s, err
}
