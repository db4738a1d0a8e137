// Package fix turns what findings say about their own removal into new texts of files, and shows them as a patch. It writes
// nothing: bytes in, bytes out. It also knows the file of pins, which says to which commit the name of an action led when
// somebody looked it up.
//
// It promises that everything but the edited characters stays as it was, and that edits that would touch one another wait
// for the next run. A line more beside a word more does not touch it.
package fix
