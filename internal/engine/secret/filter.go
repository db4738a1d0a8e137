package secret

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/expr"
	"github.com/assaysec/assay/internal/finding"
)

// A FilterConfig is the data of the pack's filters: what a value looks like that is no secret. Filters beyond entropy
// are data, so that a team can read why something stayed silent. Expressions must match the whole value.
type FilterConfig struct {
	// Placeholders match values that stand for one to be filled in.
	Placeholders []string
	// References match values that point to where a secret is kept.
	References []string
	// Code matches expressions of programs, paths, addresses, versions and times.
	Code []string
	// Identifiers match what is unique and not secret.
	Identifiers []string
	// Encoded matches public material: certificates, public keys, pictures, what is encrypted or hashed already.
	Encoded []string
	// HashWords match a part of the text shortly before a value that has the size of a hash of content.
	HashWords []string
	// PublicValues are values that are published for tests, as the first 16 hex digits of their SHA-256.
	PublicValues []string
	// Names match names whose values are no secrets, whatever word for one they hold.
	Names []string
	// Words are the words that names are made of, between blanks.
	Words string
	// Trigrams is the table of a language, see language.
	Trigrams string
}

// A filterSet names the filters that a rule wants beside its own tests.
type filterSet uint16

// The filters. The rates are the shares of random values that each drops, for the alphabets and lengths of
// TestFiltersKeepRandomValues, which holds them.
const (
	// placeholder drops values to be filled in, and what is next to them in base 64. It asks for whole words such as
	// "example" or "fake"; no more than 1 in 10,000 random values holds one.
	placeholder filterSet = 1 << iota
	// reference drops references to variables and secret managers. They need characters that random tokens lack, or a
	// name before a colon.
	reference
	// publicValue drops published values, by their hash.
	publicValue
	// sequence drops what is made of runs such as abcd, 4321, aaaa, qwert or a1b2c3, repeats itself, or was drummed on the
	// home row of a keyboard. Half of the value must be runs: fewer than 1 in 100,000 random values of 12 characters and
	// more; of those in one case 1 in 2,000 look drummed.
	sequence
	// contentHash drops what has the size of a hash of content and stands after a word such as checksum or commit. It
	// judges the place more than the value: a secret after such a word is lost.
	contentHash
	// embedded drops what stands in the middle of a long run of base 64: a picture, a font, a bundle, in which any prefix
	// turns up by chance. It judges the place: a token right behind 80 such characters is lost.
	embedded
	// code drops expressions of programs, paths, URLs without a password, file names, versions and times. They need
	// dots, slashes, brackets or the like in places where a random token has none.
	code
	// identifiers drops UUIDs and other names. A secret that is a UUID is lost, which is why rules of providers that
	// issue such do not ask for it.
	identifiers
	// material drops public keys, certificates, integrity values, pictures, encrypted and hashed values, by their heads
	// of four characters and more.
	material
	// words drops values of which words cover half. In letters without order words of four and more letters are rare:
	// fewer than 1 in 1,000 random values of 12 characters, 1 in 100,000 of 20.
	words
	// tokens drops values that read like names or prose, by how surprising their letters are. This is Betterleaks' token
	// efficiency: a byte-pair encoder packs such values well. Fewer than 1 in 1,000 random values.
	tokens
	// plain drops values without letters, and those of fewer than 24 letters of one case (or with a capital only at the
	// head of a part) that have some order. Fewer than 1 in 500 random values, but all of digits.
	plain
	// repeated drops values that stand in the same match or line again as a user, a database or an account. They are thought
	// up; that a random value is its own user's name does not happen.
	repeated
	// named drops values whose name says that they are none, however random they look: cursors, access-key IDs, markers,
	// encrypted values.
	named

	allFilters = named<<1 - 1
)

var filterNames = []struct {
	name string
	set  filterSet
}{
	{"placeholder", placeholder}, {"reference", reference}, {"public-value", publicValue}, {"sequence", sequence},
	{"content-hash", contentHash}, {"embedded", embedded}, {"code", code}, {"identifier", identifiers}, {"public-material", material},
	{"words", words}, {"token-efficiency", tokens}, {"plain", plain}, {"repeated", repeated}, {"named", named},
}

