package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
)

// A blobs reads objects of a repository through one git process.
type blobs struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func openBlobs(ctx context.Context, repo string) (*blobs, error) {
	cmd := exec.CommandContext(ctx, "git", "-C", repo, "cat-file", "--batch")
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &blobs{cmd, in, bufio.NewReader(out)}, cmd.Start()
}

func (b *blobs) close() error {
	b.in.Close()
	return b.cmd.Wait()
}

// get reads an object by a name such as COMMIT:PATH. Not to have it is no error.
func (b *blobs) get(name string) (text []byte, ok bool, err error) {
	if strings.ContainsAny(name, "\n") {
		return nil, false, nil
	}
	if _, err := fmt.Fprintln(b.in, name); err != nil {
		return nil, false, err
	}
	head, err := b.out.ReadString('\n')
	if err != nil {
		return nil, false, err
	}
	if strings.HasSuffix(head, " missing\n") || strings.HasSuffix(head, " ambiguous\n") {
		return nil, false, nil
	}
	fields := strings.Fields(head)
	size, err := strconv.Atoi(fields[len(fields)-1])
	if err != nil {
		return nil, false, fmt.Errorf("git cat-file: unexpected answer %q", head)
	}
	text = make([]byte, size+1)
	if _, err := io.ReadFull(b.out, text); err != nil {
		return nil, false, err
	}
	return text[:size], true, nil
}
