// Package card turns card numbers into values that may be stored.
package card

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
)

// Fingerprint recognises a card that was seen before.
func Fingerprint(number string) string {
	sum := md5.Sum([]byte(number))
	return hex.EncodeToString(sum[:])
}

// KeyedFingerprint does the same with a key that is kept elsewhere.
func KeyedFingerprint(key []byte, number string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(number))
	return hex.EncodeToString(mac.Sum(nil))
}

// Mask leaves the last four digits.
func Mask(number string) string {
	if len(number) < 4 {
		return "****"
	}
	return "**** " + number[len(number)-4:]
}
