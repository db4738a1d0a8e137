//go:build unix

package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestMain makes this test program the command itself, where a test has started it as such.
func TestMain(m *testing.M) {
	if os.Getenv("ASSAY_TEST_AS_COMMAND") != "" {
		os.Unsetenv("ASSAY_TEST_AS_COMMAND")
		main()
	}
	os.Exit(m.Run())
}

// start starts the command.
func start(t *testing.T, args ...string) (cmd *exec.Cmd, stdin io.Writer, stderr *bytes.Buffer) {
	t.Helper()
	cmd = exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), "ASSAY_TEST_AS_COMMAND=1")
	stderr = &bytes.Buffer{}
	cmd.Stderr = stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	return cmd, stdin, stderr
}

// wait waits for the end of the command, and sends it a signal again and again while it does.
func wait(t *testing.T, cmd *exec.Cmd, again syscall.Signal) *exec.ExitError {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	patience := time.After(20 * time.Second)
	for {
		select {
		case err := <-ended:
			var exit *exec.ExitError
			errors.As(err, &exit)
			return exit
		case <-time.After(50 * time.Millisecond):
			if again != 0 {
				cmd.Process.Signal(again)
			}
		case <-patience:
			t.Fatal("the command does not end")
		}
	}
}

// TestInterrupt holds that one signal ends a run that reads a stream which somebody keeps open.
func TestInterrupt(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		cmd, stdin, stderr := start(t, "scan", "-")
		// More than a pipe holds: once it is written the command reads, and so it has begun to listen to signals.
		if _, err := stdin.Write(bytes.Repeat([]byte("text\n"), 200_000)); err != nil {
			t.Fatal(err)
		}
		cmd.Process.Signal(signal)
		if exit := wait(t, cmd, 0); exit == nil || exit.ExitCode() != 3 || !bytes.Contains(stderr.Bytes(), []byte("interrupted")) {
			t.Errorf("%v: %v, %q", signal, exit, stderr)
		}
	}
}

// TestInterruptTwice holds that a second signal ends a run that waits in the system and cannot see the first.
func TestInterruptTwice(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "rules.toml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	cmd, _, _ := start(t, "scan", "--rules", pipe, t.TempDir())
	for { // until it reads from the pipe
		w, err := os.OpenFile(pipe, os.O_WRONLY|syscall.O_NONBLOCK, 0)
		if err == nil {
			defer w.Close()
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if exit := wait(t, cmd, syscall.SIGINT); exit == nil || exit.Exited() {
		t.Errorf("want an end by the signal: %v", exit)
	}
}
