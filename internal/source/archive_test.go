package source

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io/fs"
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
		if strings.HasSuffix(m.name, " ?") { // a kind of file that only some systems know
			h.Name, h.Typeflag = strings.TrimSuffix(m.name, " ?"), 'Z'
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

// retype gives the first member of a tar archive another type.
func retype(raw []byte, flag byte) {
	raw[156] = flag
	copy(raw[148:156], "        ")
	sum := 0
	for _, b := range raw[:512] {
		sum += int(b)
	}
	copy(raw[148:156], fmt.Sprintf("%06o\x00 ", sum))
}

// sparseTar is an archive in GNU's format of one file whose text a hole follows, up to 20 bytes.
func sparseTar(t testing.TB, text string) []byte {
	raw := tarOf(t, member{"sparse", text})
	copy(raw[257:265], "ustar  \x00")
	clear(raw[345:512])
	copy(raw[386:], fmt.Sprintf("%011o\x00%011o\x00%011o\x00%011o\x00", 0, len(text), 20, 0))
	copy(raw[483:], fmt.Sprintf("%011o\x00", 20))
	retype(raw, tar.TypeGNUSparse)
	return raw
}

// zstdWindow is a frame that asks for a window of a size.
func zstdWindow(t testing.TB, size int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, zstd.WithWindowSize(size))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(bytes.Repeat([]byte("0123456789abcdef"), 1<<10)); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil { // so that the size is not known, and the window counts
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
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
	longer := zipOf(t, one)
	longer[bytes.Index(longer, []byte("PK\x01\x02"))+24] = 2 // says that it unpacks to two bytes
	contiguous := tarOf(t, one)
	retype(contiguous, '7')
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
		{"links and folders in tar", "x.tar", tarOf(t, member{"link →", "/etc/passwd"}, one), []string{"x.tar!/link=/etc/passwd", "x.tar!/a/one=1"}, nil},
		{"a kind of file that is rare", "x.tar", contiguous, []string{"x.tar!/a/one=1"}, nil},
		{"a kind of file that is not known", "x.tar", tarOf(t, member{"odd ?", "1"}, one), []string{"x.tar!/odd=1", "x.tar!/a/one=1"}, nil},
		{"sparse", "x.tar", sparseTar(t, "1234"), []string{"x.tar!/sparse=1234\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"}, nil},
		{"joined tar", "x.tar", slices.Concat(tarOf(t, one), tarOf(t, two)), []string{"x.tar!/a/one=1"}, []string{"x.tar: the archive could not be read whole: something follows its end"}},
		{"joined tar.gz", "x.tgz", slices.Concat(gzipOf(t, tarOf(t, one)), gzipOf(t, tarOf(t, two))), []string{"x.tgz!/a/one=1"}, []string{"x.tgz: the archive could not be read whole: something follows its end"}},
		{"padded tar", "x.tar", append(tarOf(t, one), make([]byte, 10240)...), []string{"x.tar!/a/one=1"}, nil},
		{"joined gz", "x.gz", slices.Concat(gzipOf(t, []byte("one ")), gzipOf(t, []byte("two"))), []string{"x.gz!/x=one two"}, nil},
		{"joined zst", "x.zst", slices.Concat(zstdOf(t, []byte("one ")), zstdOf(t, []byte("two"))), []string{"x.zst!/x=one two"}, nil},
		{"gz with something behind", "x.gz", append(gzipOf(t, []byte("text")), "something behind it"...), []string{"x.gz!/x=text"}, []string{"x.gz!/x: could not be unpacked"}},
		{"zst of a window that is too large", "x.zst", zstdWindow(t, 128<<20), nil, []string{"x.zst: the archive could not be read whole: window size exceeded"}},
		{"a size that is not true", "x.zip", longer, []string{"x.zip!/a/one="}, []string{"x.zip!/a/one: could not be unpacked"}},
		{"encrypted within", "x.zip", zipOf(t, member{"in.zip", string(encrypted)}), []string{"x.zip!/in.zip!/two=2"}, []string{"x.zip!/in.zip!/a/one: encrypted"}},
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
		{"bytes of a tar.gz", gzipOf(t, tarOf(t, member{"a", "0123456789"}, member{"b", strings.Repeat("x", 2000)})), Limits{Bytes: 2500}, "it unpacks to more than 2500 bytes"},
		{"bytes of holes", sparseTar(t, "1234"), Limits{Bytes: 19}, "it unpacks to more than 19 bytes"},
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

// What is in a tar archive that is compressed counts once, and the limit is what it says.
func TestMembersLimitIsExact(t *testing.T) {
	raw := gzipOf(t, tarOf(t, member{"a", strings.Repeat("x", 2048)}))
	if _, unchecked := opened("x.tgz", raw, Limits{Bytes: 512 + 2048 + 1024}); unchecked != nil {
		t.Errorf("%q, for an archive of that size", unchecked)
	}
}

// zipOfLink has a link and a folder.
func zipOfLink(t *testing.T, to string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	link := &zip.FileHeader{Name: "link"}
	link.SetMode(0o777 | fs.ModeSymlink)
	text, err := w.CreateHeader(link)
	if err == nil {
		_, err = text.Write([]byte(to))
	}
	if err == nil {
		_, err = w.CreateHeader(&zip.FileHeader{Name: "folder/"})
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Folders and special files of an archive are left out by choice, and the latter counted. A link holds what it points to,
// and is no archive whatever that looks like.
func TestMembersLinks(t *testing.T) {
	pipe := tarOf(t, member{"pipe", ""}, member{"link →", "PK\x03\x04"})
	retype(pipe, tar.TypeFifo)
	for name, tt := range map[string]struct {
		raw  []byte
		want map[string]int
	}{"zip": {zipOfLink(t, "PK\x03\x04"), nil}, "tar": {pipe, map[string]int{"special": 1}}} {
		var account Account
		var got []string
		Members(context.Background(), "x", bytes.NewReader(tt.raw), int64(len(tt.raw)), Limits{}, &account, func(f *File) {
			text, _ := f.Read(nil, 100)
			got = append(got, fmt.Sprintf("%s %s %q", f.Class, f.Path, text))
		})
		if diff := cmp.Diff([]string{`link x!/link "PK\x03\x04"`}, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
		if diff := cmp.Diff(tt.want, account.Skipped()); diff != "" || len(account.Unchecked()) > 0 {
			t.Errorf("%s: unchecked %v, skipped (-want +got)\n%s", name, account.Unchecked(), diff)
		}
	}
}

// Links count as members do.
func TestMembersManyLinks(t *testing.T) {
	raw := tarOf(t, slices.Repeat([]member{{"link →", "a"}}, 9)...)
	if _, unchecked := opened("x.tar", raw, Limits{Members: 5}); unchecked == nil {
		t.Error("nine links in an archive of at most five members")
	}
}

// A text that only has the name of a tar archive is a text.
func TestTextNamedTar(t *testing.T) {
	if IsArchive("notes.tar", bytes.Repeat([]byte("notes\n"), 200)) {
		t.Error("taken for an archive")
	}
}

// The list of members is not read far beyond the limit on their number.
func TestMembersListOfZip(t *testing.T) {
	raw := zipOf(t, make([]member, 20_000)...)
	read := &counting{bytes.NewReader(raw), 0}
	var account Account
	Members(context.Background(), "x.zip", read, int64(len(raw)), Limits{Members: 10}, &account, func(*File) {})
	if read.n > 200_000 || len(account.Unchecked()) != 1 {
		t.Errorf("%d bytes of %d were read; %v", read.n, len(raw), account.Unchecked())
	}
}

type counting struct {
	r *bytes.Reader
	n int
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(p, off)
	c.n += n
	return n, err
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
