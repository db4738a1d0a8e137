// Package forge owns where a change is talked about: which pull or merge request a pipeline runs for (Detect), and the
// one comment there that is updated and not repeated (Publish). The packages below it speak to one forge each: github,
// gitlab, both over rest.
//
// It promises that only a comment is touched that carries our marker in its first line and was written by the token's own
// user; that a comment which says the same already is left alone; that nothing is ever deleted; and that no token stands
// in an error. Detect reads no environment and no file by itself. What a comment says is left to report/comment.
package forge
