// Package config is the one reader of .assay.yaml. It turns the file's bytes into values for the packages that use
// them, and owns the file's vocabulary: every key, and which words each takes.
//
// It promises to be strict, because a policy that is half understood is worse than none: an unknown key, stage or word,
// a wrong type or a key given twice is an error with file, line, column and the nearest known word. It bounds its work
// on hostile files, aliases included. It does not look for files, and does not compile expressions.
package config
