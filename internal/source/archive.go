package source

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/assaysec/assay/internal/coverage"
)

// Limits bound what opening an archive may cost. The zero value of a field is its default.
type Limits struct {
	Depth   int   // archives within archives; 4
	Bytes   int64 // unpacked from one outermost archive; 1 GiB
	Members int   // in one outermost archive; 100,000
	Ratio   int64 // unpacked to packed, once more than 16 MiB are unpacked; 200
	Member  int64 // of one member; 16 MiB
}

const ratioFloor = 16 << 20

// WithDefaults fills in the defaults.
func (l Limits) WithDefaults() Limits {
	set := func(to *int64, value int64) {
		if *to == 0 {
			*to = value
		}
	}
	set(&l.Bytes, 1<<30)
	set(&l.Ratio, 200)
	set(&l.Member, 16<<20)
	if l.Depth == 0 {
		l.Depth = 4
	}
	if l.Members == 0 {
		l.Members = 100_000
	}
	return l
}

// IsArchive tells from a file's name and first bytes whether Members can open it.
func IsArchive(name string, head []byte) bool { return formatOf(name, head) != "" }

func formatOf(name string, head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return "zip"
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b, 8}):
		return "gzip"
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return "zstd"
	case len(head) > 262 && string(head[257:262]) == "ustar":
		return "tar"
	case strings.HasSuffix(name, ".tar") && len(head) >= tarBlock && head[0] != 0 && bytes.IndexByte(head[:tarBlock], 0) > 0:
		return "tar" // the format from before POSIX has no mark; a text of that name is no archive
	}
	return ""
}

// Members hands out the files of an archive of a given size, those of archives within it included, under the paths
// "archive!/member". What a limit or damage kept from being looked at goes to the account, under the path of the archive
// or member.
func Members(ctx context.Context, name string, r io.ReaderAt, size int64, l Limits, account *Account, visit func(*File)) {
	o := &opener{ctx: ctx, limits: l.WithDefaults(), account: account, visit: visit, packed: size}
	o.open(name, io.NewSectionReader(r, 0, size), 1)
}

type opener struct {
	ctx      context.Context
	limits   Limits
	account  *Account
	visit    func(*File)
	packed   int64 // bytes of the outermost archive
	unpacked int64 // of members
	streamed int64 // of compressed tar archives, where what lies between members costs, too
	members  int
	buffers  [][]byte // by depth: the member at hand
	over     error    // the limit that ended it
}

func (o *opener) open(name string, r *io.SectionReader, depth int) {
	if depth > o.limits.Depth {
		o.account.Fail(name, fmt.Sprintf("archives are nested deeper than %d", o.limits.Depth))
		return
	}
	head := make([]byte, tarBlock)
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		o.account.Fail(name, "the archive could not be read: "+err.Error())
		return
	}
	err = nil
	switch formatOf(name, head[:n]) {
	case "zip":
		err = o.zip(name, r, depth)
	case "tar":
		err = o.tar(name, r, depth)
	case "gzip":
		err = o.gzip(name, r, depth)
	case "zstd":
		err = o.zstd(name, r, depth)
	}
	if err != nil {
		o.account.Fail(name, "the archive could not be read whole: "+err.Error())
	}
}

// tarBlock is the unit of tar archives. As much of a file tells its format.
const tarBlock = 512

// member takes one file out of an archive, of a size that the archive tells, or -1; of a link, what it points to. It returns
// an error only for what ends the archive.
func (o *opener) member(name string, r io.Reader, size int64, depth int, link bool) error {
	if err := o.ctx.Err(); err != nil {
		return err
	}
	if o.over != nil {
		return o.over
	}
	if o.members++; o.members > o.limits.Members {
		o.over = fmt.Errorf("it has more than %d members", o.limits.Members)
		return o.over
	}
	var raw []byte
	var err error
	if size <= o.limits.Member {
		raw, err = o.read(&counted{r, o, &o.unpacked}, depth)
	}
	if o.over != nil {
		return o.over
	}
	if max(int64(len(raw)), size) > o.limits.Member {
		o.account.Fail(name, fmt.Sprintf("larger than the limit of %d bytes for one member", o.limits.Member))
		return nil
	}
	if err != nil {
		o.account.Fail(name, "could not be unpacked: "+err.Error())
	}
	switch {
	case link:
		o.visit(NewLink(name, raw))
	case IsArchive(name, raw):
		o.open(name, io.NewSectionReader(bytes.NewReader(raw), 0, int64(len(raw))), depth+1)
	default:
		o.visit(NewHeld(name, raw))
	}
	return nil
}

// counted ends a stream once the whole archive has yielded too much.
type counted struct {
	r     io.Reader
	o     *opener
	bytes *int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	o := c.o
	*c.bytes += int64(n)
	switch {
	case *c.bytes > o.limits.Bytes:
		o.over = fmt.Errorf("it unpacks to more than %d bytes", o.limits.Bytes)
	case *c.bytes > ratioFloor && *c.bytes > o.packed*o.limits.Ratio:
		o.over = fmt.Errorf("it unpacks to more than %d times its size", o.limits.Ratio)
	default:
		return n, err
	}
	return n, o.over
}

