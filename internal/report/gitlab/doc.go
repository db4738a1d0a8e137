// Package gitlab owns the reports "gitlab-secret-detection" and "gitlab-sast": GitLab's security report formats, version
// 15.0.2, which GitLab validates before it takes them. Findings of the secret engine go to the first, all others to the
// second.
//
// It promises that a report says failure when an engine it speaks for did not do all that was asked, or has no record at
// all; that IDs are the same in every scan; and that what an exception or a suppression holds back is left out and
// counted, so that GitLab asks nobody for what was granted already.
package gitlab
