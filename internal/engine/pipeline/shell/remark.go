package shell

import (
	"cmp"
	"slices"
)

// A RemarkKind is a habit of scripts that the platforms report.
type RemarkKind string

// The kinds, in the groups of the functions that find them.
const (
	PipedInstaller     RemarkKind = "piped-installer"     // code from the network straight into an interpreter
	UncheckedDownload  RemarkKind = "unchecked-download"  // downloaded to a file and run without a check of its digest or signature
	InsecureTransport  RemarkKind = "insecure-transport"  // checks of certificates, hosts or signatures are off
	PlainHTTP          RemarkKind = "plain-http"          // code comes over a connection that anybody can change
	PrintedSecret      RemarkKind = "printed-secret"      // a secret goes to the log
	StoredSecret       RemarkKind = "stored-secret"       // a secret goes to a file
	SecretArgument     RemarkKind = "secret-argument"     // a secret stands on a command line, which other processes see
	UnpinnedInstall    RemarkKind = "unpinned-install"    // a package, tool or image without a version or lock
	IgnoredScanner     RemarkKind = "ignored-scanner"     // a scanner whose failure changes nothing
	Published          RemarkKind = "published"           // an artefact leaves the pipeline
	Signed             RemarkKind = "signed"              // something is signed or attested
	Deployed           RemarkKind = "deployed"            // something is changed where it runs
	Obfuscated         RemarkKind = "obfuscated"          // code is decoded before it runs
	LongLivedLogin     RemarkKind = "long-lived-login"    // a cloud login with a credential that does not expire
	DangerousFileModes RemarkKind = "dangerous-file-mode" // anybody may change a file
)

// A Remark is one habit at one place. Its texts come from the script, without values of variables; credentials in URLs
// are left out.
type Remark struct {
	Kind    RemarkKind
	Range   Range
	Command int    // the command it is about
	Tool    string // the program, such as curl, npm, trivy, or the provider of a login: aws, azure, google, vault
	Detail  string // the option, variable or form that shows it: --insecure, GIT_SSL_NO_VERIFY, "|| true"
	Package string // what is installed, published or deployed
	Version string // empty where none is given
	URL     string // without user and password
	Name    string // the variable or hole that holds a secret, for the kinds about secrets
	Proven  bool   // of Published: with --provenance or an attestation
}

func (s *Script) remark(kind RemarkKind, i int) Remark {
	c := &s.Commands[i]
	return Remark{Kind: kind, Range: c.Range, Command: i, Tool: c.Name}
}

// inOrder sorts remarks by place and drops equal ones.
func inOrder(list []Remark) []Remark {
	slices.SortStableFunc(list, func(a, b Remark) int {
		return cmp.Or(cmp.Compare(a.Range.Start, b.Range.Start), cmp.Compare(a.Range.End, b.Range.End), cmp.Compare(a.Detail, b.Detail), cmp.Compare(a.Package, b.Package))
	})
	return slices.Compact(list)
}
