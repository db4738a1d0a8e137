package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"time"
)

// A command is something to be measured.
type command struct {
	name string // as the table shows it
	args []string
	dir  string
	env  []string     // beside this program's own
	okay []int        // exit codes beside 0 that are no failure
	cold func() error // run before each measured run, not measured
}

// A cost is what one run of a command took. CPU counts the programs it started and waited for; peak is that of the
// largest single process among them.
type cost struct {
	wall, cpu time.Duration
	peak      int64 // bytes
}

// measure runs a command once.
func measure(ctx context.Context, c command) (cost, error) {
	if c.cold != nil {
		if err := c.cold(); err != nil {
			return cost{}, err
		}
	}
	cmd := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), c.env...)
	var said tail
	cmd.Stderr = &said
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	var exit *exec.ExitError
	if errors.As(err, &exit) && slices.Contains(c.okay, exit.ExitCode()) {
		err = nil
	}
	if err != nil {
		return cost{}, fmt.Errorf("%s: %w: %s", c.name, err, said.text)
	}
	return cost{wall, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), peakOf(cmd.ProcessState)}, nil
}

// tail keeps the end of what a command said, for its error.
type tail struct{ text []byte }

func (t *tail) Write(p []byte) (int, error) {
	const most = 500
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-most):]
	return len(p), nil
}

// inTurn runs the commands one after another, round by round, so that what happens to the machine meanwhile happens to
// all of them. The first round warms up and does not count.
func (b *bench) inTurn(ctx context.Context, commands []command) ([][]cost, error) {
	costs := make([][]cost, len(commands))
	for round := range b.runs + 1 {
		for i, c := range commands {
			spent, err := measure(ctx, c)
			if err != nil {
				return nil, err
			}
			if round > 0 {
				costs[i] = append(costs[i], spent)
			}
		}
	}
	return costs, nil
}
