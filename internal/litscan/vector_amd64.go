//go:build !purego

package litscan

import "golang.org/x/sys/cpu"

// hasVector says whether the processor can look up 64 bytes in a table of 128 at once.
// hasNibble says whether it can look up 32 bytes in a table of 16.
var (
	hasVector = cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VBMI
	hasNibble = cpu.X86.HasAVX2
)

// vectorFilter writes a mask of candidates for each of the blocks that begin at text. Two bytes after the last block
// are read as well.
//
//go:noescape
func vectorFilter(tables *vectorTables, text *byte, blocks int, masks *[vectorBatch]uint64)

// nibbleFilter does the same.
//
//go:noescape
func nibbleFilter(tables *nibbleTables, text *byte, blocks int, masks *[vectorBatch]uint64)
