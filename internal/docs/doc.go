// Package docs holds the tests that keep the documentation true: they run the commands of docs/tutorial.md and compare
// what they print, write the reference of rules from the built-in packs, and follow the links between pages.
// "go test ./internal/docs -update" renews what is generated. It has no code of its own, and nothing imports it.
package docs
