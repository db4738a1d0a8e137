package source

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
	"unicode/utf8"
)

// utf16Of encodes a text, with a byte order mark or without.
func utf16Of(text string, order binary.AppendByteOrder, mark bool) []byte {
	var out []byte
	if mark {
		out = order.AppendUint16(out, 0xfeff)
	}
	for _, u := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, u)
	}
	return out
}

func TestText(t *testing.T) {
	long := "password = something quite long\nß € 😀\n"
	for _, tt := range []struct {
		name string
		raw  []byte
		want string
	}{
		{"UTF-8", []byte(long), long},
		{"empty", nil, ""},
		{"little endian with mark", utf16Of(long, binary.LittleEndian, true), long},
		{"big endian with mark", utf16Of(long, binary.BigEndian, true), long},
		{"little endian without", utf16Of(long, binary.LittleEndian, false), long},
		{"big endian without", utf16Of(long, binary.BigEndian, false), long},
		{"short with mark", utf16Of("x", binary.LittleEndian, true), "x"},
		{"a lone surrogate", append(utf16Of("ab", binary.LittleEndian, true), 0x00, 0xd8, 'c', 0), "ab\uFFFDc"},
		{"an odd last byte", append(utf16Of("ab", binary.LittleEndian, true), 'c'), "ab"},
		{"UTF-32", []byte{0xff, 0xfe, 0, 0, 'a', 0, 0, 0}, "\xff\xfe\x00\x00a\x00\x00\x00"},
		{"binary", []byte("\x7fELF\x02\x01\x01\x00\x00\x00"), "\x7fELF\x02\x01\x01\x00\x00\x00"},
	} {
		if got := string(Text(tt.raw)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		f.Add(utf16Of("a text of some length, with ß and 😀", order, true))
		f.Add(utf16Of("a text of some length, with ß and 😀", order, false))
	}
	f.Add([]byte{0xff, 0xfe, 0, 0xd8})
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := bytes.Clone(raw)
		text := Text(raw)
		if !bytes.Equal(before, raw) {
			t.Error("the input was changed")
		}
		if order, _ := utf16Order(raw); order != nil && !utf8.Valid(text) {
			t.Errorf("%q is not UTF-8", text)
		} else if order == nil && !bytes.Equal(text, raw) {
			t.Error("what is no UTF-16 was changed")
		}
	})
}

// In pieces a text reads as it does at once, however the pieces fall.
func TestTextReader(t *testing.T) {
	text := strings.Repeat("some text, ß € 😀\n", 5000)
	lone := append(utf16Of(text, binary.LittleEndian, true), 0x00, 0xd8)
	for name, raw := range map[string][]byte{
		"UTF-8": []byte(text), "empty": nil, "little endian": utf16Of(text, binary.LittleEndian, true), "big endian": utf16Of(text, binary.BigEndian, false),
		"a lone surrogate": lone, "an odd last byte": append(lone, 'x'), "surrogates": bytes.Repeat([]byte{0xfe, 0xff, 0xd8, 0x00}, 40_000),
	} {
		for _, r := range []io.Reader{bytes.NewReader(raw), iotest.OneByteReader(bytes.NewReader(raw)), iotest.HalfReader(bytes.NewReader(raw)), iotest.DataErrReader(bytes.NewReader(raw))} {
			if got, err := io.ReadAll(TextReader(r)); err != nil || !bytes.Equal(got, Text(raw)) {
				t.Errorf("%s: %d bytes, %v; want %d", name, len(got), err, len(Text(raw)))
			}
		}
	}
	broken := errors.New("broken")
	if got, err := io.ReadAll(TextReader(io.MultiReader(bytes.NewReader(lone), iotest.ErrReader(broken)))); !errors.Is(err, broken) || len(got) < len(text) {
		t.Errorf("%d bytes, error %v", len(got), err)
	}
}
