package verify

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/assaysec/assay/internal/finding"
)

// A cache keeps clear answers on disk, each under a keyed hash of the credential. Without the key, which lies beside it
// and is readable by its owner only, nobody can tell from the cache which credential was asked about, nor confirm a guess.
// The nil cache keeps nothing.
type cache struct {
	root *os.Root
	hash []byte // the key of the hash
	now  time.Time
	hold time.Duration

	mu      sync.Mutex
	entries map[string]entry
	changed bool
}

// An entry is one answer and when it was given.
type entry struct {
	Answer finding.Verification `json:"answer"`
	At     time.Time            `json:"at"`
}

const (
	keyFile    = "verify.key"
	cacheFile  = "verify.json"
	keySize    = 32
	maxCache   = 8 << 20
	maxEntries = 20_000
)

// openCache opens the cache, and makes it where there is none. An error is for a person to read; the run goes on without.
func openCache(o Options) (*cache, error) {
	if o.CacheFolder == "" {
		return nil, nil
	}
	c := &cache{now: o.Now(), hold: o.CacheFor}
	err := os.MkdirAll(o.CacheFolder, 0o700)
	if err == nil {
		c.root, err = os.OpenRoot(o.CacheFolder)
	}
	if err != nil {
		return nil, fmt.Errorf("answers are not kept: %w", err)
	}
	if c.hash, err = readKey(c.root); err != nil {
		c.root.Close()
		return nil, fmt.Errorf("answers are not kept: %w", err)
	}
	c.entries = c.load()
	return c, nil
}

// readKey reads the key, and makes it where there is none.
func readKey(root *os.Root) ([]byte, error) {
	info, err := root.Lstat(keyFile)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeKey(root); err != nil {
			return nil, err
		}
		info, err = root.Lstat(keyFile)
	}
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || info.Size() != keySize:
		return nil, fmt.Errorf("%s is not a key; remove it, and a new one is made", keyFile)
	case openToOthers(info):
		return nil, fmt.Errorf("%s can be read by others; remove it, and a new one is made", keyFile)
	}
	return root.ReadFile(keyFile)
}

// makeKey writes a new key aside and links it into place, so that of two runs at a time both read the same whole one.
func makeKey(root *os.Root) error {
	key := make([]byte, keySize)
	rand.Read(key)
	aside, err := writeAside(root, key)
	if err != nil {
		return err
	}
	defer root.Remove(aside)
	if err := root.Link(aside, keyFile); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// writeAside writes a file under a name that nobody knows yet.
func writeAside(root *os.Root, data []byte) (string, error) {
	name := "verify." + rand.Text() + ".new"
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		root.Remove(name)
		return "", err
	}
	return name, nil
}

// load reads what holds of the file. What does not parse is an empty cache: asking again costs little.
func (c *cache) load() map[string]entry {
	empty := map[string]entry{}
	info, err := c.root.Lstat(cacheFile)
	if err != nil || !info.Mode().IsRegular() {
		return empty
	}
	f, err := c.root.Open(cacheFile)
	if err != nil {
		return empty
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxCache+1))
	if err != nil || len(text) > maxCache {
		return empty
	}
	return parseEntries(text, c.now, c.hold)
}

// parseEntries reads a cache's text and keeps the entries that hold now.
func parseEntries(text []byte, now time.Time, hold time.Duration) map[string]entry {
	var entries map[string]entry
	if json.Unmarshal(text, &entries) != nil || entries == nil {
		return map[string]entry{}
	}
	for key, e := range entries {
		age := now.Sub(e.At)
		clear := e.Answer == finding.Live || e.Answer == finding.Dead
		if !clear || age < 0 || age > hold || len(key) != 2*sha256.Size {
			delete(entries, key)
		}
	}
	return entries
}

// key is the name of an entry. Other addresses make another question.
func (c *cache) key(credential parts, bases []*url.URL) string {
	if c == nil {
		return ""
	}
	fields := []string{credential.verifier, credential.value, credential.id, credential.session}
	for _, b := range bases {
		fields = append(fields, b.String())
	}
	h := hmac.New(sha256.New, c.hash)
	for _, f := range fields {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(f)))
		h.Write(size[:])
		io.WriteString(h, f)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (c *cache) get(key string) (finding.Verification, bool) {
	if c == nil {
		return "", false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[key]
	return e.Answer, ok
}

// put keeps a clear answer.
func (c *cache) put(key string, v finding.Verification) {
	if c == nil || v == finding.Unknown {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries[key] = entry{v, c.now.UTC().Truncate(time.Second)}
	c.changed = true
}

// save writes what was learnt in place of the file, and closes the cache. Of two runs at a time the later one's stays.
func (c *cache) save() error {
	if c == nil {
		return nil
	}
	defer c.root.Close()
	if !c.changed {
		return nil
	}
	c.trim()
	text, err := json.Marshal(c.entries)
	if err != nil {
		panic(err) // plain data always marshals
	}
	aside, err := writeAside(c.root, text)
	if err == nil {
		if err = c.root.Rename(aside, cacheFile); err != nil {
			c.root.Remove(aside)
		}
	}
	if err != nil {
		return fmt.Errorf("answers are not kept: %w", err)
	}
	return nil
}

// trim drops the oldest entries above the limit.
func (c *cache) trim() {
	if len(c.entries) <= maxEntries {
		return
	}
	var times []time.Time
	for _, e := range c.entries {
		times = append(times, e.At)
	}
	slices.SortFunc(times, time.Time.Compare)
	oldest := times[len(times)-maxEntries]
	for key, e := range c.entries {
		if e.At.Before(oldest) {
			delete(c.entries, key)
		}
	}
}
