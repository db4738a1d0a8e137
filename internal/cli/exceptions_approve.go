package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/exception/register"
	"github.com/assaysec/assay/internal/loosening"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/sshsig"
	"github.com/spf13/cobra"
	"golang.org/x/crypto/ssh"
	"golang.org/x/term"
)

func exceptionsApproveCommand(a *app) *cobra.Command {
	var key string
	cmd := &cobra.Command{
		Use:   "approve ID [FOLDER]",
		Short: "Sign an exception, as its approver",
		Long: "Approve shows what is signed, signs it with the approver's SSH key, and writes the signature into the entry. It holds for\n" +
			"this repository and for what the entry says now: an entry that is changed afterwards is void.\n\n" +
			"--key names a private key, or a public one whose private part ssh-agent holds. Without it ssh-agent's only key signs.",
		Example: "  assay exceptions approve EX-7 --key ~/.ssh/id_ed25519\n  assay exceptions approve EX-7 --key ~/.ssh/id_ed25519_sk.pub",
		Args:    cobra.RangeArgs(1, 2),
		RunE:    func(_ *cobra.Command, args []string) error { return a.approve(args, key) },
	}
	cmd.Flags().StringVar(&key, "key", "", "file of the SSH key (default: the only key of ssh-agent)")
	return cmd
}

func (a *app) approve(args []string, key string) error {
	r, err := a.openRegister(args[1:])
	if err != nil {
		return err
	}
	defer r.close()
	e, err := r.find(args[0])
	if err != nil {
		return err
	}
	in, err := r.approvalInput()
	if err != nil {
		return err
	}
	if err := r.limit(e); err != nil {
		return err
	}
	for _, line := range approvalWords(e, in.Repository) {
		say(a.Stdout, a.hide(line))
	}
	signer, done, err := a.signer(key)
	if err != nil {
		return err
	}
	defer done()
	if e.Signature, err = e.Approve(signer, in.Repository); err != nil {
		return err
	}
	approval, problem := e.Approval(in)
	if problem != "" {
		return hint(fmt.Errorf("%s would be void: %s", e.ID, problem), "sign with the key that %s gives to %s", r.signersFile(), e.Approver)
	}
	text, err := register.Change(register.File, r.content, e.ID, func(was *register.Exception) { was.Signature = e.Signature })
	if err != nil {
		return masked(err)
	}
	if err := r.write(text); err != nil {
		return err
	}
	say(a.Stdout, a.hide(fmt.Sprintf("%s is signed with %s", e.ID, ssh.FingerprintSHA256(signer.PublicKey()))))
	if approval == register.Signed {
		say(a.Stdout, "  "+r.signersFile()+" gives this key to "+e.Approver+"; commit the entry")
	} else {
		say(a.Stdout, fmt.Sprintf("  there is no %s, so the approval counts as claimed until the base has this line in it:", r.signersFile()))
		say(a.Stdout, fmt.Sprintf("  %s namespaces=%q %s", a.hide(e.Approver), register.Namespace, bytes.TrimSpace(ssh.MarshalAuthorizedKey(signer.PublicKey()))))
	}
	return nil
}

func (r *registerFile) signersFile() string {
	if name := r.config.Exceptions.AllowedSigners; name != "" {
		return name
	}
	return loosening.SignersFile
}

// approvalInput is what an approval is held against.
func (r *registerFile) approvalInput() (*register.Input, error) {
	in := &register.Input{Now: r.now, Repository: repositoryName(r.target.repo, r.config.Exceptions.Repository)}
	if in.Repository == "" {
		return nil, hint(errors.New("this repository has no name, and an approval holds for one repository"),
			"write it into .assay.yaml: exceptions: {repository: OWNER/NAME}")
	}
	text, err := readIfAny(r.signers, r.signersFile())
	if err != nil || text == nil {
		return in, err
	}
	in.Signers, err = sshsig.ParseAllowedSigners(r.signersFile(), text)
	return in, masked(err)
}

