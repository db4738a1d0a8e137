package exception

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/lazyregexp"
	"github.com/assaysec/assay/internal/risk"
)

// BaselineFile is where the baseline lies, from the root.
const BaselineFile = ".assay/baseline.json"

const (
	baselineSchema  = "assay-baseline/1"
	maxBaselineSize = 256 << 20
)

// A Baseline is the list of faults that were there already. It keeps them from being news; they stay due.
type Baseline struct {
	Entries []Entry
}

// An Entry is one fault of the baseline. It holds nothing that the finding's report does not show.
type Entry struct {
	Fingerprint string `json:"fingerprint"`
	Rule        string `json:"rule"`
	Path        string `json:"path,omitempty"`
	Trail       string `json:"trail,omitempty"` // follows the fault where its file is renamed
	FirstSeen   Day    `json:"firstSeen"`
	Owner       string `json:"owner,omitempty"`  // who accepted a later growth
	Reason      string `json:"reason,omitempty"` // and why
}

// A Day is a date in UTC.
type Day struct{ time.Time }

// DayOf gives the day of a time.
func DayOf(t time.Time) Day { return Day{t.UTC().Truncate(24 * time.Hour)} }

// MarshalText gives the day as 2006-01-02.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.Format(time.DateOnly)), nil }

// UnmarshalText reads 2006-01-02 and nothing else: a date that does not parse is never a permission.
func (d *Day) UnmarshalText(text []byte) (err error) {
	if d.Time, err = time.Parse(time.DateOnly, string(text)); err != nil {
		return fmt.Errorf("%q is not a date: want one as 2026-11-23", text)
	}
	return nil
}

// MarshalJSON and UnmarshalJSON stand before those of the embedded time.
func (d Day) MarshalJSON() ([]byte, error) { return json.Marshal(d.Format(time.DateOnly)) }

// UnmarshalJSON reads a JSON string as UnmarshalText does.
func (d *Day) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	return d.UnmarshalText([]byte(s))
}

var fingerprintForm = lazyregexp.New(`^[a-z][0-9]+:[0-9a-f]{16,64}$`)

// ParseBaseline reads a baseline; file names it in errors.
func ParseBaseline(file string, content []byte) (*Baseline, error) {
	if len(content) > maxBaselineSize {
		return nil, fmt.Errorf("%s: larger than %d bytes", file, maxBaselineSize)
	}
	var doc struct {
		Schema  string  `json:"schema"`
		Entries []Entry `json:"entries"`
	}
	dec := json.NewDecoder(bytes.NewReader(content))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&doc); err != nil {
		return nil, fmt.Errorf("%s:%d: %s", file, lineAt(content, offsetOf(err, dec)), problem(err))
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("%s:%d: something follows the baseline", file, lineAt(content, dec.InputOffset()))
	}
	if doc.Schema != baselineSchema {
		return nil, fmt.Errorf("%s: schema is %q, want %q", file, doc.Schema, baselineSchema)
	}
	b := &Baseline{Entries: doc.Entries}
	if err := b.validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	b.sort()
	return b, nil
}

// offsetOf is where a decoder came upon an error.
func offsetOf(err error, dec *json.Decoder) int64 {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return syntax.Offset
	case errors.As(err, &kind):
		return kind.Offset
	case errors.Is(err, io.ErrUnexpectedEOF):
		return math.MaxInt64 // the end
	}
	return dec.InputOffset()
}

// problem puts a decoder's error into words.
func problem(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err == io.EOF:
		return "the file is empty"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the file ends too early"
	case errors.As(err, &syntax):
		return "not valid JSON: " + syntax.Error()
	case errors.As(err, &kind):
		return fmt.Sprintf("%s is of the kind %s: want %s", cmp.Or(kind.Field, "the file"), kind.Value, wordFor(kind.Type))
	}
	if key, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return "unknown key " + key + ": there is schema, entries, and in an entry fingerprint, rule, path, trail, firstSeen, owner, reason"
	}
	return err.Error()
}

// wordFor says what a value of a type is called in JSON.
func wordFor(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Slice:
		return "a list"
	}
	return "an object"
}

func lineAt(content []byte, offset int64) int {
	return 1 + bytes.Count(content[:min(offset, int64(len(content)))], []byte("\n"))
}

