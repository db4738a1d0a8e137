package secret

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash/crc32"
	"strconv"
	"strings"
)

// checksums are the proofs that some credential formats carry in themselves, by the names that rules use for them. Each
// gets the secret as the rule found it and says whether the format can hold it. A check only refuses what it knows to be
// wrong: a layout it does not know passes. Where a scheme is not public, there is no check for it here.
var checksums = map[string]func(secret string) bool{
	"age":             ageKey,
	"aws-access-key":  awsAccessKey,
	"discord-bot":     discordBot,
	"github":          githubToken,
	"gitlab-routable": gitlabRoutable,
	"grafana":         grafanaToken,
	"jwt":             jwt,
	"key-store-file":  keyStoreFile,
	"luhn":            luhn,
	"nats-nkey":       natsSeed,
	"npm":             githubToken, // npm took over GitHub's scheme: github.blog, "Announcing npm's new access token format"
	"pem-key":         pemKey,
	"pkcs12-file":     pkcs12File,
	"pypi":            pypiToken,
	"sentry-org":      sentryOrgToken,
}

const (
	base62Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	bech32Digits = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
)

// githubToken checks ghp_, gho_, ghu_, ghs_ and npm_ tokens: 30 random characters and their CRC-32 in six base-62 digits
// (github.blog, "Behind GitHub's new authentication token formats"). The longer layouts (refresh tokens, fine-grained
// tokens, stateless installation tokens) have no published checksum and pass.
func githubToken(secret string) bool {
	_, body, ok := strings.Cut(secret, "_")
	if !ok || len(body) != 36 || strings.Trim(body, base62Digits) != "" {
		return true
	}
	sum := crc32.ChecksumIEEE([]byte(body[:30]))
	for i := 35; i >= 30; i-- {
		if body[i] != base62Digits[sum%62] {
			return false
		}
		sum /= 62
	}
	return true
}

// gitlabRoutable checks PREFIX-PAYLOAD.01.LLCCCCCCC: the last seven characters are the CRC-32, in base 36, of all before
// them (gitlab.com/gitlab-org/gitlab, lib/authn/token_field/generator/routable_token.rb).
func gitlabRoutable(secret string) bool {
	const digits = 7
	cut := len(secret) - digits
	if cut <= 0 {
		return false
	}
	want := strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(secret[:cut]))), 36)
	return strings.Repeat("0", digits-len(want))+want == secret[cut:]
}

// grafanaToken checks glsa_SECRET_CHECKSUM: the CRC-32 of all before the last underscore, little endian, in hex
// (github.com/grafana/grafana, pkg/components/satokengen).
func grafanaToken(secret string) bool {
	cut := strings.LastIndexByte(secret, '_')
	if cut < 0 {
		return false
	}
	var sum [4]byte
	binary.LittleEndian.PutUint32(sum[:], crc32.ChecksumIEEE([]byte(secret[:cut])))
	return hex.EncodeToString(sum[:]) == secret[cut+1:]
}

// awsAccessKey checks the 16 characters after AKIA, ASIA and the like: they are base 32, and since 2019 bits 1 to 40 of
// them are the number of the account, which has twelve decimal digits. Older identifiers, whose first bit is not set,
// hold no account (Tal Be'ery, "A short note on AWS key ID").
func awsAccessKey(secret string) bool {
	if len(secret) != 20 {
		return true
	}
	raw, err := base32.StdEncoding.DecodeString(secret[4:])
	if err != nil || len(raw) != 10 { // the decoder skips line ends
		return false
	}
	const accounts = 1_000_000_000_000
	bits := uint64(binary.BigEndian.Uint16(raw))<<32 | uint64(binary.BigEndian.Uint32(raw[2:]))
	return bits>>47 == 0 || bits>>7&(1<<40-1) < accounts
}

