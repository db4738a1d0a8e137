// Package github owns what is asked of GitHub's REST interface: the comments of one pull request, as a forge.Thread, and
// what the references of an action's repository name (Actions), so that a pin can be filled in and checked. How a request
// is sent is package rest's.
//
// It promises that a pin is made only from a reference of the repository that was named. GitHub serves the commits of all
// forks under each repository's address, so that a commit can be fetched proves nothing: Belongs asks which of the
// repository's own branches and tags hold it, and what it could not prove is unknown. It says nothing about the digests of
// container images.
package github
