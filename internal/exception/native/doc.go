// Package native reads the suppression marks that stand in scanned text, our own and those of other tools, and knows by
// which names each tool knows a finding.
//
// It owns the words to search for (Words), how the text after each of them is read, the lines that the tool gives a mark
// to speak about (Find), and which aliases of a finding are a tool's names (Carries). What each tool documents, with the
// place where it does, stands beside its entry in the table.
//
// It promises bounded work and no panic on any text; that a mark which cannot be read, or whose conditions cannot be
// known here, speaks about no line and says why; and that a mark never reaches further than its own tool would let it.
// Blocks are found by braces, indentation or continuation lines, not by a parser, so where their end is in doubt a mark
// speaks about fewer lines.
//
// Files of exceptions are read by native/ignorefile, what marks do to risks is native/effect's. Masking what could be a
// secret is the caller's, through Found.Mask: the text here is as it stands in the file.
package native
