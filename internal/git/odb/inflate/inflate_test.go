package inflate

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// samples are texts whose compressed forms use every part of the format.
func samples() map[string][]byte {
	rnd := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 70_000)
	for i := range noise {
		noise[i] = byte(rnd.Uint32())
	}
	skewed := make([]byte, 200_000) // long codes: second-level tables
	for i := range skewed {
		skewed[i] = byte(rnd.ExpFloat64() * 12)
	}
	var prose bytes.Buffer
	for i := range 5_000 {
		fmt.Fprintf(&prose, "line %d of the file says %x\n", i, rnd.Uint32()%(1<<(i%24+1)))
	}
	periodic := map[string][]byte{
		"empty": nil, "one byte": {7}, "zeros": make([]byte, 100_000),
		"noise": noise, "skewed": skewed, "prose": prose.Bytes(),
		"noise, twice": append(bytes.Clone(noise[:30_000]), noise[:30_000]...),
	}
	for _, n := range []int{2, 3, 5, 7, 8, 9} {
		periodic[fmt.Sprintf("period %d", n)] = bytes.Repeat(noise[:n], 3_000)
	}
	return periodic
}

func deflate(t testing.TB, data []byte, level int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zlib.NewWriterLevel(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(data)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestZlib(t *testing.T) {
	var d Decoder
	for name, data := range samples() {
		for _, level := range []int{flate.HuffmanOnly, 0, 1, 6, 9} {
			for _, slack := range []int{0, 1, Slack} {
				for _, tail := range []int{0, 1, 40} {
					t.Run(fmt.Sprintf("%s, level %d, slack %d, tail %d", name, level, slack, tail), func(t *testing.T) {
						packed := deflate(t, data, level)
						src := append(bytes.Clone(packed), bytes.Repeat([]byte{0xa5}, tail)...)
						dst := make([]byte, len(data)+slack)
						n, err := d.Zlib(dst, len(data), src, true)
						if err != nil || n != len(packed) {
							t.Fatalf("took %d bytes of %d, %v", n, len(packed), err)
						}
						if !bytes.Equal(dst[:len(data)], data) {
							t.Error("decompressed to something else")
						}
					})
				}
			}
		}
	}
}

func TestRefuses(t *testing.T) {
	data := samples()["prose"]
	good := deflate(t, data, 6)
	flip := func(at int) []byte {
		b := bytes.Clone(good)
		b[at] ^= 1
		return b
	}
	tests := []struct {
		name string
		src  []byte
		size int
		want error
	}{
		{"nothing", nil, 0, ErrTruncated},
		{"no zlib header", flip(0), len(data), ErrCorrupt},
		{"declared one byte shorter", good, len(data) - 1, ErrSize},
		{"declared one byte longer", good, len(data) + 1, ErrSize},
		{"cut in the middle", good[:len(good)/2], len(data), ErrTruncated},
		{"cut in the checksum", good[:len(good)-1], len(data), ErrTruncated},
		{"wrong checksum", flip(len(good) - 1), len(data), ErrChecksum},
		{"block of the reserved kind", []byte{0x78, 0x9c, 0x07}, 0, ErrCorrupt},
	}
	var d Decoder
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := d.Zlib(make([]byte, tt.size+Slack), tt.size, tt.src, true)
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
}

func TestZlibPrefix(t *testing.T) {
	var d Decoder
	for name, data := range samples() {
		for _, level := range []int{0, 1, 6} {
			var dst [24]byte
			n, err := d.ZlibPrefix(dst[:], len(dst), deflate(t, data, level))
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if diff := cmp.Diff(data[:min(24, len(data))], dst[:n], cmp.Transformer("string", func(b []byte) string { return string(b) })); diff != "" {
				t.Errorf("%s, level %d (-want +got):\n%s", name, level, diff)
			}
		}
	}
}

// FuzzRaw holds the decoder to what compress/flate says about the same bytes.
func FuzzRaw(f *testing.F) {
	for _, data := range samples() {
		data = data[:min(len(data), 3000)]
		for _, level := range []int{flate.HuffmanOnly, 0, 1, 9} {
			f.Add(deflate(f, data, level)[2:])
		}
	}
	var d Decoder
	f.Fuzz(func(t *testing.T, src []byte) {
		const limit = 1 << 20
		r := bytes.NewReader(src)
		want, wantErr := io.ReadAll(io.LimitReader(flate.NewReader(r), limit))
		if len(want) == limit {
			return
		}
		for _, slack := range []int{0, Slack} {
			dst := make([]byte, len(want)+slack)
			n, err := d.Raw(dst, len(want), src)
			switch {
			case (err == nil) != (wantErr == nil):
				t.Fatalf("error %v, compress/flate %v", err, wantErr)
			case err == nil && n != len(src)-r.Len():
				t.Fatalf("took %d bytes, compress/flate %d", n, len(src)-r.Len())
			case err == nil && !bytes.Equal(dst[:len(want)], want):
				t.Fatal("decompressed to something else")
			}
		}
		for size := range 40 {
			d.Raw(make([]byte, size), size, src)
		}
	})
}
