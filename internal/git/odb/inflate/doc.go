// Package inflate decompresses one zlib or raw DEFLATE stream (RFC 1950, RFC 1951) whose bytes are all in memory and whose
// decompressed size the caller knows, as is the case for every object in a git pack.
//
// Knowing both lets it do without a window, without a reader interface and, away from the ends of the two slices, without
// asking at each symbol whether there is room: that is where its speed over compress/flate comes from. It promises never to
// read outside src or to write outside dst, to allocate nothing, and to refuse whatever does not decompress to exactly the
// size asked for. It leaves to the caller how much memory a declared size may cost; MaxRatio helps with that.
package inflate