// parseFilters reads a rule's list.
func parseFilters(names []string) (filterSet, error) {
	var set filterSet
	for _, n := range names {
		i := slices.IndexFunc(filterNames, func(f struct {
			name string
			set  filterSet
		}) bool {
			return f.name == n
		})
		if i < 0 {
			return 0, fmt.Errorf("filter %q is not known: want one of %s", n, strings.Join(knownFilters(), ", "))
		}
		set |= filterNames[i].set
	}
	return set, nil
}

func knownFilters() []string {
	out := make([]string, len(filterNames))
	for i, f := range filterNames {
		out[i] = f.name
	}
	return out
}

// thoughtUp is the entropy below which a rule asks for so little that it takes passwords that people think up, which
// are made of words: what looks for randomness would drop them.
const thoughtUp = 3.0

// defaultFilters are those of a rule without a list. A format that proves itself by a distinctive prefix or a checksum is
// only tested for what is published or to be filled in; the weaker the format, the more of the rest applies.
func defaultFilters(c *RuleConfig, confidence finding.Confidence, generic bool) filterSet {
	set := placeholder | reference | publicValue | embedded
	passwords := c.Entropy < thoughtUp
	switch {
	case c.Checksum != "":
		set &^= embedded
	case confidence == finding.HighConfidence && passwords && c.Entropy != 0:
		set |= code | repeated
	case confidence == finding.HighConfidence:
	case passwords:
		set |= contentHash | code | repeated
	case generic:
		set = allFilters
	default:
		set |= contentHash | code | words | tokens
	}
	if generic {
		set |= sequence
	}
	if c.TokenEfficiency {
		set |= tokens
	}
	return set
}

// filters are a FilterConfig made ready to run. The zero value drops nothing.
type filters struct {
	placeholders *patterns
	references   *patterns
	code         *patterns
	identifiers  *patterns
	encoded      *patterns
	hashWords    *patterns
	names        *patterns
	public       []string // sorted
	words        *wordList
	language     *language
}

// filtersFor makes the filters of a configuration. One without filters of its own, as other tools write it, drops only
// what its rules say, which is token efficiency where a rule asks for it.
func filtersFor(c *Config, rules []rule) (*filters, error) {
	if c.Filters != nil {
		return compileFilters(c.Filters)
	}
	asked := false
	for i := range rules {
		rules[i].filters &= tokens
		asked = asked || rules[i].filters != 0
	}
	if !asked {
		return compileFilters(nil)
	}
	own, err := builtinFilters()
	if err != nil {
		return nil, err
	}
	return compileFilters(&FilterConfig{Trigrams: own.Trigrams})
}

func compileFilters(c *FilterConfig) (*filters, error) {
	if c == nil {
		return &filters{}, nil
	}
	f := &filters{public: slices.Sorted(slices.Values(c.PublicValues)), words: newWordList(c.Words)}
	var errs []error
	for _, l := range []struct {
		name     string
		to       **patterns
		patterns []string
	}{
		{"placeholders", &f.placeholders, anchored(c.Placeholders)},
		{"references", &f.references, anchored(c.References)},
		{"code", &f.code, anchored(c.Code)},
		{"identifiers", &f.identifiers, anchored(c.Identifiers)},
		{"encoded", &f.encoded, anchored(c.Encoded)},
		{"hashWords", &f.hashWords, c.HashWords},
		{"names", &f.names, anchored(c.Names)},
	} {
		var err error
		if *l.to, err = newPatterns(l.patterns, false); err != nil {
			errs = append(errs, fmt.Errorf("filters: %s: %w", l.name, err))
		}
	}
	var err error
	if f.language, err = newLanguage(c.Trigrams); err != nil {
		errs = append(errs, fmt.Errorf("filters: %w", err))
	}
	return f, errors.Join(errs...)
}

func anchored(patterns []string) []string {
	out := make([]string, len(patterns))
	for i, p := range patterns {
		out[i] = `\A(?:` + p + `)\z`
	}
	return out
}

