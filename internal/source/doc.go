// Package source is where bytes come from: a directory, a file, standard input, a git tree, a git index, what a change
// brings in, and what lies in archives. It hands out each file of a target once, with its path relative to the target, and
// accounts for what it left out and what it could not read. It knows no engine. What it reads is hostile: nothing of it is
// run, no link leads out of the target, and archives are opened with limits on depth, size and ratio.
package source
