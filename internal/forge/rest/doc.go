// Package rest owns how a forge's REST interface is spoken to: one request at a time over the round tripper that the
// caller hands in, which is the only way to the network.
//
// It promises that a token leaves in one header, to the scheme, host and path of the base address only, and stands in no
// error; that no redirect is followed; that time, waiting, pages and bytes are bounded; that only what certainly was not
// done is asked again; and that an error names what was asked and what to do about it. What the answers mean is left to
// the packages of the forges.
package rest