// approvalWords say what is signed, in words.
func approvalWords(e *register.Exception, repository string) []string {
	lines := []string{
		fmt.Sprintf("%s of the repository %s, as %s", e.ID, repository, e.Approver),
		fmt.Sprintf("  permits     %s: %s, %s at most", e.Kind, matchWords(&e.Match), report.Plural(e.MaxFindings, "finding")),
		"  because     " + strings.Join(strings.Fields(e.Reason), " "),
		"  asked by    " + e.Owner,
		fmt.Sprintf("  from        %s through %s, %s", e.Created.Format(time.DateOnly), e.Expires.Format(time.DateOnly), report.Plural(e.Length(), "day")),
	}
	if len(e.Compensating) == 0 {
		return append(lines, "  as long as  (no compensating control)")
	}
	for i := range e.Compensating {
		lines = append(lines, "  as long as  "+controlWords(&e.Compensating[i]))
	}
	return lines
}

func controlWords(c *register.Control) string {
	switch check := &c.Check; check.Kind() {
	case register.HTTPSKind:
		h, more := check.HTTPS, ""
		if h.BodyContains != "" {
			more += fmt.Sprintf(" and %q", h.BodyContains)
		}
		if len(h.Header) > 0 {
			more += " and " + report.Plural(len(h.Header), "header")
		}
		return fmt.Sprintf("%s: %s answers %d%s", c.Control, h.URL, h.Status, more)
	case register.Rego:
		return fmt.Sprintf("%s: %s holds", c.Control, check.Rego)
	default:
		return fmt.Sprintf("%s: %s", c.Control, check.CEL)
	}
}

// signer gives the approver's key. done ends what holds it.
func (a *app) signer(file string) (s ssh.Signer, done func(), err error) {
	done = func() {}
	var public ssh.PublicKey
	if file != "" {
		text, err := readNamed(file)
		if err != nil {
			return nil, done, hint(fmt.Errorf("key %s: %w", file, err), "name the file of an SSH key, or leave --key out to ask ssh-agent")
		}
		defer clear(text)
		if public, err = sshsig.ParsePublicKey(text); err != nil {
			s, err := sshsig.ParsePrivateKey(text, a.passphrase(file))
			if err != nil {
				err = hint(fmt.Errorf("%s: %w", file, err), "ssh-add %s gives it to ssh-agent; then name its .pub file", shellWord(file))
			}
			return s, done, err
		}
	}
	conn, err := a.dialAgent()
	if err != nil {
		return nil, done, hint(err, "name the file of the private key with --key, or start ssh-agent and add the key to it")
	}
	done = func() { conn.Close() }
	if s, err = sshsig.NewAgent(conn).Signer(public); err != nil {
		done()
		return nil, func() {}, hint(err, "ssh-add -l lists the keys that it holds; --key FILE.pub names one")
	}
	return s, done, nil
}

// passphrase asks at a terminal. Elsewhere there is nobody to ask.
func (a *app) passphrase(file string) func() ([]byte, error) {
	in, ok := a.Stdin.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return nil
	}
	return func() ([]byte, error) {
		fmt.Fprintf(a.Stderr, "Passphrase of %s: ", shellWord(file))
		defer fmt.Fprintln(a.Stderr)
		return term.ReadPassword(int(in.Fd()))
	}
}

// dialAgent reaches the approver's ssh-agent, a socket of this machine.
func (a *app) dialAgent() (io.ReadWriteCloser, error) {
	path := a.Getenv("SSH_AUTH_SOCK")
	if path == "" {
		return nil, errors.New("there is no key to sign with: --key is not given, and SSH_AUTH_SOCK names no ssh-agent")
	}
	conn, err := net.Dial("unix", path) // the user's own agent, on this machine
	if err != nil {
		return nil, fmt.Errorf("ssh-agent at %s: %w", path, err)
	}
	return conn, nil
}
