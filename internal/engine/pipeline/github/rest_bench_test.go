package github

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/assaysec/assay/internal/engine/pipeline/pipelinetest"
)

// workflows makes many different workflows of the examples.
func workflows(b *testing.B, n int) [][]byte {
	b.Helper()
	files, err := filepath.Glob(filepath.Join(pipelinetest.RulesDir, "testdata", "github-*", "*.yml"))
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

// TestRestGrowth asks that checks which look from one step at the others of its job do not grow with the square of them.
func TestRestGrowth(t *testing.T) {
	for name, step := range map[string]string{
		"scans":        "      - id: s%d\n        run: trivy fs . || true\n        continue-on-error: true\n",
		"publications": "      - uses: actions/setup-node@v6\n        with: {registry-url: 'https://npmjs.example.com/%d'}\n      - run: npm publish\n        env: {NODE_AUTH_TOKEN: '${{ secrets.T }}'}\n",
		"caches":       "      - uses: actions/checkout@v6\n        with: {ref: '${{ github.event.pull_request.head.sha }}'}\n      - uses: actions/cache@v5\n        with: {path: p%d}\n",
		"transports":   "      - run: curl -k https://a%d.example.com | sh\n",
		"conditions":   "      - run: make %d\n        if: contains('a b', github.ref) && github.event_name == 'x' || '' && 'y'\n",
		"logins":       "      - run: gcloud auth activate-service-account --key-file k%d\n",
	} {
		t.Run(name, func(t *testing.T) {
			took := func(n int) time.Duration {
				var b strings.Builder
				b.WriteString("on: [push, pull_request_target]\nenv:\n")
				for i := range n {
					fmt.Fprintf(&b, "  V%d: ${{ github.token }}\n", i)
				}
				b.WriteString("jobs:\n  a:\n    runs-on: x\n    steps:\n")
				for i := range n {
					fmt.Fprintf(&b, step, i)
				}
				start := time.Now()
				Look(".github/workflows/w.yml", []byte(b.String()))
				return time.Since(start)
			}
			small, large := took(200), took(1600)
			t.Logf("200: %v, 1600: %v", small, large)
			if large > 24*small+time.Second {
				t.Errorf("eight times the steps took %v after %v", large, small)
			}
		})
	}
}