// discordBot checks the part before the first dot of a bot token: the base-64 form of the bot's number, a snowflake of 17
// to 20 digits (discord.com/developers/docs/reference).
func discordBot(secret string) bool {
	id, _, _ := strings.Cut(secret, ".")
	number, err := base64.RawURLEncoding.DecodeString(id)
	return err == nil && len(number) >= 17 && len(number) <= 20 && len(bytes.Trim(number, "0123456789")) == 0
}

// jwt checks that header and payload of a signed token are JSON objects and that the header names an algorithm (RFC 7515).
func jwt(secret string) bool {
	parts := strings.Split(secret, ".")
	if len(parts) < 2 {
		return false
	}
	header, payload := jsonObject(parts[0]), jsonObject(parts[1])
	alg, _ := header["alg"].(string)
	return alg != "" && payload != nil
}

// sentryOrgToken checks sntrys_BODY_SECRET: the body is a base-64 JSON object that tells when the token was issued and
// for which server (github.com/getsentry/sentry, src/sentry/utils/security/orgauthtoken_token.py).
func sentryOrgToken(secret string) bool {
	body, _, ok := strings.Cut(strings.TrimPrefix(secret, "sntrys_"), "_")
	if !ok {
		return false
	}
	token := jsonObject(body)
	return token["iat"] != nil && token["url"] != nil
}

// jsonObject decodes a base-64 JSON object, whichever alphabet and padding it uses, and returns nil if it is none.
func jsonObject(text string) map[string]any {
	text = strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(text, "="))
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	var object map[string]any
	if json.Unmarshal(raw, &object) != nil {
		return nil
	}
	return object
}

// pypiToken checks that the token is a macaroon in version 2 whose location has the length and the ending of one of PyPI's
// two indexes (github.com/rescrv/libmacaroons, doc/format.txt).
func pypiToken(secret string) bool {
	text := strings.TrimPrefix(secret, "pypi-")
	raw, err := base64.RawURLEncoding.DecodeString(text[:len(text)&^3]) // a rule may have cut the end
	if err != nil || len(raw) < 3 || raw[0] != 2 || raw[1] != 1 || raw[2] != 8 && raw[2] != 13 {
		return false
	}
	end := 3 + int(raw[2])
	return len(raw) > end && bytes.HasSuffix(raw[3:end], []byte(".org")) && raw[end] == 2
}

// ageKey checks the checksum of the last six characters of AGE-SECRET-KEY-1… (BIP 173; age-encryption.org/v1).
func ageKey(secret string) bool {
	human, data, ok := strings.Cut(strings.ToLower(secret), "key-1")
	if !ok {
		return false
	}
	human += "key-"
	sum := uint32(1)
	for i := range len(human) {
		sum = bech32Step(sum, human[i]>>5)
	}
	sum = bech32Step(sum, 0)
	for i := range len(human) {
		sum = bech32Step(sum, human[i]&31)
	}
	for i := range len(data) {
		digit := strings.IndexByte(bech32Digits, data[i])
		if digit < 0 {
			return false
		}
		sum = bech32Step(sum, byte(digit))
	}
	return sum == 1
}

func bech32Step(sum uint32, value byte) uint32 {
	generator := [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} // BIP 173
	top := sum >> 25
	sum = sum&0x1ffffff<<5 ^ uint32(value)
	for i, g := range generator {
		if top>>i&1 == 1 {
			sum ^= g
		}
	}
	return sum
}

