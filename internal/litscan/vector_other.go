//go:build !amd64 || purego

package litscan

const hasVector = false

func vectorFilter(*vectorTables, *byte, int, *[vectorBatch]uint64) {
	panic("litscan: no vector filter on this processor")
}
