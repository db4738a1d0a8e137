package source

import (
	"bufio"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// Text returns a file's content as UTF-8. UTF-16 is told by its byte order mark, or, without one, by zero bytes at every
// second place of the first characters; anything else is returned as it is.
func Text(raw []byte) []byte {
	order, skip := utf16Order(raw)
	if order == nil {
		return raw
	}
	out, _ := appendUTF16(make([]byte, 0, len(raw)/2+16), raw[skip:], order, true)
	return out
}

// appendUTF16 appends a text in UTF-8 and returns how many bytes of raw it took. Unless they are the last, those of half
// a character are left.
func appendUTF16(out, raw []byte, order binary.ByteOrder, last bool) ([]byte, int) {
	i := 0
	for ; i+1 < len(raw); i += 2 {
		r := rune(order.Uint16(raw[i:]))
		if utf16.IsSurrogate(r) {
			if i+3 >= len(raw) && !last {
				break
			}
			if i+3 < len(raw) {
				if full := utf16.DecodeRune(r, rune(order.Uint16(raw[i+2:]))); full != utf8.RuneError {
					r, i = full, i+2
				}
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out, i
}

// TextReader is Text for what is too large to be read at once.
func TextReader(r io.Reader) io.Reader {
	b := bufio.NewReaderSize(r, 64<<10)
	head, _ := b.Peek(utf16Head) // an error comes again
	order, skip := utf16Order(head)
	if order == nil {
		return b
	}
	_, _ = b.Discard(skip) // it is there
	return &utf16Reader{r: b, order: order}
}

type utf16Reader struct {
	r     io.Reader
	order binary.ByteOrder
	block [32 << 10]byte
	raw   []byte // not decoded yet
	text  []byte // not handed out yet
	spare []byte // text's memory
	err   error
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.text) == 0 && u.err == nil {
		u.fill()
	}
	if len(u.text) == 0 {
		return 0, u.err
	}
	n := copy(p, u.text)
	u.text = u.text[n:]
	return n, nil
}

// fill decodes what the next read brings.
func (u *utf16Reader) fill() {
	n, err := u.r.Read(u.block[:])
	u.raw, u.err = append(u.raw, u.block[:n]...), err
	text, taken := appendUTF16(u.spare[:0], u.raw, u.order, err != nil)
	u.raw = append(u.raw[:0], u.raw[taken:]...)
	u.text, u.spare = text, text
}

func utf16Order(raw []byte) (binary.ByteOrder, int) {
	if len(raw) < 4 {
		return nil, 0
	}
	switch {
	case raw[0] == 0xff && raw[1] == 0xfe && (raw[2] != 0 || raw[3] != 0): // else UTF-32
		return binary.LittleEndian, 2
	case raw[0] == 0xfe && raw[1] == 0xff:
		return binary.BigEndian, 2
	case bareUTF16(raw, 1):
		return binary.LittleEndian, 0
	case bareUTF16(raw, 0):
		return binary.BigEndian, 0
	}
	return nil, 0
}

// utf16Head is how much of a text tells whether it is UTF-16.
const utf16Head = 32

// bareUTF16 reports whether the first 16 characters look like ASCII in UTF-16 with its zero bytes at the given parity.
func bareUTF16(raw []byte, zero int) bool {
	if len(raw) < utf16Head {
		return false
	}
	for i := range utf16Head {
		if (raw[i] == 0) != (i%2 == zero) {
			return false
		}
	}
	return true
}
