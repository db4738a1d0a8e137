// Package architecture holds the tests that keep the house in the shape that docs/architecture.md describes: which
// package may import which, that every engine and every report format is in its list, and that no package starts a
// program, reaches the network or does work on being imported unless it is named here with a reason. It has no code of
// its own, and nothing imports it.
package architecture