// luhn checks the last digit of a card number (ISO/IEC 7812-1, annex B). Blanks and hyphens between digits do not count.
func luhn(secret string) bool {
	sum, digits, odd := 0, 0, true
	for i := len(secret) - 1; i >= 0; i-- {
		c := secret[i]
		if c == ' ' || c == '-' {
			continue
		}
		if c < '0' || c > '9' {
			return false
		}
		d := int(c - '0')
		if !odd {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum, digits, odd = sum+d, digits+1, !odd
	}
	return digits >= 12 && digits <= 19 && sum > 0 && sum%10 == 0
}

// natsSeed checks the CRC-16 (XMODEM, little endian) at the end of a seed in base 32: two bytes of kind, 32 of seed, two of
// sum (github.com/nats-io/nkeys).
func natsSeed(secret string) bool {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil || len(raw) != 36 {
		return false
	}
	var sum uint16
	for _, b := range raw[:34] {
		sum ^= uint16(b) << 8
		for range 8 {
			if sum&0x8000 != 0 {
				sum = sum<<1 ^ 0x1021
			} else {
				sum <<= 1
			}
		}
	}
	return sum == binary.LittleEndian.Uint16(raw[34:])
}

// pemKey checks how the body of a private key begins: as a DER sequence (RFC 7468, section 10) or with OpenSSH's magic. What
// stands around it in string literals and comments is skipped. Of a sequence that stands in the open, without quotes, so
// much must be there that it reaches the private parts, and nothing may come twice.
func pemKey(secret string) bool {
	body := strings.NewReplacer(`\n`, "", `\r`, "", `\t`, "").Replace(secret)
	body = strings.TrimLeftFunc(body, func(c rune) bool { return c >= 0x80 || !isAlnum(byte(c)) })
	if strings.HasPrefix(body, "b3BlbnNzaC1rZXk") {
		return true
	}
	return strings.HasPrefix(body, "M") && !repeatsHead(body) && (strings.ContainsAny(secret, "\"'`\\") || !cutShort(body))
}

// pemHead is how many characters at the head of a key tell it from any other: the header of the sequence and 20 bytes.
const pemHead = 40

// repeatsHead reports whether a key holds its own head again.
func repeatsHead(body string) bool {
	return len(body) > pemHead && strings.Contains(body[pemHead:], body[:pemHead])
}

// cutShort reports whether less than a quarter of a DER sequence is there. A quarter is the header and the modulus of an
// RSA key, or more; the private part of other keys comes before.
func cutShort(body string) bool {
	digits := strings.Map(func(c rune) rune {
		if c < 0x80 && (isAlnum(byte(c)) || c == '+' || c == '/') {
			return c
		}
		return -1
	}, body)
	raw, _ := base64.RawStdEncoding.DecodeString(digits[:len(digits)&^3])
	return len(raw) >= 4 && raw[0] == 0x30 && raw[1] == 0x82 && 4*len(raw) < int(binary.BigEndian.Uint16(raw[2:]))
}

// pkcs12File checks the head of a PKCS #12 file: a sequence that begins with version 3 (RFC 7292, section 4), in DER or in
// base 64.
func pkcs12File(text string) bool {
	return keptElsewhere(text) || isPKCS12(text) || isPKCS12(fileInBase64(text))
}

func isPKCS12(text string) bool {
	if len(text) < 8 || text[0] != 0x30 {
		return false
	}
	lengthBytes := max(0, int(text[1])-0x80) // 0 as well for a length that is not told in advance
	return lengthBytes <= 4 && strings.HasPrefix(text[2+lengthBytes:], "\x02\x01\x03")
}

// keyStoreFile checks the magic of a key store: of Java's JKS and JCEKS, of Bouncy Castle's BKS, or a PKCS #12 file.
func keyStoreFile(text string) bool {
	if pkcs12File(text) {
		return true
	}
	for _, t := range []string{text, fileInBase64(text)} {
		for _, magic := range []string{"\xfe\xed\xfe\xed", "\xce\xce\xce\xce", "\x00\x00\x00\x01", "\x00\x00\x00\x02"} {
			if strings.HasPrefix(t, magic) {
				return true
			}
		}
	}
	return false
}

// fileInBase64 is the head of a file that stands in base 64.
func fileInBase64(text string) string {
	text = strings.TrimLeft(text[:min(len(text), 64)], "\ufeff \t\r\n")
	raw, _ := base64.StdEncoding.DecodeString(text[:min(len(text), 32)])
	return string(raw)
}

// keptElsewhere reports whether a file only points to where its content is: a pointer of Git LFS (git-lfs.com, spec).
func keptElsewhere(text string) bool { return strings.HasPrefix(text, "version https://git-lfs") }