func (o *opener) zip(name string, raw *io.SectionReader, depth int) error {
	from := &listed{ReaderAt: raw, limit: o.limits.Members}
	z, err := zip.NewReader(from, raw.Size())
	if from.over() {
		return fmt.Errorf("it has more than %d members", o.limits.Members)
	}
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return err
	}
	from.limit = 0
	for _, f := range z.File {
		link := f.Mode()&fs.ModeSymlink != 0
		if mode := f.Mode(); !mode.IsRegular() && !link {
			o.skip(mode.IsDir(), false)
			continue
		}
		inner := memberName(name, f.Name)
		if f.Flags&1 != 0 {
			o.account.Fail(inner, "encrypted")
			continue
		}
		r, err := f.Open()
		if err != nil {
			o.account.Fail(inner, "could not be unpacked: "+err.Error())
			continue
		}
		err = o.member(inner, r, int64(min(f.UncompressedSize64, math.MaxInt64)), depth, link)
		r.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// read reads a member, as far as the limit and one byte more, into memory that the next one at this depth takes over.
func (o *opener) read(r io.Reader, depth int) ([]byte, error) {
	for len(o.buffers) <= depth {
		o.buffers = append(o.buffers, nil)
	}
	buf := bytes.NewBuffer(o.buffers[depth][:0])
	_, err := buf.ReadFrom(io.LimitReader(r, o.limits.Member+1))
	o.buffers[depth] = buf.Bytes()
	return buf.Bytes(), err
}

// skip counts a member that is no file.
func (o *opener) skip(folder, link bool) {
	switch {
	case folder: // as in a tree, not counted
	case link:
		o.account.Skip(coverage.Link, 1)
	default:
		o.account.Skip(coverage.Special, 1)
	}
}

// listed bounds what is read of a zip archive before its members are known: the list is held in memory as a whole.
type listed struct {
	io.ReaderAt
	limit int // members; 0 once they are known
	bytes int
}

const (
	listedMember = 256     // bytes in the list, for a long name
	listedBase   = 1 << 17 // for what is looked through to find the list
)

func (l *listed) over() bool { return l.limit > 0 && l.bytes > l.limit*listedMember+listedBase }

func (l *listed) ReadAt(p []byte, off int64) (int, error) {
	n, err := l.ReaderAt.ReadAt(p, off)
	if l.limit > 0 {
		l.bytes += n
	}
	if l.over() {
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

func (o *opener) tar(name string, r io.Reader, depth int) error {
	t := tar.NewReader(r)
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return o.nothingBehind(r)
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			return err
		}
		inner := memberName(name, h.Name)
		err = nil
		switch h.Typeflag {
		case tar.TypeXGlobalHeader: // says something of other members
		case tar.TypeDir, tar.TypeLink, tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
			o.skip(h.Typeflag == tar.TypeDir, h.Typeflag == tar.TypeLink)
		case tar.TypeSymlink:
			err = o.member(inner, strings.NewReader(h.Linkname), int64(len(h.Linkname)), depth, true)
		default: // POSIX wants types that are not known to be treated as regular files
			err = o.member(inner, t, h.Size, depth, false)
		}
		if err != nil {
			return err
		}
	}
}

// nothingBehind reads what follows the end of a tar archive. Zeros are padding; anything else can be another archive,
// joined to the first, which some programs unpack.
func (o *opener) nothingBehind(r io.Reader) error {
	block := make([]byte, 64*tarBlock)
	for o.ctx.Err() == nil {
		n, err := r.Read(block)
		if len(bytes.TrimLeft(block[:n], "\x00")) > 0 {
			return errors.New("something follows its end")
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return o.ctx.Err()
}

func (o *opener) gzip(name string, raw io.Reader, depth int) error {
	z, err := gzip.NewReader(raw)
	if err != nil {
		return err
	}
	return o.single(name, z, depth)
}

func (o *opener) zstd(name string, raw io.Reader, depth int) error {
	z, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
	if err != nil {
		return err
	}
	defer z.Close()
	return o.single(name, z, depth)
}

// single opens a stream that holds one file, which is a tar archive more often than not.
func (o *opener) single(name string, r io.Reader, depth int) error {
	head := make([]byte, tarBlock)
	n, err := io.ReadFull(r, head)
	switch {
	case err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
	case n == 0:
		return err
	default: // the member has what came before
		r = failing{err}
	}
	rest := io.MultiReader(bytes.NewReader(head[:n]), r)
	if formatOf("", head[:n]) == "tar" {
		return o.tar(name, &counted{rest, o, &o.streamed}, depth)
	}
	return o.member(memberName(name, strings.TrimSuffix(path.Base(name), path.Ext(name))), rest, -1, depth, false)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// memberName joins an archive's path and a member's. The member's is cleaned: what climbs out or starts at the root in
// the archive stays below it.
func memberName(archive, member string) string {
	clean := path.Clean("/" + strings.ReplaceAll(member, "\\", "/"))
	return archive + "!" + clean
}
