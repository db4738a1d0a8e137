package git

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const attributeText = `# comment
*.pb.go linguist-generated
vendor/** linguist-vendored=true
/third_party/**/x* linguist-vendored
"odd name*" -diff
*.bin binary
*.psd filter=lfs diff=lfs merge=lfs -text
keep.pb.go -linguist-generated
docs/*.md linguist-generated=false !diff
!neg binary
only-dirs/ binary
`

func TestAttributes(t *testing.T) {
	root := (*AttributeMatcher)(nil).Child("", []byte(attributeText))
	sub := root.Child("a", []byte("*.bin -binary diff\nlocal linguist-vendored\n"))
	tests := []struct {
		path string
		want Attributes
	}{
		{"x/y.pb.go", Attributes{Generated: true}},
		{"keep.pb.go", Attributes{}},
		{"vendor/a/b.go", Attributes{Vendored: true}},
		{"third_party/a/b/xy", Attributes{Vendored: true}},
		{"odd name 1", Attributes{Binary: true}},
		{"p/q.psd", Attributes{LFS: true}},
		{"b.bin", Attributes{Binary: true}},
		{"a/b.bin", Attributes{}},
		{"a/local", Attributes{Vendored: true}},
		{"only-dirs/x", Attributes{}},
		{"neg", Attributes{}},
	}
	for _, tt := range tests {
		m := root
		if strings.HasPrefix(tt.path, "a/") {
			m = sub
		}
		if diff := cmp.Diff(tt.want, m.Match(tt.path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.path, diff)
		}
	}
}

func TestAttributesAgainstGit(t *testing.T) {
	f := newFixture(t)
	f.write(".gitattributes", attributeText)
	f.write("a/.gitattributes", "*.bin -binary diff\nlocal linguist-vendored\n")
	root := (*AttributeMatcher)(nil).Child("", []byte(attributeText))
	for _, path := range []string{"x/y.pb.go", "keep.pb.go", "vendor/a/b.go", "vendor", "third_party/a/b/xy", "third_party/xy", "odd name 1", "p/q.psd",
		"b.bin", "docs/a.md", "docs/x/a.md", "neg", "only-dirs/x", "only-dirs"} {
		values := map[string]string{}
		fields := strings.Split(f.git("check-attr", "-z", "linguist-generated", "linguist-vendored", "diff", "filter", "--", path), "\x00")
		for ; len(fields) >= 3; fields = fields[3:] {
			values[fields[1]] = fields[2]
		}
		on := func(name string) bool { return values[name] == "set" || values[name] == "true" }
		want := Attributes{Generated: on("linguist-generated"), Vendored: on("linguist-vendored"), Binary: values["diff"] == "unset", LFS: values["filter"] == "lfs"}
		if diff := cmp.Diff(want, root.Match(path)); diff != "" {
			t.Errorf("%s (-git +ours):\n%s", path, diff)
		}
	}
}

func TestIsLFSPointer(t *testing.T) {
	pointer := "version https://git-lfs.github.com/spec/v1\noid sha256:" + strings.Repeat("4d", 32) + "\nsize 12345\n"
	tests := []struct {
		name, in string
		want     bool
	}{
		{"pointer", pointer, true},
		{"too long", pointer + strings.Repeat("x", 1024), false},
		{"text about it", "see version https://git-lfs.github.com/spec/v1\noid sha256:x", false},
		{"no oid", "version https://git-lfs.github.com/spec/v1\n", false},
		{"empty", "", false},
	}
	for _, tt := range tests {
		if got := IsLFSPointer([]byte(tt.in)); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func FuzzAttributes(f *testing.F) {
	f.Add(attributeText, "vendor/a.pb.go")
	f.Add("\"a\\\"b\" -diff\n\"open", "a\"b")
	f.Fuzz(func(t *testing.T, text, path string) {
		m := (*AttributeMatcher)(nil).Child("", []byte(text))
		if a := m.Match(path); a != (Attributes{}) && !strings.ContainsAny(text, " \t\v\f\r\u0085\u00a0") {
			t.Errorf("%s from a text without values", fmt.Sprint(a))
		}
	})
}
