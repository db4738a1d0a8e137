package github

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestGrowth looks at files as large as a hostile author can make them. Work must not grow with the square of the steps.
func TestGrowth(t *testing.T) {
	for name, step := range map[string]string{
		"written variables": "      - run: echo \"A%d=$B\" >> $GITHUB_ENV; eval \"$A%d\"\n        env: {B: '${{ github.event.issue.body }}'}\n",
		"outputs":           "      - id: s%d\n        run: echo \"x=$X\" >> $GITHUB_OUTPUT\n        env: {X: '${{ steps.s%d.outputs.x }} ${{ github.event.issue.body }}'}\n",
		"checkouts":         "      - uses: actions/checkout@v%d\n        with: {ref: '${{ github.event.pull_request.head.sha }}%d'}\n",
		"expressions":       "      - run: echo ${{ github.event.issue.title }} ${{ github.event.issue.body }} ${{ env.X%d }} %d\n",
		"files":             "      - run: x=$(cat a%d); echo \"y=$x\" >> $GITHUB_ENV; echo ${{ env.y }} %d\n",
	} {
		t.Run(name, func(t *testing.T) {
			took := func(n int) time.Duration {
				var b strings.Builder
				b.WriteString("on: [issues, pull_request_target, workflow_run]\njobs:\n  a:\n    runs-on: x\n    steps:\n")
				for i := range n {
					fmt.Fprintf(&b, step, i, i-1)
				}
				start := time.Now()
				Look(".github/workflows/w.yml", []byte(b.String()))
				return time.Since(start)
			}
			small, large := took(250), took(2000)
			t.Logf("250: %v, 2000: %v", small, large)
			if large > 24*small+time.Second {
				t.Errorf("eight times the steps took %v after %v", large, small)
			}
		})
	}
}

// TestJoinGrowth joins actions of which each calls all others, with what each of them gives.
func TestJoinGrowth(t *testing.T) {
	took := func(n int) time.Duration {
		var paths []string
		var sums [][]byte
		for i := range n {
			var b strings.Builder
			fmt.Fprintf(&b, "name: a%d\ninputs: {x: {}}\noutputs: {y: {value: '${{ steps.s0.outputs.y }} ${{ inputs.x }}'}}\nruns:\n  using: composite\n  steps:\n", i)
			for k := range n {
				fmt.Fprintf(&b, "    - {id: s%d, uses: ./a%d, with: {x: '${{ inputs.x }} ${{ steps.s%d.outputs.y }}'}}\n", k, k, (k+1)%n)
			}
			b.WriteString("    - {shell: bash, run: 'echo ${{ inputs.x }} ${{ steps.s1.outputs.y }}'}\n")
			_, sum, _ := Look(fmt.Sprintf("a%d/action.yml", i), []byte(b.String()))
			paths, sums = append(paths, fmt.Sprintf("a%d/action.yml", i)), append(sums, sum)
		}
		start := time.Now()
		Join(paths, sums)
		return time.Since(start)
	}
	small, large := took(10), took(60)
	t.Logf("10: %v, 60: %v", small, large)
	if large > 5*time.Second {
		t.Errorf("60 actions took %v after %v for 10", large, small)
	}
}
