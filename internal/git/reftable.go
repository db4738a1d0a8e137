package git

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// tableRefs is the storage in reftable files (gitformat-reftable, versions 1 and 2): a stack of tables in which a later
// one hides what an earlier one says of the same name.
type tableRefs struct{}

const maxTables = 10_000

func (tableRefs) list(common, own *os.Root) ([]Ref, error) {
	refs, err := readStack(common)
	if err != nil {
		return nil, err
	}
	isOwn := func(ref Ref) bool { return isPerWorktree(ref.Name) }
	if own != nil {
		only, err := readStack(own)
		if err != nil {
			return nil, err
		}
		only = slices.DeleteFunc(only, func(ref Ref) bool { return !isOwn(ref) })
		refs = append(slices.DeleteFunc(refs, isOwn), only...)
	}
	return slices.DeleteFunc(refs, func(ref Ref) bool { return !strings.HasPrefix(ref.Name, "refs/") }), nil
}

// pseudo looks into the tables first: only FETCH_HEAD and MERGE_HEAD are still files in this storage, as they hold more
// than a reference can, and the file HEAD is there to make old versions of git refuse.
func (tableRefs) pseudo(dir *os.Root, name string) (Ref, error) {
	refs, err := readStack(dir)
	if err != nil {
		return Ref{}, err
	}
	if ref, ok := findRef(refs, name); ok {
		return ref, nil
	}
	if name == "HEAD" {
		return Ref{}, ErrNoRef
	}
	return readLoose(dir, name, name)
}

func (s tableRefs) log(dir *os.Root, name string) ([]LogEntry, error) {
	logs, err := s.logs(dir)
	return logs[name], err
}

func (tableRefs) logs(dir *os.Root) (map[string][]LogEntry, error) { return readStackLogs(dir) }

// forEachTable visits the tables of a stack, oldest first.
func forEachTable(root *os.Root, visit func(*table) error) error {
	names, files, err := readTables(root)
	if err != nil {
		return err
	}
	for i, data := range files {
		t, err := openTable(data)
		if err == nil {
			err = visit(t)
		}
		if err != nil {
			return fmt.Errorf("reftable/%s: %w", names[i], err)
		}
	}
	return nil
}

// readTables reads the files of a stack. Git may join tables at any moment and then removes the old ones after it has
// changed the list; so a table that is gone means that the list is to be read again.
func readTables(root *os.Root) (names []string, files [][]byte, err error) {
	const tries = 3
	for range tries {
		if names, err = readTableList(root); err != nil {
			break
		}
		files = files[:0]
		spare := int64(maxLargeFile) // for all tables together
		for _, name := range names {
			var data []byte
			if data, err = readFile(root, "reftable/"+name, spare); err != nil {
				break
			}
			spare -= int64(len(data))
			files = append(files, data)
		}
		if !isAbsent(err) {
			break
		}
	}
	if isAbsent(err) {
		// Not the kind of absence that means there are no references: they must be somewhere.
		err = fmt.Errorf("reftable: %w: %v", errTable, err)
	}
	return names, files, err
}

func readTableList(root *os.Root) ([]string, error) {
	list, err := readFile(root, "reftable/tables.list", maxSmallFile)
	if err != nil {
		return nil, err
	}
	names := strings.Fields(string(list))
	if len(names) > maxTables {
		return nil, fmt.Errorf("reftable: %d tables, the limit is %d", len(names), maxTables)
	}
	return names, nil
}

// readStack gives the refs of a stack, sorted by name, HEAD included.
func readStack(root *os.Root) ([]Ref, error) {
	byName := map[string]Ref{}
	err := forEachTable(root, func(t *table) error {
		return t.refs(func(ref Ref) {
			if delete(byName, ref.Name); ref.Target != "" || !ref.ID.IsZero() {
				byName[ref.Name] = ref
			}
		})
	})
	refs := make([]Ref, 0, len(byName))
	for _, ref := range byName {
		refs = append(refs, ref)
	}
	slices.SortFunc(refs, func(a, b Ref) int { return strings.Compare(a.Name, b.Name) })
	return refs, err
}

// readStackLogs gives all reflogs of a stack, each oldest first.
func readStackLogs(root *os.Root) (map[string][]LogEntry, error) {
	type key struct {
		name  string
		index uint64
	}
	entries := map[key]LogEntry{}
	err := forEachTable(root, func(t *table) error {
		return t.logs(func(name string, index uint64, e LogEntry, deleted bool) {
			if delete(entries, key{name, index}); !deleted {
				entries[key{name, index}] = e
			}
		})
	})
	keys := make([]key, 0, len(entries))
	for k := range entries {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int {
		if a.index < b.index {
			return -1
		}
		return 1
	})
	logs := map[string][]LogEntry{}
	for _, k := range keys {
		// An entry from zeros to zeros only says that the log exists.
		if e := entries[k]; !e.Old.IsZero() || !e.New.IsZero() {
			logs[k.name] = append(logs[k.name], e)
		}
	}
	return logs, err
}
