// Package verify asks providers whether a credential is alive. It owns the list of providers, what each is asked, how its
// answer is read, and the one client through which a scan may use the network.
//
// It promises: a credential goes to its provider's address and nowhere else, over TLS, and no redirect is followed; each
// distinct credential is asked about once in a run, at a rate that no provider minds; live is said only on a clear yes and
// dead only on a clear no, and all else is unknown; no credential enters an error, a note or the cache; a failure is an
// answer of unknown with a note and never ends a scan.
//
// It leaves to others: finding credentials (engine/secret), whether anybody may be asked at all, and reading the user's
// environment and files (cli).
package verify
