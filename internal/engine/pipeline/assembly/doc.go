// Package assembly holds what those platforms have in common whose pipelines are put together from files that nothing marks
// as a part of one but that another file names them: GitLab CI and Azure Pipelines. What such a file says is kept in its
// summary (Standing) until Join knows that a pipeline takes it (Joiner).
//
// It also puts what shell remarks on into their words, which are the same for both. What their files mean is theirs.
package assembly
