//go:build !amd64 || purego

package litscan

const (
	hasVector = false
	hasNibble = false
)

func vectorFilter(*vectorTables, *byte, int, *[vectorBatch]uint64) {
	panic("litscan: no vector filter on this processor")
}

func nibbleFilter(*nibbleTables, *byte, int, *[vectorBatch]uint64) {
	panic("litscan: no nibble filter on this processor")
}
