package scan

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/assaysec/assay/internal/cache"
	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/source"
)

// A Recaller is an engine whose results can be kept: it reads the properties of its findings back.
type Recaller interface {
	Recall(properties []byte) (any, error)
}

// formatOfRecords changes with what a record holds, and with how a text, its class and its marks are told.
const formatOfRecords = "3"

// Generation names what all answers of these engines depend on beside the file, for cache.Open. It is empty where an
// engine's answers cannot be kept.
func Generation(engines []Engine, o Options) string {
	h := sha256.New()
	include := slices.Clone(o.Include)
	slices.Sort(include)
	fmt.Fprintln(h, formatOfRecords, build(), markWords, o.MaxFile, slices.Compact(include))
	for _, e := range engines {
		if _, ok := e.(Recaller); !ok {
			return ""
		}
		fmt.Fprintln(h, e.Name(), e.Version())
		digests := e.Digests()
		for _, name := range slices.Sorted(maps.Keys(digests)) {
			fmt.Fprintln(h, name, digests[name])
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// build names the program as it was built, so that no build has answers of another version of itself.
var build = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	name := info.Main.Version
	for _, s := range info.Settings {
		if strings.HasPrefix(s.Key, "vcs.") {
			name += " " + s.Value
		}
	}
	return name
})

// A record is what all engines said of one file.
type record struct {
	Class   coverage.Class `json:"class"`
	Size    int64          `json:"size"`
	Looked  []bool         `json:"looked"` // by engine
	Results []Result       `json:"results,omitempty"`
	Marks   []Fact         `json:"marks,omitempty"`
}

// key is that of a file whose content is known without reading it; the zero key where it is not.
func (r *run) key(f *source.File) cache.Key {
	if f.Identity == nil || !r.cacheable(f.Path) {
		return cache.Key{}
	}
	id := f.Identity()
	if id == "" {
		return cache.Key{}
	}
	return keyOfParts([]byte("identity"), []byte(f.Path), []byte(id))
}

// cacheable reports whether what is said of a file may be kept: not where its text is wanted in any case, nor where its
// path, which stands in findings, must not be written down.
func (r *run) cacheable(path string) bool {
	if r.options.Cache == nil || r.options.Keep != nil && r.options.Keep(path) || !utf8.ValidString(path) {
		return false
	}
	return !slices.ContainsFunc(r.engines, func(e Engine) bool {
		h, ok := e.(Hider)
		return ok && h.Hide(path) != path
	})
}

func keyOfParts(parts ...[]byte) cache.Key {
	h := sha256.New()
	var length [8]byte
	for _, p := range parts {
		binary.LittleEndian.PutUint64(length[:], uint64(len(p)))
		h.Write(length[:])
		h.Write(p)
	}
	return cache.Key(h.Sum(nil))
}

// recall takes over what is kept under a key, and reports whether there was anything.
func (r *run) recall(w *worker, f *source.File, key cache.Key) bool {
	if key == (cache.Key{}) {
		return false
	}
	text, ok := r.options.Cache.Get(key)
	if !ok {
		return false
	}
	rec, err := r.decode(text)
	if err != nil {
		return false
	}
	if rec.Class == coverage.Binary && !r.includes(rec.Class) {
		r.account.Skip(rec.Class, 1)
	}
	for i := range r.engines {
		if rec.Results != nil {
			r.keep(w, i, rec.Results[i], f.Path)
		}
		if rec.Looked[i] {
			w.count(i, rec.Class, rec.Size)
		}
	}
	w.marks = append(w.marks, rec.Marks...)
	r.progress(rec.Size)
	return true
}

// remember looks at a file, unless an answer for its content is kept, and keeps the answer under its content and under
// the key that is known without reading.
func (r *run) remember(w *worker, f *source.File, known cache.Key, raw []byte, look func()) {
	if !r.cacheable(f.Path) {
		look()
		return
	}
	content := keyOfParts([]byte("content"), []byte(f.Path), raw)
	if text, ok := r.options.Cache.Get(content); ok && r.recall(w, f, content) {
		r.put(known, text)
		return
	}
	before := w.mark()
	look()
	if text, err := json.Marshal(w.since(before)); err == nil {
		r.put(content, text)
		r.put(known, text)
	}
}

func (r *run) put(key cache.Key, text []byte) {
	if key != (cache.Key{}) {
		r.options.Cache.Put(key, text)
	}
}

// decode reads a record. What does not fit the engines of this run is an error.
func (r *run) decode(text []byte) (*record, error) {
	var rec record
	if err := json.Unmarshal(text, &rec); err != nil {
		return nil, err
	}
	if len(rec.Looked) != len(r.engines) || rec.Results != nil && len(rec.Results) != len(r.engines) {
		return nil, fmt.Errorf("a record of %d engines", len(rec.Looked))
	}
	for i := range rec.Results {
		for j := range rec.Results[i].Findings {
			f := &rec.Results[i].Findings[j]
			properties, err := json.Marshal(f.Properties)
			if err != nil {
				return nil, err
			}
			if bytes.Equal(properties, []byte("null")) {
				continue
			}
			if f.Properties, err = r.engines[i].(Recaller).Recall(properties); err != nil {
				return nil, err
			}
		}
	}
	return &rec, nil
}

// A state is how far a worker has come.
type state struct {
	results []int
	files   []int
	marks   int
}

func (w *worker) mark() state {
	s := state{files: slices.Clone(w.files), marks: len(w.marks)}
	for _, list := range w.results {
		s.results = append(s.results, len(list))
	}
	return s
}

// since is what a worker has collected of one file after a state.
func (w *worker) since(s state) record {
	rec := record{Class: w.class, Size: w.size, Marks: w.marks[s.marks:]}
	found := false
	results := make([]Result, len(w.results))
	for i, list := range w.results {
		rec.Looked = append(rec.Looked, w.files[i] > s.files[i])
		if len(list) > s.results[i] {
			found = true
			results[i] = list[len(list)-1].Result
		}
	}
	if found {
		rec.Results = results
	}
	return rec
}
