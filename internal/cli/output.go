package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/formats"
)

// A job is one report to be written.
type job struct {
	format formats.Format
	file   string // empty for standard output
}

// endings say which format a file's name asks for, where --format does not.
var endings = []struct{ ending, format string }{
	{".html", "html"}, {".sarif", "sarif"}, {".sarif.json", "sarif"}, {".jsonl", "jsonl"}, {".json", "json"},
	{".xml", "junit"}, {".md", "markdown"}, {".txt", "text"},
}

// reports pairs formats and outputs by their positions. A format without an output goes to standard output; an output without
// a format has the one that its name asks for.
func (f *lookFlags) reports() ([]job, error) {
	var jobs []job
	stdout := 0
	for i := range max(len(f.formats), len(f.outputs), 1) {
		var j job
		name := "text"
		if i < len(f.outputs) {
			j.file = f.outputs[i]
			name = formatByName(j.file)
		}
		if i < len(f.formats) {
			if name != "" && name != f.formats[i] && j.file != "" && !sameEnding(name, f.formats[i]) {
				return nil, hint(fmt.Errorf("--format %s and --output %s, which is a name for %s, stand at the same position", f.formats[i], j.file, name),
					"give formats and outputs in the same order")
			}
			name = f.formats[i]
		}
		if name == "" {
			return nil, hint(fmt.Errorf("--output %s: its name does not tell the format", j.file), "add --format, one of %s", strings.Join(formats.Names(), ", "))
		}
		var err error
		if j.format, err = formats.Find(name); err != nil {
			return nil, unknownWord("--format", name, formats.Names())
		}
		if j.file == "-" {
			j.file = ""
		}
		if j.file == "" {
			stdout++
		} else if at := filepath.Clean(j.file); slices.ContainsFunc(jobs, func(o job) bool { return o.file != "" && filepath.Clean(o.file) == at }) {
			return nil, hint(fmt.Errorf("two reports would go to %s", at), "give each an --output FILE of its own")
		}
		jobs = append(jobs, j)
	}
	if stdout > 1 {
		return nil, hint(fmt.Errorf("%d reports would go to standard output", stdout), "give each further --format an --output FILE")
	}
	if stdout == 0 && len(f.formats) == 0 {
		text, _ := formats.Find("text")
		jobs = append(jobs, job{format: text})
	}
	return jobs, nil
}

// sameEnding reports whether files of two formats have the same ending: .json serves several.
func sameEnding(named, asked string) bool {
	return named == "json" && (asked == "sarif" || strings.HasPrefix(asked, "gitlab-")) || named == "text"
}

func formatByName(file string) string {
	for _, e := range endings {
		if strings.HasSuffix(file, e.ending) {
			return e.format
		}
	}
	return ""
}

// write writes all reports that were asked for, whether or not one of them fails. A file appears whole or not at all: an older one stays until then.
func (a *app) write(d *report.Document, f *lookFlags) error {
	jobs, err := f.reports()
	if err != nil {
		return err
	}
	var failed []error
	for _, j := range filesFirst(jobs) {
		o := report.Options{ShowSuppressed: f.showSuppressed}
		if j.file == "" {
			o.Color, o.Width = a.color(a.Stdout), a.Width(a.Stdout)
			w := bufio.NewWriter(a.Stdout)
			if err = j.format.Write(w, d, o); err == nil {
				err = w.Flush()
			}
			err = cause(err)
		} else {
			err = replace(j.file, func(w io.Writer) error { return j.format.Write(w, d, o) })
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("report %s: %w", j.format.Name, err))
		}
	}
	return errors.Join(failed...)
}

// filesFirst puts what goes to standard output last: its reader may go away before the end.
func filesFirst(jobs []job) []job {
	toFile := func(j job) bool { return j.file != "" }
	files := slices.DeleteFunc(slices.Clone(jobs), func(j job) bool { return !toFile(j) })
	return append(files, slices.DeleteFunc(slices.Clone(jobs), toFile)...)
}

// told is the answer of a verb whose reports may not have been written. The verdict is told in any case, and a denial stays
// one.
func told(v *policy.Verdict, written, code error) error {
	if written == nil {
		return code
	}
	e := &UserError{Err: fmt.Errorf("%w\nthe verdict is %s all the same", written, v.Decision), Hint: "name another file with --output"}
	var user *UserError
	if errors.As(written, &user) {
		e.Hint = user.Hint
	}
	var exit errExit
	if errors.As(code, &exit) && exit == Denied {
		e.Code = Denied
	}
	return e
}

// replace writes a file beside the one it replaces and renames it into place. What is no file, a device or a pipe, is
// written to as it is; of a link the file that it leads to is replaced.
func replace(name string, write func(io.Writer) error) error {
	err := replaceFile(name, write)
	var user *UserError
	if err == nil || errors.As(err, &user) {
		return err
	}
	return fmt.Errorf("%s: %w", name, cause(err))
}

func replaceFile(file string, write func(io.Writer) error) (err error) {
	if info, err := os.Stat(file); err == nil {
		switch {
		case info.IsDir():
			return hint(fmt.Errorf("%s: is a folder", file), "name a file in it")
		case !info.Mode().IsRegular():
			return pour(file, write)
		}
		if file, err = filepath.EvalSymlinks(file); err != nil {
			return err
		}
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*")
	if errors.Is(err, fs.ErrNotExist) {
		return hint(fmt.Errorf("%s: there is no folder %s", file, filepath.Dir(file)), "mkdir -p %s", filepath.Dir(file))
	}
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	w := bufio.NewWriter(tmp)
	if err := write(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := tmp.Chmod(0o644); err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), file)
}

// pour writes to something that is there and no file.
func pour(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	return errors.Join(write(w), w.Flush(), f.Close())
}
