package report

import (
	"bytes"
	"encoding/json"
	"testing"
)

// FuzzIndented compares our indenting with the standard library's.
func FuzzIndented(f *testing.F) {
	for _, s := range []string{
		`{}`, `[]`, `{"a":{},"b":[],"c":[1,{"d":null}],"e":"{\"[,:]\\"}`, `"a\\"`, `[[[]],{"":""}]`, `-1.5e9`, `["\u2028","é"]`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var compact, want bytes.Buffer
		if json.Compact(&compact, []byte(in)) != nil {
			return
		}
		if err := json.Indent(&want, compact.Bytes(), "> ", Indent); err != nil {
			t.Fatal(err)
		}
		if got := indented(compact.Bytes(), "> "); !bytes.Equal(got, want.Bytes()) {
			t.Errorf("got %s\nwant %s", got, want.Bytes())
		}
	})
}
