package git

import (
	"encoding/hex"

	"github.com/assaysec/assay/internal/git/odb"
)

// idOf makes an ID of 20 or 32 raw bytes.
func idOf(raw []byte) odb.ID {
	var digits [64]byte
	n := hex.Encode(digits[:], raw)
	id, _ := odb.ParseID(string(digits[:n])) // cannot fail on digits that were just made
	return id
}

func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return s != ""
}
