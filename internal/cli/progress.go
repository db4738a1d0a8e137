package cli

import (
	"fmt"
	"time"

	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/scan"
)

const (
	progressAfter = time.Second
	progressEvery = 100 * time.Millisecond
)

// showProgress counts on a terminal what has been looked at, once that takes over a second. The function it returns ends
// it and wipes the line.
func (a *app) showProgress(o *scan.Options) (stop func()) {
	if a.global.quiet || a.Width(a.Stderr) == 0 {
		return func() {}
	}
	p := &scan.Progress{}
	o.Progress = p
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		shown := false
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
				fmt.Fprintf(a.Stderr, "\r\x1b[K%s files, %s MB looked at", report.Number(int(p.Files.Load())), report.Number(int(p.Bytes.Load()>>20)))
				wait.Reset(progressEvery)
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}
