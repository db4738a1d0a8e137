package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
)

// The reader does the least that any scan of a folder has to do: it walks, opens and reads every regular file with the
// same number of workers, and adds its bytes up one by one.
func readerCommand(args []string, stdout io.Writer) error {
	set := flag.NewFlagSet("reader", flag.ContinueOnError)
	jobs := set.Int("jobs", runtime.NumCPU(), "workers")
	if err := set.Parse(args); err != nil {
		return err
	}
	if set.NArg() != 1 || *jobs < 1 {
		return errors.New("usage: bench reader [-jobs N] DIR")
	}
	r := &reader{names: make(chan string, 1024)}
	for range *jobs {
		r.workers.Go(r.work)
	}
	r.walk(set.Arg(0))
	close(r.names)
	r.workers.Wait()
	if r.failed != nil {
		return r.failed
	}
	_, err := fmt.Fprintf(stdout, "%d files, %d bytes, sum %d\n", r.files, r.bytes, r.sum)
	return err
}

type reader struct {
	names   chan string
	workers sync.WaitGroup

	mu           sync.Mutex
	files, bytes int64
	sum          uint64
	failed       error
}

func (r *reader) fail(err error) {
	if err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.failed = errors.Join(r.failed, err)
	}
}

func (r *reader) walk(dir string) {
	entries, err := os.ReadDir(dir)
	r.fail(err)
	for _, e := range entries {
		full := filepath.Join(dir, e.Name())
		switch {
		case e.IsDir():
			if e.Name() != ".git" {
				r.walk(full)
			}
		case e.Type()&fs.ModeType == 0:
			r.names <- full
		}
	}
}

func (r *reader) work() {
	var files, bytes int64
	var sum uint64
	buf := make([]byte, 1<<20)
	for name := range r.names {
		n, s, err := add(name, buf)
		r.fail(err)
		files, bytes, sum = files+1, bytes+n, sum+s
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.files, r.bytes, r.sum = r.files+files, r.bytes+bytes, r.sum+sum
}

// add reads one file and adds up its bytes.
func add(name string, buf []byte) (n int64, sum uint64, err error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	for {
		k, err := f.Read(buf)
		for _, c := range buf[:k] {
			sum += uint64(c)
		}
		n += int64(k)
		if err == io.EOF {
			return n, sum, nil
		}
		if err != nil {
			return n, sum, err
		}
	}
}
