//go:build postgres

package main

// The driver is a build tag away, so that tests build with the standard library alone.
import _ "github.com/lib/pq"
