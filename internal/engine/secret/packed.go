package secret

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"sync"

	"github.com/assaysec/assay/internal/expr"
	"github.com/assaysec/assay/internal/litscan"
	pack "github.com/assaysec/assay/internal/rules/secret"
)

// The built-in pack is kept twice: as its authors write it, and packed, with what is known of each expression, so that a
// scan of one staged file does not begin with reading a thousand rules. A test renews the packed form and fails where it
// is stale.
//
// Its format: the magic, the SHA-256 of the sources, then rules and global allowlists. Numbers are varints, texts and
// lists are preceded by their length, and a list that is nil has the length 0 where an empty one would mean the same.

const packMagic = "assay-secrets/1\n"

// facts are what is known of a packed rule's expressions.
type facts struct{ regex, path *expr.Facts }

// PackedBuiltin is the built-in pack without examples, from its packed form.
func PackedBuiltin() (*Config, error) {
	r := &unpacker{text: pack.Packed}
	if r.take(len(packMagic)) != packMagic {
		return nil, errors.New("the built-in rules are damaged: build the program again")
	}
	c := &Config{Title: builtinTitle, digest: "sha256:" + hex.EncodeToString([]byte(r.take(sha256.Size)))}
	c.Rules = make([]RuleConfig, r.count())
	for i := range c.Rules {
		r.rule(&c.Rules[i])
	}
	c.Allowlists = r.allowlists()
	if r.failed || r.text != "" {
		return nil, errors.New("the built-in rules are damaged: build the program again")
	}
	return c, nil
}

// filtersWhenAsked makes the filters of a configuration. Those of the packed pack, which its tests prove, are made when
// the first value has come as far as them.
func filtersWhenAsked(c *Config, rules []rule) (func() *filters, error) {
	if !c.packed() {
		f, err := filtersFor(c, rules)
		return func() *filters { return f }, err
	}
	return sync.OnceValue(func() *filters {
		whole, err := builtinFilters()
		if err != nil {
			panic(err) // TestPackedHoldsAll
		}
		f, err := compileFilters(whole)
		if err != nil {
			panic(err) // TestPackedHoldsAll
		}
		return f
	}), nil
}

// packed reports whether a configuration comes from the packed form.
func (c *Config) packed() bool { return c.digest != "" }

// builtinFilters reads the pack's filters.
func builtinFilters() (*FilterConfig, error) {
	text, err := pack.Read(filtersFile)
	if err != nil {
		return nil, err
	}
	c, _, err := ParseConfig("builtin/"+filtersFile, text, true)
	if err != nil {
		return nil, err
	}
	return c.Filters, nil
}

// filtersFile is the file of the pack that holds the filters.
const filtersFile = "filters.toml"

// sourcesDigest is the SHA-256 of the pack's sources.
func sourcesDigest() ([]byte, error) {
	h := sha256.New()
	for _, name := range pack.Files() {
		text, err := pack.Read(name)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(h, "%s %d\n", name, len(text))
		h.Write(text)
	}
	return h.Sum(nil), nil
}

// packBuiltin makes the packed form.
func packBuiltin() ([]byte, error) {
	c, err := Builtin()
	if err != nil {
		return nil, err
	}
	digest, err := sourcesDigest()
	if err != nil {
		return nil, err
	}
	w := &packer{out: append([]byte(packMagic), digest...)}
	w.count(len(c.Rules))
	for i := range c.Rules {
		if err := w.rule(&c.Rules[i]); err != nil {
			return nil, err
		}
	}
	w.allowlists(c.Allowlists)
	return w.out, nil
}

type packer struct{ out []byte }

func (w *packer) count(n int)   { w.out = binary.AppendUvarint(w.out, uint64(n)) }
func (w *packer) number(n int)  { w.out = binary.AppendVarint(w.out, int64(n)) }
func (w *packer) text(s string) { w.count(len(s)); w.out = append(w.out, s...) }

func (w *packer) flag(b bool) {
	if b {
		w.count(1)
	} else {
		w.count(0)
	}
}

func (w *packer) texts(list []string) {
	w.count(len(list))
	for _, s := range list {
		w.text(s)
	}
}

func (w *packer) rule(r *RuleConfig) error {
	if r.AllowList != nil {
		return fmt.Errorf("rule %q: the pack uses [[rules.allowlists]]", r.ID)
	}
	for _, s := range []string{r.ID, r.Description, r.Path, r.Regex, r.Provider, r.Severity, r.Confidence, r.Advice, r.Checksum, r.Verify} {
		w.text(s)
	}
	for _, list := range [][]string{r.Keywords, r.Tags, r.Aliases, r.Filters} {
		w.texts(list)
	}
	for _, b := range []bool{r.SkipReport, r.TokenEfficiency, r.Generic, r.Filters != nil} {
		w.flag(b)
	}
	w.number(r.SecretGroup)
	w.count(int(math.Round(r.Entropy * entropyUnit)))
	w.allowlists(r.Allowlists)
	w.count(len(r.Required))
	for _, q := range r.Required {
		w.text(q.ID)
		w.optional(q.WithinLines)
		w.optional(q.WithinColumns)
	}
	for _, pattern := range []string{r.Regex, r.Path} {
		if err := w.facts(pattern); err != nil {
			return fmt.Errorf("rule %q: %w", r.ID, err)
		}
	}
	return nil
}