func (b *Baseline) validate() error {
	seen := make(map[string]bool, len(b.Entries))
	for i, e := range b.Entries {
		switch {
		case !fingerprintForm().MatchString(e.Fingerprint):
			return fmt.Errorf("entry %d: %q is not a fingerprint", i+1, e.Fingerprint)
		case seen[e.Fingerprint]:
			return fmt.Errorf("entry %d: %s is listed twice", i+1, e.Fingerprint)
		case e.Trail != "" && !fingerprintForm().MatchString(e.Trail):
			return fmt.Errorf("entry %d: %q is not a trail", i+1, e.Trail)
		case e.Rule == "":
			return fmt.Errorf("entry %d: the rule is missing", i+1)
		case e.FirstSeen.IsZero():
			return fmt.Errorf("entry %d: firstSeen is missing", i+1)
		}
		seen[e.Fingerprint] = true
	}
	return nil
}

func (b *Baseline) sort() {
	slices.SortFunc(b.Entries, func(x, y Entry) int {
		return cmp.Or(cmp.Compare(x.Path, y.Path), cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.Fingerprint, y.Fingerprint))
	})
}

// Bytes writes the baseline: sorted, one entry a line, so that two branches that change different entries merge.
func (b *Baseline) Bytes() []byte {
	sorted := Baseline{slices.Clone(b.Entries)}
	sorted.sort()
	var out bytes.Buffer
	fmt.Fprintf(&out, "{\n  \"schema\": %q,\n  \"entries\": [", baselineSchema)
	for i, e := range sorted.Entries {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString("\n    ")
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(e); err != nil {
			panic(err) // an Entry is made of text only
		}
		out.Truncate(out.Len() - 1) // the encoder's line end
	}
	if len(sorted.Entries) > 0 {
		out.WriteString("\n  ")
	}
	out.WriteString("]\n}\n")
	return out.Bytes()
}

// pair finds the entry of each risk, or -1. A fingerprint decides. Where it is not in the baseline, the trail may lead
// to an entry whose own fault is gone, as far as looked says that this can be told: then the fault has moved. Each entry
// stands for one risk.
func (b *Baseline) pair(risks []risk.Risk, looked func(Entry) bool) []int {
	at := make(map[string]int, len(b.Entries))
	for i, e := range b.Entries {
		at[e.Fingerprint] = i
	}
	found := make([]int, len(risks))
	here := make([]bool, len(b.Entries))
	for i := range risks {
		found[i] = -1
		if e, ok := at[risks[i].Fingerprint]; ok {
			found[i], here[e] = e, true
		}
	}
	gone := map[string][]int{}
	for i, e := range b.Entries {
		if !here[i] && e.Trail != "" && looked(e) {
			gone[e.Rule+" "+e.Trail] = append(gone[e.Rule+" "+e.Trail], i)
		}
	}
	for i := range risks {
		key := risks[i].Rule + " " + risks[i].Trail
		if found[i] >= 0 || risks[i].Trail == "" || len(gone[key]) == 0 {
			continue
		}
		found[i] = gone[key][0]
		gone[key] = gone[key][1:]
	}
	return found
}

// everywhere says of every place that it was looked at.
func everywhere(Entry) bool { return true }

// Apply marks the risks that are in the baseline, and says of every other one that it is new, unless a comparison with
// a base has said otherwise. A risk keeps what holds it back already. A credential known to be live is not held back.
func (b *Baseline) Apply(risks []risk.Risk) {
	for i, entry := range b.pair(risks, everywhere) {
		r := &risks[i]
		if entry < 0 {
			if r.New == risk.NewUnknown {
				r.New = risk.NewYes
			}
			continue
		}
		e := b.Entries[entry]
		r.New, r.FirstSeen = risk.NewNo, e.FirstSeen.Time
		holdBack(r, risk.Suppression{Kind: "baseline", Source: BaselineFile, Reason: e.Reason, Owner: e.Owner})
	}
}

// holdBack puts an open risk into a baseline, ours or another tool's.
func holdBack(r *risk.Risk, s risk.Suppression) {
	if r.Status == risk.Open && r.Verification != live {
		r.Status, r.Suppression = risk.Baseline, &s
	}
}

