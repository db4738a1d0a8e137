package source

import (
	"encoding/binary"
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
	raw = raw[skip:]
	out := make([]byte, 0, len(raw)/2+16)
	for i := 0; i+1 < len(raw); i += 2 {
		r := rune(order.Uint16(raw[i:]))
		if utf16.IsSurrogate(r) && i+3 < len(raw) {
			if full := utf16.DecodeRune(r, rune(order.Uint16(raw[i+2:]))); full != utf8.RuneError {
				r, i = full, i+2
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

// IsUTF16 reports whether Text would decode a file that begins so.
func IsUTF16(head []byte) bool {
	order, _ := utf16Order(head)
	return order != nil
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

// bareUTF16 reports whether the first 16 characters look like ASCII in UTF-16 with its zero bytes at the given parity.
func bareUTF16(raw []byte, zero int) bool {
	if len(raw) < 32 {
		return false
	}
	for i := range 32 {
		if (raw[i] == 0) != (i%2 == zero) {
			return false
		}
	}
	return true
}