// entropyUnit is the precision of packed entropies.
const entropyUnit = 1000

func (w *packer) optional(n *int) {
	w.flag(n != nil)
	if n != nil {
		w.number(*n)
	}
}

func (w *packer) allowlists(list []AllowlistConfig) {
	w.count(len(list))
	for _, a := range list {
		w.text(a.Condition)
		w.text(a.RegexTarget)
		for _, l := range [][]string{a.Commits, a.Paths, a.Regexes, a.StopWords, a.TargetRules} {
			w.texts(l)
		}
	}
}

func (w *packer) facts(pattern string) error {
	if pattern == "" {
		return nil
	}
	e, err := expr.Compile(pattern)
	if err != nil {
		return err
	}
	w.number(e.Groups)
	w.number(e.Before)
	w.number(e.After)
	w.count(len(e.Facts.Literals))
	for _, l := range e.Facts.Literals {
		w.text(l.Text)
		w.flag(l.Fold)
	}
	return nil
}

// An unpacker takes texts out of the packed form without copying them. Once it has failed it gives zero values.
type unpacker struct {
	text   string
	failed bool
}

func (r *unpacker) take(n int) string {
	if n < 0 || n > len(r.text) {
		r.failed, r.text = true, ""
		return ""
	}
	s := r.text[:n]
	r.text = r.text[n:]
	return s
}

func (r *unpacker) varint() uint64 {
	var n uint64
	for shift := 0; shift < 64 && r.text != ""; shift += 7 {
		b := r.text[0]
		r.text = r.text[1:]
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n
		}
	}
	r.failed = true
	return 0
}

// count is a length; it is never more than the bytes that are left.
func (r *unpacker) count() int {
	n := r.varint()
	if n > uint64(len(r.text)) && n > 1<<20 {
		r.failed = true
		return 0
	}
	return int(n)
}

func (r *unpacker) number() int {
	n := r.varint()
	return int(int64(n>>1) ^ -int64(n&1))
}

func (r *unpacker) string() string { return r.take(r.count()) }

func (r *unpacker) flag() bool { return r.count() == 1 }

func (r *unpacker) texts() []string {
	n := r.count()
	if n == 0 || r.failed {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = r.string()
	}
	return list
}

func (r *unpacker) rule(c *RuleConfig) {
	for _, to := range []*string{&c.ID, &c.Description, &c.Path, &c.Regex, &c.Provider, &c.Severity, &c.Confidence, &c.Advice, &c.Checksum, &c.Verify} {
		*to = r.string()
	}
	for _, to := range []*[]string{&c.Keywords, &c.Tags, &c.Aliases, &c.Filters} {
		*to = r.texts()
	}
	var ownFilters bool
	for _, to := range []*bool{&c.SkipReport, &c.TokenEfficiency, &c.Generic, &ownFilters} {
		*to = r.flag()
	}
	if ownFilters && c.Filters == nil {
		c.Filters = []string{}
	}
	c.SecretGroup = r.number()
	c.Entropy = float64(r.count()) / entropyUnit
	c.Allowlists = r.allowlists()
	for range r.count() {
		c.Required = append(c.Required, RequiredConfig{r.string(), r.optional(), r.optional()})
	}
	c.known = &facts{regex: r.facts(c.Regex), path: r.facts(c.Path)}
}

func (r *unpacker) optional() *int {
	if !r.flag() {
		return nil
	}
	n := r.number()
	return &n
}

func (r *unpacker) allowlists() []AllowlistConfig {
	n := r.count()
	if n == 0 || r.failed {
		return nil
	}
	list := make([]AllowlistConfig, n)
	for i := range list {
		a := &list[i]
		a.Condition, a.RegexTarget = r.string(), r.string()
		for _, to := range []*[]string{&a.Commits, &a.Paths, &a.Regexes, &a.StopWords, &a.TargetRules} {
			*to = r.texts()
		}
	}
	return list
}

func (r *unpacker) facts(pattern string) *expr.Facts {
	if pattern == "" {
		return nil
	}
	f := &expr.Facts{Groups: r.number(), Before: r.number(), After: r.number()}
	if n := r.count(); n > 0 && !r.failed {
		f.Literals = make([]litscan.Literal, n)
		for i := range f.Literals {
			f.Literals[i] = litscan.Literal{Text: r.string(), Fold: r.flag()}
		}
	}
	return f
}
