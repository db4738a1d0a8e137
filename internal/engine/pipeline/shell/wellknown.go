package shell

import (
	"crypto/sha256"
	"encoding/hex"
)

// wellKnown are digests of keys that are the same in every copy of an emulator and stand in its documentation: they open
// nothing but what the job itself starts.
var wellKnown = map[string]bool{
	"aa6547439583c3a275d4542a0df6c1ad6a863971be9f2a2220f027cc02aef615": true, // of the emulator of Azure Cosmos DB
	"0011cc25eb4320717494d2703e8cba85743e71b500283c21c8b88147992f9059": true, // of the emulator of Azure Storage
}

// WellKnownSecret says that a value is a key that everybody has.
func WellKnownSecret(value string) bool {
	sum := sha256.Sum256([]byte(value))
	return wellKnown[hex.EncodeToString(sum[:])]
}
