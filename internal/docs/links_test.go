package docs

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	noWord  = regexp.MustCompile(`[^\p{L}\p{N}\p{M}_ -]`)
	code    = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
)

// TestLinks follows every link from one page of the repository to another, headings included.
func TestLinks(t *testing.T) {
	for _, p := range documents(t) {
		for _, found := range link.FindAllStringSubmatch(code.ReplaceAllString(read(t, p), ""), -1) {
			to, fragment, _ := strings.Cut(found[1], "#")
			if strings.Contains(to, ":") {
				continue // elsewhere
			}
			target := p
			if to != "" {
				target = path.Join(path.Dir(p), to)
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s links to %s: %v", p, found[1], err)
				continue
			}
			if fragment != "" && !anchors(read(t, target))[fragment] {
				t.Errorf("%s links to %s, and there is no such heading", p, found[1])
			}
		}
	}
}

// anchors are the names of a page's headings in links, as forges make them.
func anchors(page string) map[string]bool {
	names := map[string]bool{}
	for _, h := range heading.FindAllStringSubmatch(page, -1) {
		name := noWord.ReplaceAllString(strings.ToLower(strings.TrimSpace(h[1])), "")
		names[strings.ReplaceAll(name, " ", "-")] = true
	}
	return names
}

// documents lists the pages in the root and in docs.
func documents(t *testing.T) []string {
	t.Helper()
	var all []string
	tree := os.DirFS(root)
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		found, err := fs.Glob(tree, pattern)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	return all
}

func read(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
