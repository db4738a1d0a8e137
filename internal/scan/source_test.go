package scan_test

import (
	"context"
	"fmt"
	"sync"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/source"
)

// oneText is a source of one file.
type oneText string

func (oneText) Target() finding.Target { return finding.Target{Kind: "test"} }

func (o oneText) Each(ctx context.Context, _ int, _ *source.Account, visit func(int, *source.File)) error {
	visit(0, source.NewHeld("file", []byte(o)))
	return ctx.Err()
}

// manyTexts is a source of many files, each with a goroutine of its own.
type manyTexts [][]byte

func (manyTexts) Target() finding.Target { return finding.Target{Kind: "test"} }

func (m manyTexts) Each(ctx context.Context, workers int, _ *source.Account, visit func(int, *source.File)) error {
	var wait sync.WaitGroup
	for n := range workers {
		wait.Go(func() {
			for i := n; i < len(m); i += workers {
				visit(n, source.NewHeld(fmt.Sprint("file", i), m[i]))
			}
		})
	}
	wait.Wait()
	return ctx.Err()
}
