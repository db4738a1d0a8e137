// Package ignorefile reads the files in which teams write down what their tools should pass over: .gitleaksignore,
// .trivyignore, .trivyignore.yaml, .semgrepignore, .snyk, .grype.yaml, and statements of VEX as OpenVEX, CycloneDX and CSAF.
//
// It owns their formats and says, for a finding, which entry of a file holds it. It promises that nothing is lost
// silently: an entry that cannot be read is an error with file, line and column, holds nothing and stays in the list; so
// does one with a condition that cannot be known here, such as whether a fix exists. An entry with a date ends when its
// tool would let it end. Sizes, depths and the expansion of aliases are bounded.
//
// It opens no file: bytes come from the caller, who decides whether they are read from the base of a change or from disk.
// What an entry does to a risk is native/effect's. Texts are as they stand in the file; File.Mask passes them through the
// caller's masking.
package ignorefile
