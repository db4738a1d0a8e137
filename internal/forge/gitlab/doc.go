// Package gitlab owns what is asked of GitLab's REST interface: the notes of one merge request, as a forge.Thread. How a
// request is sent is package rest's.
//
// Beside that package's promises it makes one more: no text is sent that GitLab would take for a quick action, a line that
// starts with a slash and is obeyed with the token's rights.
package gitlab
