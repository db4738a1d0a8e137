// Package strictyaml reads YAML that people write for us and that we may not misunderstand: one document, in UTF-8, within
// limits, no key that is unknown and none given twice. Each fault has its line and column, and reading goes on after it,
// so that the writer sees all at once.
//
// What the keys mean is the caller's. YAML of others, which is taken as its own tool takes it, is read elsewhere.
package strictyaml