// maxFiltered bounds the values that are judged by how they look. Longer ones are keys and documents, in which any word
// turns up by chance.
const maxFiltered = 512

// doubt reports whether a value that a rule has found looks made up, although nothing says that it is: it is a run of
// neighbours, in the open or in base 64. A rule of a provider's format keeps such a finding, with low confidence; the
// generic rule drops it.
func (f *filters) doubt(r *rule, secret string) bool {
	return r.doubts && len(secret) <= maxFiltered && (isSequence(secret) || isSequence(printable(secret)))
}

// drop reports whether a value is known not to be a secret, by itself or by where it stands.
func (f *filters) drop(m *expr.Machine, r *rule, secret string, at place) bool {
	set := r.filters
	if f.doubt(r, secret) {
		set &^= words | tokens | plain // they see the runs, too, and would take them for a word
	}
	return f.dropped(m, set, secret, at.before) != 0 || f.belies(m, r, secret, at)
}

// dropped returns the first filter of a set that drops a value, or 0. Cheap ones are asked first.
func (f *filters) dropped(m *expr.Machine, set filterSet, secret string, before []byte) filterSet {
	if set&publicValue != 0 && f.isPublic(secret) {
		return publicValue
	}
	if set&embedded != 0 && isEmbedded(before) {
		return embedded
	}
	if len(secret) > maxFiltered {
		if set&material != 0 && (f.encoded.match(m, []byte(secret)) || f.isPublicText(m, printable(secret))) {
			return material
		}
		return 0
	}
	switch {
	case set&plain != 0 && (isNumber(secret) || isPlain(secret) && !f.language.isDisorder(secret)):
		return plain
	case set&sequence != 0 && len(secret) <= maxSequence && isSequence(secret):
		return sequence
	case set&words != 0 && f.words.tells(secret):
		return words
	case set&tokens != 0 && (f.language.reads(secret) || f.language.reads(spelt(secret))):
		return tokens
	case set&contentHash != 0 && hashSized(secret) && f.afterHashWord(m, before):
		return contentHash
	case set&identifiers != 0 && f.identifiers.match(m, []byte(secret)):
		return identifiers
	case set&material != 0 && f.encoded.match(m, []byte(secret)):
		return material
	case set&code != 0 && f.code.match(m, []byte(secret)):
		return code
	case set&placeholder != 0 && f.placeholders.match(m, []byte(behindName(secret))):
		return placeholder
	case set&reference != 0 && f.references.match(m, []byte(secret)):
		return reference
	}
	if inner := printable(secret); inner != "" && !holdsKey(inner) {
		return f.dropped(m, set&^(embedded|contentHash), inner, nil)
	}
	return 0
}

// isPublicText reports whether a text that stood in base 64 is public material, such as a certificate.
func (f *filters) isPublicText(m *expr.Machine, text string) bool {
	return text != "" && !holdsKey(text) && f.encoded.match(m, []byte(text))
}

// keyLength is how long a value is, from which on what stands before it and a colon is a name of it.
const keyLength = 40

// behindName is a key without the names that stand before it, each with a colon: my-key:KEY. The names say nothing of it.
func behindName(secret string) string {
	if cut := strings.LastIndexByte(secret, ':'); cut > 0 && len(secret)-cut > keyLength {
		return secret[cut+1:]
	}
	return secret
}

// afterHashWord reports whether what stands before a value calls it a hash.
func (f *filters) afterHashWord(m *expr.Machine, before []byte) bool {
	return f.hashWords.match(m, before[max(0, len(before)-hashReach):])
}

func (f *filters) isPublic(secret string) bool {
	if len(f.public) == 0 {
		return false
	}
	secret = strings.TrimSpace(secret)
	cut := strings.LastIndexByte(secret, '_') // documentation shows one body behind several prefixes
	return f.published(secret) || cut >= 0 && len(secret)-cut > partLength && f.published(secret[cut+1:])
}

func (f *filters) published(value string) bool {
	sum := sha256.Sum256([]byte(value))
	_, found := slices.BinarySearch(f.public, hex.EncodeToString(sum[:8]))
	return found
}
