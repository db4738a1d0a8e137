package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/scan"
)

const (
	progressAfter = time.Second
	progressEvery = 100 * time.Millisecond
)

// showProgress draws a bar on a terminal, once a look takes over a second. The function it returns ends it and wipes the
// line.
func (a *app) showProgress(o *scan.Options) (stop func()) {
	if a.global.quiet || a.Width(a.Stderr) == 0 || a.Getenv("TERM") == "dumb" {
		return func() {}
	}
	p := &scan.Progress{}
	o.Progress = p
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		shown, moves := false, 0
		wait := time.NewTimer(progressAfter)
		defer wait.Stop()
		for {
			select {
			case <-done:
				if shown {
					fmt.Fprint(a.Stderr, "\r\x1b[K")
				}
				return
			case <-wait.C:
				shown = true
				fmt.Fprint(a.Stderr, "\r\x1b[K"+progressLine(p, a.Width(a.Stderr), moves))
				moves++
				wait.Reset(progressEvery)
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

const (
	widestBar   = 40
	smallestBar = 10
	blockOfBar  = 4 // cells that move to and fro where nobody knows how much there is
)

// progressLine is a bar and what it stands for, in less than width columns, so that it can be wiped.
func progressLine(p *scan.Progress, width, moves int) string {
	done, total := p.Done.Load(), p.Total.Load()
	text := fmt.Sprintf("%s files, %s MiB", report.Number(int(p.Files.Load())), report.Number(int(p.Bytes.Load()>>20)))
	if total > 0 {
		done = min(done, total) // files that git does not track come on top
		text = fmt.Sprintf("%3d%%  %s", 100*done/total, text)
	}
	cells := min(widestBar, width-len("[]  ")-len(text))
	switch {
	case cells < smallestBar:
		return text[:min(len(text), max(width-1, 0))]
	case total > 0:
		return bar(0, int(int64(cells)*done/total), cells) + " " + text
	}
	room := cells - blockOfBar
	at := moves % (2 * room)
	if at > room {
		at = 2*room - at
	}
	return bar(at, blockOfBar, cells) + " " + text
}

// bar has some of its cells filled, from one on.
func bar(from, filled, cells int) string {
	return "[" + strings.Repeat(" ", from) + strings.Repeat("#", filled) + strings.Repeat(" ", cells-from-filled) + "]"
}
