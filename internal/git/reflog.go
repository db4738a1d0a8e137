package git

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/assaysec/assay/internal/git/odb"
)

// A LogEntry is one change of a reference. Old is zero where the reference was made, New where it was deleted.
type LogEntry struct {
	Old, New odb.ID
	Message  string
	Err      error // why it could not be read; a crash while git writes can leave such a line
}

// Reflog returns the changes of a reference, oldest first; none if it has no log. The stash keeps all but its newest
// entry there.
func (r *Repo) Reflog(name string) ([]LogEntry, error) {
	entries, err := r.refs.log(r.logRoot(name), name)
	if err != nil {
		return nil, fmt.Errorf("reflog of %s: %w", name, err)
	}
	return entries, nil
}

func (fileRefs) log(dir *os.Root, name string) ([]LogEntry, error) {
	if !validRefName(name) {
		return nil, errors.New("invalid name")
	}
	data, err := readFile(dir, "logs/"+name, maxLargeFile)
	if isAbsent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parseReflog(string(data)), nil
}

func (s fileRefs) logs(dir *os.Root) (map[string][]LogEntry, error) {
	logs := map[string][]LogEntry{}
	err := fs.WalkDir(dir.FS(), "logs", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			if isAbsent(err) {
				return nil
			}
			return err
		}
		name := strings.TrimPrefix(file, "logs/")
		if !validRefName(name) {
			return nil
		}
		if logs[name], err = s.log(dir, name); err != nil {
			logs[name] = []LogEntry{{Err: err}}
		}
		return nil
	})
	return logs, err
}

// parseReflog reads lines of "OLD NEW WHO WHEN\tMESSAGE".
func parseReflog(text string) []LogEntry {
	var entries []LogEntry
	broken := 0
	for line := 1; text != ""; line++ {
		var s string
		s, text, _ = strings.Cut(text, "\n")
		if s == "" {
			continue
		}
		e, err := parseLogEntry(s)
		if err != nil {
			if broken++; broken > maxBroken {
				continue
			}
			e.Err = fmt.Errorf("line %d: %w", line, err)
		}
		entries = append(entries, e)
	}
	if more := broken - maxBroken; more > 0 {
		entries = append(entries, LogEntry{Err: fmt.Errorf("%d more lines are malformed", more)})
	}
	return entries
}

func parseLogEntry(line string) (e LogEntry, err error) {
	head, message, _ := strings.Cut(line, "\t")
	from, rest, _ := strings.Cut(head, " ")
	to, _, _ := strings.Cut(rest, " ")
	if e.Old, err = odb.ParseID(from); err != nil {
		return LogEntry{}, err
	}
	if e.New, err = odb.ParseID(to); err != nil {
		return LogEntry{}, err
	}
	e.Message = message
	return e, nil
}
