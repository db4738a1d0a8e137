// Package forgetest owns a forge that tests talk to: a local server that holds every request against a script, and fails
// the test on any other.
package forgetest
