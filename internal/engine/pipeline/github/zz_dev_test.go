package github

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"testing"
	"time"
)

func TestDev(t *testing.T) {
	dirs := filepath.SplitList(os.Getenv("GH_DIRS"))
	var n int
	start := time.Now()
	rules := map[string]int{}
	known := readRules(t)
	names := map[string]string{}
	for id, r := range known {
		names[id] = r.Severity.String()
	}
	for _, dir := range dirs {
		var paths []string
		filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				rel, _ := filepath.Rel(dir, p)
				if w, _ := Wants(rel); w {
					paths = append(paths, rel)
				}
			}
			return nil
		})
		sort.Strings(paths)
		var sums [][]byte
		texts := map[string][]byte{}
		show := func(p, rule, sev, conf, msg string, at, steps int, fix bool) {
			if sev == "unknown" {
				sev = names[rule]
			}
			line := 1
			for _, c := range texts[p][:at] {
				if c == '\n' {
					line++
				}
			}
			rules[rule+" "+sev]++
			if os.Getenv("GH_QUIET") == "" {
				fmt.Printf("%s|%s/%s|%s:%d|%s|steps=%d fix=%v\n", rule, sev, conf, filepath.Join(filepath.Base(dir), p), line, msg, steps, fix)
			}
		}
		for _, p := range paths {
			text, _ := os.ReadFile(filepath.Join(dir, p))
			texts[p] = text
			n++
			fs, sum, un := Look(p, text)
			sums = append(sums, sum)
			for _, u := range un {
				fmt.Printf("UNCHECKED %s/%s: %s\n", dir, p, u)
			}
			for _, f := range fs {
				show(p, f.Rule, f.Severity.String(), f.Confidence.String(), f.Message, f.Span.Start, len(f.Steps), f.Fix != nil)
			}
		}
		fs, un := Join(paths, sums)
		for _, u := range un {
			fmt.Println("UNCHECKED", u)
		}
		for _, f := range fs {
			show(f.Path, f.Rule, f.Severity.String(), f.Confidence.String(), f.Message, f.Span.Start, len(f.Steps), f.Fix != nil)
		}
	}
	fmt.Println(n, "files", time.Since(start))
	var keys []string
	for k := range rules {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		fmt.Println("  ", k, rules[k])
	}
}
