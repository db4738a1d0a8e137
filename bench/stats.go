package main

import (
	"fmt"
	"slices"
	"strings"
)

// A spread is the least, the middle and the greatest of several measurements.
type spread struct{ min, median, max float64 }

func spreadOf(values []float64) spread {
	if len(values) == 0 {
		return spread{}
	}
	s := slices.Sorted(slices.Values(values))
	n := len(s)
	return spread{s[0], (s[(n-1)/2] + s[n/2]) / 2, s[n-1]}
}

func spreadBy(costs []cost, of func(cost) float64) spread {
	values := make([]float64, len(costs))
	for i, c := range costs {
		values[i] = of(c)
	}
	return spreadOf(values)
}

func wallSeconds(c cost) float64 { return c.wall.Seconds() }
func cpuSeconds(c cost) float64  { return c.cpu.Seconds() }
func peakMiB(c cost) float64     { return float64(c.peak) / (1 << 20) }

// table shows commands with their costs. The last columns tell how many times a command's median goes into that of the
// first one.
func table(commands []command, costs [][]cost) string {
	var b strings.Builder
	b.WriteString("| command | wall s: min | median | max | user+sys s | peak MiB | faster: wall | CPU |\n" +
		"| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	baseWall, baseCPU := spreadBy(costs[0], wallSeconds).median, spreadBy(costs[0], cpuSeconds).median
	for i, c := range commands {
		wall, cpu := spreadBy(costs[i], wallSeconds), spreadBy(costs[i], cpuSeconds)
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %.0f | %s | %s |\n", c.name,
			seconds(wall.min), seconds(wall.median), seconds(wall.max), seconds(cpu.median), spreadBy(costs[i], peakMiB).median,
			ratio(baseWall, wall.median), ratio(baseCPU, cpu.median))
	}
	return b.String()
}

// seconds prints three digits or milliseconds, whichever is less.
func seconds(s float64) string {
	switch {
	case s >= 100:
		return fmt.Sprintf("%.0f", s)
	case s >= 10:
		return fmt.Sprintf("%.1f", s)
	case s >= 1:
		return fmt.Sprintf("%.2f", s)
	}
	return fmt.Sprintf("%.3f", s)
}

// ratio is x over base, to three digits.
func ratio(x, base float64) string {
	switch r := x / base; {
	case base == 0:
		return "–"
	case r >= 100:
		return fmt.Sprintf("%.0f", r)
	case r >= 10:
		return fmt.Sprintf("%.1f", r)
	default:
		return fmt.Sprintf("%.2f", r)
	}
}