// An Accept takes responsibility for a baseline that grows.
type Accept struct {
	Owner, Reason string
}

// Options are what an update of a baseline depends on beside the risks.
type Options struct {
	Now    time.Time
	Accept *Accept // without it an existing baseline does not grow

	// Looked reports whether the scan looked where an entry's fault was. Entries it did not look at are kept: not
	// having looked does not mean that a fault is gone. Nil means that it looked everywhere.
	Looked func(Entry) bool
}

// A Change is what an update did.
type Change struct {
	Added   []Entry
	Removed []Entry     // the fault is gone, or is now known to be a live credential
	Moved   []Entry     // as they are now
	Left    []risk.Risk // new, and not accepted
}

// Update gives the baseline after a scan. It shrinks by itself: what is gone leaves it. It grows only if somebody
// accepts that; but for the first baseline (old is nil), which takes in everything, because that is what it is made
// for. A credential known to be live never enters.
func Update(old *Baseline, risks []risk.Risk, o Options) (*Baseline, Change, error) {
	accept := Accept{}
	switch {
	case o.Accept == nil:
	case strings.TrimSpace(o.Accept.Owner) == "":
		return nil, Change{}, fmt.Errorf("a baseline that grows needs an owner")
	case strings.TrimSpace(o.Accept.Reason) == "":
		return nil, Change{}, fmt.Errorf("a baseline that grows needs a reason")
	default:
		accept = *o.Accept
	}
	u := &updater{old: old, next: &Baseline{}, options: o, accept: accept, seen: map[string]bool{}}
	if old == nil {
		u.old = &Baseline{}
	}
	if o.Looked == nil {
		u.options.Looked = everywhere
	}
	u.mayGrow = old == nil || o.Accept != nil
	if err := u.run(risks); err != nil {
		return nil, Change{}, err
	}
	return u.next, u.change, nil
}

type updater struct {
	old, next *Baseline
	options   Options
	accept    Accept
	mayGrow   bool
	change    Change
	seen      map[string]bool // fingerprints in next: a fault may be found in several targets
}

func (u *updater) run(risks []risk.Risk) error {
	taken := make([]bool, len(u.old.Entries))
	for i, entry := range u.old.pair(risks, u.options.Looked) {
		r := &risks[i]
		switch {
		case u.seen[r.Fingerprint]:
		case entry >= 0 && r.Verification != live:
			taken[entry] = true
			u.keep(u.old.Entries[entry], r)
		case entry >= 0:
		case !u.mayGrow:
			u.change.Left = append(u.change.Left, *r)
		case r.Verification == live:
			return fmt.Errorf("%s in %s is a live credential and cannot enter the baseline: revoke it first",
				r.Rule, cmp.Or(r.Place.Path, "a commit"))
		default:
			u.add(r)
		}
	}
	for i, e := range u.old.Entries {
		switch {
		case taken[i]:
		case !u.options.Looked(e):
			u.next.Entries = append(u.next.Entries, e)
		default:
			u.change.Removed = append(u.change.Removed, e)
		}
	}
	u.next.sort()
	return nil
}

func (u *updater) keep(e Entry, r *risk.Risk) {
	moved := e.Fingerprint != r.Fingerprint
	e.Fingerprint, e.Trail, e.Path = r.Fingerprint, r.Trail, r.Place.Path
	if moved {
		u.change.Moved = append(u.change.Moved, e)
	}
	u.put(e)
}

func (u *updater) add(r *risk.Risk) {
	e := Entry{
		Fingerprint: r.Fingerprint, Rule: r.Rule, Path: r.Place.Path, Trail: r.Trail,
		FirstSeen: DayOf(u.options.Now), Owner: u.accept.Owner, Reason: u.accept.Reason,
	}
	// The commit may know an earlier day; a later one, or none, does not count.
	if !r.FirstSeen.IsZero() && r.FirstSeen.Before(u.options.Now) {
		e.FirstSeen = DayOf(r.FirstSeen)
	}
	u.change.Added = append(u.change.Added, e)
	u.put(e)
}

func (u *updater) put(e Entry) {
	u.seen[e.Fingerprint] = true
	u.next.Entries = append(u.next.Entries, e)
}
