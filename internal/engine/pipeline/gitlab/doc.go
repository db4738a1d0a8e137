// Package gitlab says what is wrong in the pipelines of GitLab CI: .gitlab-ci.yml, the files that it includes, and the
// components of a catalogue.
//
// A file is looked at by itself for what stands in one place: an image without a digest, a variable that turns checks off.
// What a job really does is known only with what it extends and what other files of the pipeline say of the same job, so
// Look leaves the facts of each job in the summary, and Join puts the jobs together: inclusion (include: local with its
// patterns), jobs of one name in several files, extends, !reference and default. Only then is said what a job lacks, and
// which foreign text reaches a shell.
//
// A file that nothing but an inclusion can make a pipeline has its faults pending until Join sees the inclusion. What lies
// in other projects or behind a URL is not read: a job that extends something from there is unknown, which is told, and a
// check that something is missing stays silent for it.
//
// What a script does is the package shell's, where a value stands the package document's.
package gitlab
