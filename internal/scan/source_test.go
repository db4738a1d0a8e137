package scan_test

import (
	"context"

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
