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

// TestWideGrowth looks at what is long elsewhere than in steps.
func TestWideGrowth(t *testing.T) {
	list := func(n int, one string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.ReplaceAll(one, "N", fmt.Sprint(i)))
		}
		return b.String()
	}
	const job = "on: pull_request_target\njobs:\n  a:\n    runs-on: x\n"
	for name, text := range map[string]func(n int) string{
		"needs": func(n int) string { return job + "    needs: [" + list(12*n, "jN,") + "]\n    steps: [{run: ls}]\n" },
		"rows of a matrix": func(n int) string {
			return job + "    strategy:\n      matrix:\n        include:\n" + list(n, "          - {a: b, rN: '${{ github.head_ref }}'}\n") + "    steps:\n" + list(n, "      - run: echo ${{ matrix.rN }}\n")
		},
		"outputs of a script": func(n int) string {
			return job + "    steps:\n      - id: x\n        run: |\n" + list(n, "          echo oN=$A >> $GITHUB_OUTPUT\n") + list(n, "      - run: echo ${{ steps.x.outputs.oN }}\n")
		},
		"variables of the job": func(n int) string {
			return job + "    env: {X: '" + list(n, "${{ github.event.aN }}") + "${{ github.head_ref }}'}\n    steps:\n" + list(n, "      - run: eval $X ${{ toJSON(env) }} ${{ toJSON(steps) }} N\n        id: sN\n")
		},
		"expressions in JavaScript": func(n int) string {
			return job + "    steps:\n      - uses: actions/github-script@v7\n        with:\n          script: |\n" + list(n, "            f(`N ${{ github.head_ref }}`)\n")
		},
		"outputs of JavaScript": func(n int) string {
			return job + "    steps:\n      - id: x\n        uses: actions/github-script@v7\n        with:\n          script: |\n" +
				list(n, "            core.setOutput('oN', context.payload.pull_request.title)\n") + list(n, "      - run: echo ${{ steps.x.outputs.oN }}\n")
		},
	} {
		t.Run(name, func(t *testing.T) {
			took := func(n int) time.Duration {
				start := time.Now()
				Look(".github/workflows/w.yml", []byte(text(n)))
				return time.Since(start)
			}
			small, large := took(500), took(4000)
			t.Logf("500: %v, 4000: %v", small, large)
			if large > 24*small+time.Second {
				t.Errorf("eight times as much took %v after %v", large, small)
			}
		})
	}
}
