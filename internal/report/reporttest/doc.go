// Package reporttest holds the recorded documents that every report format is tested with, and the comparison with
// golden files. It is for tests only.
package reporttest
