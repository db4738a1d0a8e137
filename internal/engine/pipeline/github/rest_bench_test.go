package github

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// workflows makes many different workflows of the examples.
func workflows(b *testing.B, n int) [][]byte {
	b.Helper()
	files, err := filepath.Glob(filepath.Join(rulesDir, "testdata", "github-*", "*.yml"))
	if err != nil || len(files) == 0 {
		b.Fatal("no examples", err)
	}
	var list [][]byte
	for i := range n {
		text, err := os.ReadFile(files[i%len(files)])
		if err != nil {
			b.Fatal(err)
		}
		list = append(list, bytes.Replace(text, []byte("runs-on: "), fmt.Appendf(nil, "name: Job %d\n    runs-on: ", i), 1))
	}
	return list
}

// BenchmarkThousand looks at a thousand workflows. Two seconds are the limit for them.
func BenchmarkThousand(b *testing.B) {
	list := workflows(b, 1000)
	var paths []string
	for i := range list {
		paths = append(paths, fmt.Sprintf(".github/workflows/w%04d.yml", i))
	}
	b.ResetTimer()
	for b.Loop() {
		sums := make([][]byte, len(list))
		for i, text := range list {
			_, sums[i], _ = Look(paths[i], text)
		}
		Join(paths, sums)
	}
}
