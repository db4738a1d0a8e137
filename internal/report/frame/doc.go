// Package frame lays a place's code frame out for reading: which part of which line is marked, and how many columns of
// a terminal it takes. It promises to hold for any position, also one outside the frame. Colours, escaping and markup
// are left to the formats.
package frame
