package cli

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/assaysec/assay/internal/scan"
)

func TestProgressLine(t *testing.T) {
	for _, tt := range []struct {
		name         string
		done, total  int64
		width, moves int
		want         string
	}{
		{"half of it", 50, 100, 50, 0, "[###########           ]  50%  1,234 files, 5 MiB"},
		{"all of it and more", 150, 100, 50, 0, "[######################] 100%  1,234 files, 5 MiB"},
		{"nobody knows of how much", 50, 0, 40, 0, "[####              ] 1,234 files, 5 MiB"},
		{"it moves", 50, 0, 40, 3, "[   ####           ] 1,234 files, 5 MiB"},
		{"and comes back", 50, 0, 40, 16, "[            ####  ] 1,234 files, 5 MiB"},
		{"no room for a bar", 50, 100, 30, 0, " 50%  1,234 files, 5 MiB"},
		{"no room at all", 50, 100, 10, 0, " 50%  1,2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := &scan.Progress{}
			p.Files.Store(1234)
			p.Bytes.Store(5 << 20)
			p.Done.Store(tt.done)
			p.Total.Store(tt.total)
			got := progressLine(p, tt.width, tt.moves)
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
			if len(got) >= tt.width {
				t.Errorf("%d columns of %d", len(got), tt.width)
			}
		})
	}
}

// A bar is drawn after a second, on a terminal only, and nothing of it stays.
func TestShowProgress(t *testing.T) {
	for _, tt := range []struct {
		name  string
		width int
		takes time.Duration
		shown bool
	}{
		{"a short look", 80, 900 * time.Millisecond, false},
		{"a long look", 80, 1500 * time.Millisecond, true},
		{"a pipe", 0, time.Minute, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var out bytes.Buffer
				a := &app{Env: Env{Stderr: &out, Width: func(io.Writer) int { return tt.width }, Getenv: func(string) string { return "" }}}
				stop := a.showProgress(&scan.Options{})
				time.Sleep(tt.takes)
				stop()
				if got := strings.Contains(out.String(), "[#"); got != tt.shown {
					t.Errorf("shown: %v: %q", got, out.String())
				}
				if tt.shown && !strings.HasSuffix(out.String(), "\r\x1b[K") {
					t.Errorf("the bar stays: %q", out.String())
				}
			})
		})
	}
}
