package source

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
)

// A member is one file of an archive that a test makes.
type member struct{ name, text string }

func zipOf(t testing.TB, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range members {
		f, err := w.Create(m.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(m.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarOf(t testing.TB, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range members {
		h := &tar.Header{Name: m.name, Mode: 0o644, Size: int64(len(m.text)), Typeflag: tar.TypeReg}
		if strings.HasSuffix(m.name, " →") {
			h.Name, h.Typeflag, h.Linkname, h.Size = strings.TrimSuffix(m.name, " →"), tar.TypeSymlink, m.text, 0
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			if _, err := w.Write([]byte(m.text)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipOf(t testing.TB, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstdOf(t testing.TB, text []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(text, nil)
}

// opened is what Members handed out and accounted for.
func opened(name string, raw []byte, l Limits) (members, unchecked []string) {
	var account Account
	Members(context.Background(), name, bytes.NewReader(raw), int64(len(raw)), l, &account, func(f *File) {
		text, err := f.Read(nil, 1<<20)
		members = append(members, fmt.Sprintf("%s=%s", f.Path, text[:min(len(text), 20)]))
		if err != nil {
			members = append(members, err.Error())
		}
	})
	for _, u := range account.Unchecked() {
		unchecked = append(unchecked, u.Path+": "+u.Reason)
	}
	slices.Sort(unchecked)
	return members, unchecked
}

func TestMembers(t *testing.T) {
	one, two := member{"a/one", "1"}, member{"two", "2"}
	encrypted := zipOf(t, one, two)
	// Bit 0 of the flags, in the local and the central header of the first member.
	encrypted[6] |= 1
	encrypted[bytes.Index(encrypted, []byte("PK\x01\x02"))+8] |= 1
	damaged := zipOf(t, member{"one", strings.Repeat("damaged ", 100)}, two)
	damaged[40] ^= 0xff
	for _, tt := range []struct {
		name, file string
		raw        []byte
		members    []string
		unchecked  []string // beginnings
	}{
		{"zip", "x.zip", zipOf(t, one, two), []string{"x.zip!/a/one=1", "x.zip!/two=2"}, nil},
		{"jar", "lib/x.jar", zipOf(t, one), []string{"lib/x.jar!/a/one=1"}, nil},
		{"zip without the name", "x", zipOf(t, one), []string{"x!/a/one=1"}, nil},
		{"tar", "x.tar", tarOf(t, one, two), []string{"x.tar!/a/one=1", "x.tar!/two=2"}, nil},
		{"tar.gz", "x.tar.gz", gzipOf(t, tarOf(t, one, two)), []string{"x.tar.gz!/a/one=1", "x.tar.gz!/two=2"}, nil},
		{"tar.zst", "x.tar.zst", zstdOf(t, tarOf(t, one)), []string{"x.tar.zst!/a/one=1"}, nil},
		{"gz", "notes.txt.gz", gzipOf(t, []byte("text")), []string{"notes.txt.gz!/notes.txt=text"}, nil},
		{"zst", "notes.txt.zst", zstdOf(t, []byte("text")), []string{"notes.txt.zst!/notes.txt=text"}, nil},
		{"empty zip", "x.zip", zipOf(t), nil, nil},
		{"nested", "x.zip", zipOf(t, member{"in/y.tar.gz", string(gzipOf(t, tarOf(t, one)))}), []string{"x.zip!/in/y.tar.gz!/a/one=1"}, nil},
		{"names that climb out", "x.zip", zipOf(t, member{"../../etc/passwd", "1"}, member{"/root", "2"}, member{`..\win`, "3"}, member{"a/./b", "4"}),
			[]string{"x.zip!/etc/passwd=1", "x.zip!/root=2", "x.zip!/win=3", "x.zip!/a/b=4"}, nil},
		{"links and folders in tar", "x.tar", tarOf(t, member{"link →", "/etc/passwd"}, one), []string{"x.tar!/a/one=1"}, nil},
		{"encrypted member", "x.zip", encrypted, []string{"x.zip!/two=2"}, []string{"x.zip!/a/one: encrypted"}},
		{"damaged member", "x.zip", damaged, []string{"x.zip!/two=2"}, []string{"x.zip!/one: could not be unpacked"}},
		{"cut zip", "x.zip", zipOf(t, one, two)[:60], nil, []string{"x.zip: the archive could not be read whole"}},
		{"cut tar.gz", "x.tar.gz", gzipOf(t, tarOf(t, one, two))[:40], []string{"x.tar.gz!/x.tar="}, []string{"x.tar.gz!/x.tar: could not be unpacked"}},
		{"gz of nothing", "x.gz", []byte{0x1f, 0x8b, 8}, nil, []string{"x.gz: the archive could not be read whole"}},
		{"zst of nothing", "x.zst", []byte{0x28, 0xb5, 0x2f, 0xfd}, []string{"x.zst!/x="}, []string{"x.zst!/x: could not be unpacked"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !IsArchive(tt.file, tt.raw) {
				t.Fatal("not taken for an archive")
			}
			members, unchecked := opened(tt.file, tt.raw, Limits{})
			if tt.name == "damaged member" { // what could be read of it may be looked at, too
				members = slices.DeleteFunc(members, func(m string) bool { return strings.HasPrefix(m, "x.zip!/one") })
			}
			if diff := cmp.Diff(tt.members, members); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if len(unchecked) != len(tt.unchecked) {
				t.Fatalf("unchecked: %q, want %q", unchecked, tt.unchecked)
			}
			for i := range unchecked {
				if !strings.HasPrefix(unchecked[i], tt.unchecked[i]) {
					t.Errorf("unchecked: %q, want %q", unchecked[i], tt.unchecked[i])
				}
			}
		})
	}
}

// Every limit ends the archive, and what it kept from being looked at is recorded under its name.
func TestMembersLimits(t *testing.T) {
	zeros := strings.Repeat("\x00", 40<<20)
	nested := zipOf(t, member{"f", "x"})
	for range 6 {
		nested = zipOf(t, member{"z.zip", string(nested)})
	}
	many := make([]member, 20)
	for i := range many {
		many[i] = member{fmt.Sprint(i), "0123456789"}
	}
	for _, tt := range []struct {
		name string
		raw  []byte
		l    Limits
		want string
	}{
		{"ratio of a zip", zipOf(t, member{"a", zeros[:15<<20]}, member{"b", zeros[:15<<20]}), Limits{}, "x.zip: the archive could not be read whole: it unpacks to more than 200 times its size"},
		{"ratio of a gz", gzipOf(t, []byte(zeros)), Limits{}, "times its size"},
		{"ratio of a tar.gz", gzipOf(t, tarOf(t, member{"a", zeros[:30<<20]})), Limits{}, "times its size"},
		{"ratio of a zst", zstdOf(t, []byte(zeros)), Limits{}, "times its size"},
		{"member", zipOf(t, member{"a", "0123456789"}), Limits{Member: 9}, "x.zip!/a: larger than the limit of 9 bytes for one member"},
		{"bytes", zipOf(t, many...), Limits{Bytes: 55}, "x.zip: the archive could not be read whole: it unpacks to more than 55 bytes"},
		{"members", zipOf(t, many...), Limits{Members: 7}, "x.zip: the archive could not be read whole: it has more than 7 members"},
		{"members of a tar", tarOf(t, many...), Limits{Members: 7}, "it has more than 7 members"},
		{"depth", nested, Limits{}, "archives are nested deeper than 4"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			members, unchecked := opened("x.zip", tt.raw, tt.l)
			if !strings.Contains(strings.Join(unchecked, "\n"), tt.want) {
				t.Errorf("%q holds no %q", unchecked, tt.want)
			}
			if len(members) > 7 {
				t.Errorf("%d members were handed out", len(members))
			}
		})
	}
}

func TestMembersCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	raw := zipOf(t, member{"a", ""}, member{"b", ""})
	var account Account
	n := 0
	Members(ctx, "x.zip", bytes.NewReader(raw), int64(len(raw)), Limits{}, &account, func(*File) { n++; cancel() })
	if n != 1 {
		t.Errorf("%d members after the end", n)
	}
}

func FuzzMembers(f *testing.F) {
	one := member{"a", "text"}
	f.Add("x.zip", zipOf(f, one, member{"in.zip", string(zipOf(f, one))}))
	f.Add("x.tar", tarOf(f, one, member{"l →", "a"}))
	f.Add("x.tgz", gzipOf(f, tarOf(f, one)))
	f.Add("x.gz", gzipOf(f, []byte("text")))
	f.Add("x.zst", zstdOf(f, []byte("text")))
	f.Fuzz(func(t *testing.T, name string, raw []byte) {
		total := 0
		var account Account
		Members(context.Background(), name, bytes.NewReader(raw), int64(len(raw)), Limits{Bytes: 1 << 20, Members: 100, Member: 1 << 18}, &account, func(m *File) {
			rest, ok := strings.CutPrefix(m.Path, name+"!/")
			if !ok || strings.HasPrefix(rest, "/") || slices.Contains(strings.Split(rest, "/"), "..") {
				t.Errorf("member %q of %q", m.Path, name)
			}
			text, _ := m.Read(nil, 1<<20)
			total += len(text)
		})
		if total > 1<<20+1<<18 {
			t.Errorf("%d bytes were handed out", total)
		}
	})
}
