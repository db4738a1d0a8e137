package verify

import (
	"context"
	"sync"
	"time"
)

// A gate keeps the questions to one host few: so many at a time and so many a second. It shuts for the rest of the run when
// the host asks for fewer, or cannot be reached time after time.
type gate struct {
	slots    chan struct{}
	interval time.Duration

	mu       sync.Mutex
	next     time.Time // when the next question may be put
	failures int       // in a row
	shut     string    // why no more questions are put
}

// maxFailures in a row shut a gate: a blocked network is not tried hundreds of times.
const maxFailures = 3

func newGate(atOnce, perSecond int) *gate {
	return &gate{slots: make(chan struct{}, atOnce), interval: time.Second / time.Duration(perSecond)}
}

// enter waits for its turn. why is not empty if there is none; otherwise leave must be called.
func (g *gate) enter(ctx context.Context) (why string) {
	select {
	case g.slots <- struct{}{}:
	case <-ctx.Done():
		return interrupted
	}
	if why := g.wait(ctx); why != "" {
		<-g.slots
		return why
	}
	return ""
}

func (g *gate) wait(ctx context.Context) (why string) {
	g.mu.Lock()
	if g.shut != "" {
		defer g.mu.Unlock()
		return g.shut
	}
	now := time.Now()
	if g.next.Before(now) {
		g.next = now
	}
	pause := g.next.Sub(now)
	g.next = g.next.Add(g.interval)
	g.mu.Unlock()
	if pause == 0 {
		return ""
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.shut
	case <-ctx.Done():
		return interrupted
	}
}

// leave gives the turn back. failed is the reason if the host was not reached, limited says that it asked for fewer questions.
func (g *gate) leave(failed string, limited bool) {
	g.mu.Lock()
	switch {
	case limited:
		g.shut = "asked for fewer questions and gets none"
	case failed == "":
		g.failures = 0
	default:
		if g.failures++; g.failures >= maxFailures {
			g.shut = failed
		}
	}
	g.mu.Unlock()
	<-g.slots
}
