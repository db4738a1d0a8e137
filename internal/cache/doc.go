// Package cache keeps what engines said of files that did not change since, in a folder of the user's own. A key is the
// digest of all that an answer depends on, so an entry never becomes wrong, only unused. It owns the files' format, their
// size limit and their loss: whatever is damaged, too new or in somebody else's hands is as if it were not there. What is
// kept, and under which key, is its callers' business.
package cache
