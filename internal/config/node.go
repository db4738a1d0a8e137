package config

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/strictyaml"
)

// limits on a file. A real one has a few dozen nodes.
var limits = strictyaml.Limits{Size: 1 << 20, Nodes: 20_000, Depth: 16}

// A reader reads one file.
type reader struct {
	*strictyaml.Reader
	engines []string
}

// texts reads a list of texts, each given once.
func (r *reader) texts(path string, n *yaml.Node) []string {
	list := []string{}
	r.List(path, n, func(path string, n *yaml.Node) {
		text := r.Text(path, n)
		if slices.Contains(list, text) {
			r.Fail(n, "", "%s: %q is given twice", path, text)
		}
		list = append(list, text)
	})
	return list
}

// yes reads true or false.
func (r *reader) yes(path string, n *yaml.Node) bool {
	v := strictyaml.Follow(n)
	if v.Kind != yaml.ScalarNode || v.ShortTag() != "!!bool" {
		r.WrongType(n, path, "true or false")
	}
	return strings.EqualFold(v.Value, "true")
}

// duration reads a time span of whole minutes, hours or days, such as 90m, 24h or 7d.
func (r *reader) duration(path string, n *yaml.Node) time.Duration {
	v := strictyaml.Follow(n)
	units := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}
	if v.Kind == yaml.ScalarNode && len(v.Value) > 1 {
		number, unit := v.Value[:len(v.Value)-1], v.Value[len(v.Value)-1:]
		if i, err := strconv.Atoi(number); err == nil && i > 0 && i < 1_000_000 && units[unit] > 0 {
			return time.Duration(i) * units[unit]
		}
	}
	r.Fail(n, "", "%s: want a time span such as 90m, 24h or 7d", path)
	return 0
}

var sizeUnits = []struct {
	suffix string
	factor int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}}

// size reads a number of bytes, such as 4096 or 64MiB.
func (r *reader) size(path string, n *yaml.Node) int64 {
	v := strictyaml.Follow(n)
	text, factor := v.Value, int64(1)
	for _, u := range sizeUnits {
		if before, ok := strings.CutSuffix(text, u.suffix); ok {
			text, factor = strings.TrimSpace(before), u.factor
			break
		}
	}
	i, err := strconv.ParseInt(text, 10, 64)
	if v.Kind != yaml.ScalarNode || err != nil || i < 1 || i > (1<<50)/factor {
		r.Fail(n, "", "%s: want a size such as 4096, 500kB or 64MiB", path)
		return 0
	}
	return i * factor
}

// line reads an expression together with where each of its lines stands in the file, so that its errors can be shown
// there.
func (r *reader) line(path string, n *yaml.Node) policy.Line {
	v := strictyaml.Follow(n)
	l := policy.Line{Key: path, Expr: r.Text(path, n), At: r.At(v)}
	switch {
	case v.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		l.At.Column++
	case v.Style&yaml.LiteralStyle != 0:
		l.Starts = r.blockStarts(v)
	}
	if len(l.Starts) > 0 {
		l.At = l.Starts[0]
	}
	return l
}

// blockStarts finds the lines of a "|" text: they follow the indicator, indented alike.
func (r *reader) blockStarts(n *yaml.Node) []diagnostic.Position {
	count := strings.Count(strings.TrimRight(n.Value, "\n"), "\n") + 1
	if n.Line+count > len(r.Lines) {
		return nil
	}
	body := r.Lines[n.Line : n.Line+count]
	indent := 0
	for _, line := range body {
		if rest := strings.TrimLeft(line, " "); strings.TrimSpace(rest) != "" {
			indent = len(line) - len(rest)
			break
		}
	}
	starts := make([]diagnostic.Position, count)
	for i := range starts {
		starts[i] = diagnostic.Position{File: r.File, Line: n.Line + 1 + i, Column: indent + 1}
	}
	return starts
}
