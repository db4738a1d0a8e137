package register

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/assaysec/assay/internal/sshsig"
)

// Namespace is what an approver signs in, so that a signature made for another purpose approves nothing.
const Namespace = "exception@assay"

// canonical is all of an entry but its signature, and what it is an entry of. The names and their order are for good:
// signatures hang on them.
type canonical struct {
	Schema       string             `json:"schema"`
	Repository   string             `json:"repository"`
	ID           string             `json:"id"`
	Kind         Kind               `json:"kind"`
	Match        Match              `json:"match"`
	MaxFindings  int                `json:"max-findings"`
	Reason       string             `json:"reason"`
	Owner        string             `json:"owner"`
	Approver     string             `json:"approver"`
	Created      string             `json:"created"`
	Expires      string             `json:"expires"`
	Compensating []canonicalControl `json:"compensating"`
}

type canonicalControl struct {
	Control string `json:"control"`
	Check   Check  `json:"check"`
}

const canonicalSchema = "assay-exception/1"

// Canonical is what an approver signs: JSON in one line, the same for every way to write the entry in YAML.
func (e *Exception) Canonical(repository string) []byte {
	c := canonical{
		Schema: canonicalSchema, Repository: repository, ID: e.ID, Kind: e.Kind, Match: e.Match, MaxFindings: e.MaxFindings,
		Reason: strings.TrimSpace(e.Reason), Owner: e.Owner, Approver: e.Approver,
		Created: e.Created.Format(time.DateOnly), Expires: e.Expires.Format(time.DateOnly), Compensating: []canonicalControl{},
	}
	for _, control := range e.Compensating {
		c.Compensating = append(c.Compensating, canonicalControl{control.Control, control.Check})
	}
	return []byte(encode(c))
}

// Approve signs an entry for a repository. It gives the text of the field signature.
func (e *Exception) Approve(signer ssh.Signer, repository string) (string, error) {
	if repository == "" {
		return "", errors.New("the repository has no name, and an approval holds for one repository")
	}
	s, err := sshsig.Sign(signer, Namespace, e.Canonical(repository))
	if err != nil {
		return "", fmt.Errorf("approve %s: %w", e.ID, err)
	}
	return string(s.Armor()), nil
}

// An Approval says how sure it is that the approver has granted the exception.
type Approval string

// The approvals.
const (
	Signed  Approval = "signed"  // with a key that the allowed-signers file gives to the approver
	Claimed Approval = "claimed" // the file says so, and who can write the file can say so
)

// Approval judges the signature at a time, and says what is wrong with it. A wrong signature is worse than none: the
// entry says another thing today than the approver saw. Keys must be valid now, and not only when they signed, because
// a signature holds no date that anybody vouches for.
func (e *Exception) Approval(in *Input) (a Approval, problem string) {
	if e.Signature == "" {
		if in.Limits.RequireSignature {
			return Claimed, "the approver's signature is missing, and the policy requires it"
		}
		return Claimed, ""
	}
	s, err := sshsig.Parse([]byte(e.Signature))
	if err != nil {
		return Claimed, "the signature cannot be read: " + err.Error()
	}
	err = s.Verify(Namespace, e.Canonical(in.Repository))
	switch {
	case errors.Is(err, sshsig.ErrMismatch):
		return Claimed, "the entry was changed after its approval, or the signature is that of another entry or repository"
	case err != nil:
		return Claimed, "the signature counts for nothing: " + err.Error()
	case in.Repository == "":
		return Claimed, "the repository has no name, and an approval holds for one repository"
	case in.Signers == nil && in.Limits.RequireSignature:
		return Claimed, "there is no allowed-signers file to hold the signature against, and the policy requires one"
	case in.Signers == nil:
		return Claimed, ""
	}
	if err := in.Signers.Check(s.Key, Namespace, e.Approver, in.Now); err != nil {
		if others := in.Signers.Principals(s.Key, Namespace, in.Now); len(others) > 0 {
			return Claimed, fmt.Sprintf("it is signed by %s, and the approver is %s", strings.Join(others, ", "), e.Approver)
		}
		return Claimed, "the signature is not allowed: " + err.Error()
	}
	if in.Signers.Check(s.Key, Namespace, e.Owner, in.Now) == nil {
		return Claimed, fmt.Sprintf("it is signed with a key that is also the owner's, %s", e.Owner)
	}
	return Signed, ""
}
