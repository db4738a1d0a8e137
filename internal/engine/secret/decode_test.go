package secret

import (
	"encoding/base64"
	"encoding/hex"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFindEncoded(t *testing.T) {
	const words = "the quick brown fox jumps 12"
	b64 := base64.StdEncoding.EncodeToString([]byte(words))
	type run struct{ Name, Plain, Rest string }
	for _, c := range []struct {
		name, text string
		want       []run
	}{
		{"nothing", "plain words and an_identifier_that_is_long = 3", nil},
		{"base64", "x = " + b64 + ";", []run{{"base64", words, "x = ;"}}},
		{"base64 at both ends", b64, []run{{"base64", words, ""}}},
		{"base64 of bytes that are not text", "AAECAwQFBgcICQoLDA0ODw==", nil},
		{"hex", "h: " + hex.EncodeToString([]byte(words)) + " .", []run{{"hex", words, "h:  ."}}},
		{"percent", "a=%74oken%3D1&b=2", []run{{"percent", "token=", "a=1&b=2"}}},
		{"percent, not text", "a=%00%01", nil},
		{"unicode", `"\u0041\u0042c"`, []run{{"unicode", "AB", `"c"`}}},
		{"two", b64 + " " + b64, []run{{"base64", words, " " + b64}, {"base64", words, b64 + " "}}},
		{"inside of percent-encoded text", "%41" + b64 + "%41", []run{{"percent", "A" + b64 + "A", ""}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []run
			for _, r := range findEncoded(nil, []byte(c.text), 0, len(c.text)) {
				got = append(got, run{r.name, string(r.plain), c.text[:r.from] + c.text[r.to:]})
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func FuzzFindEncoded(f *testing.F) {
	f.Add([]byte("x = dGhlIHF1aWNrIGJyb3duIGZveA== %41%42 \\u0041 6162636465666768696a6b6c6d6e6f70"))
	f.Fuzz(func(t *testing.T, text []byte) {
		at := 0
		for _, r := range findEncoded(nil, text, 0, len(text)) {
			if r.from < at || r.to <= r.from || r.to > len(text) || len(r.plain) == 0 {
				t.Fatalf("run %d to %d of %d bytes, %d decoded", r.from, r.to, len(text), len(r.plain))
			}
			at = r.to
		}
	})
}
