package cli_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/assaysec/assay/internal/cli"
)

// desk is a repository with an exception, its configuration, and keys beside it.
func desk(t *testing.T, config string) *bench {
	b := newBench(t)
	b.git("init", "-q", "-b", "main", ".")
	b.write("repo/app.env", whole(token))
	b.write("repo/.assay.yaml", settings+config)
	b.write("repo/"+exceptionFile, "# kept\n"+entry())
	for _, person := range []string{"security@example.com", "team-payments", "mallory"} {
		private, public := keyOf(t, person)
		b.write("keys/"+person, private)
		b.write("keys/"+person+".pub", public)
	}
	return b
}

// runWith runs the command with further variables.
func (b *bench) runWith(env map[string]string, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = cli.Main(b.t.Context(), args, cli.Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &err, Now: time.Now,
		Getenv: func(name string) string {
			if name == "ASSAY_NOW" {
				return "2026-11-24T09:00:00Z"
			}
			return env[name]
		}, Width: func(io.Writer) int { return 0 }})
	return code, out.String(), err.String()
}

// TestApprove: who signs sees in words what is signed; what would be void is not written.
func TestApprove(t *testing.T) {
	named := "exceptions: {repository: acme/pay}\n"
	for _, c := range []struct {
		name, config, signers, key, entry string
		code                              int
		says                              []string
	}{
		{name: "signed", config: named, signers: "security@example.com", key: "security@example.com", says: []string{
			"EX-7 of the repository acme/pay, as security@example.com", "accepted: rule " + tokenRule + ", 1 finding at most", "because     revoked with the next release",
			"asked by    team-payments", "from        2026-11-23 through 2027-01-31, 69 days", "as long as  network: service.exposure == 'internal'", "gives this key to security@example.com",
		}},
		{name: "nobody to hold it against", config: named, key: "security@example.com", says: []string{"the approval counts as claimed", `security@example.com namespaces="exception@assay" ssh-ed25519 AAAA`}},
		{name: "somebody else's key", config: named, signers: "security@example.com mallory", key: "mallory", code: 2, says: []string{"EX-7 would be void: it is signed by mallory"}},
		{name: "nobody's key", config: named, signers: "security@example.com", key: "mallory", code: 2, says: []string{"would be void: the signature is not allowed"}},
		{name: "no name", key: "security@example.com", code: 2, says: []string{"no name", "exceptions: {repository: OWNER/NAME}"}},
		{name: "expired", config: named, key: "security@example.com", entry: entry("expires", "2026-11-23"), code: 2, says: []string{"has passed"}},
		{name: "too long", config: "exceptions: {repository: a/b, max-days: 3}\n", key: "security@example.com", code: 2, says: []string{"the policy allows 3"}},
		{name: "no such key", config: named, key: "nobody", code: 2, says: []string{"key ", "or leave --key out"}},
		{name: "a public key without an agent", config: named, key: "security@example.com.pub", code: 2, says: []string{"SSH_AUTH_SOCK names no ssh-agent"}},
		{name: "probe", config: named, key: "security@example.com", entry: entry("compensating", `[{control: waf, check: {https: {url: "https://pay.example.com/probe", status: 403, body-contains: "no", header: {Via: waf}}}}]`),
			says: []string{`as long as  waf: https://pay.example.com/probe answers 403 and "no" and 1 header`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := desk(t, c.config)
			if c.entry != "" {
				b.write("repo/"+exceptionFile, "# kept\n"+c.entry)
			}
			if c.signers != "" {
				b.write("repo/.assay/allowed-signers", signers(t, strings.Fields(c.signers)...))
			}
			before := b.read("repo/" + exceptionFile)
			code, stdout, stderr := b.run("", "exceptions", "approve", "EX-7", b.repo, "--key", filepath.Join(b.root, "keys", c.key))
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			for _, want := range c.says {
				if !strings.Contains(stdout+stderr, want) {
					t.Errorf("%q is not said:\n%s%s", want, stdout, stderr)
				}
			}
			after := b.read("repo/" + exceptionFile)
			if wrote := after != before; wrote != (c.code == 0) || wrote && !strings.HasPrefix(after, before+"  signature: |\n    -----BEGIN SSH SIGNATURE-----\n") {
				t.Errorf("written: %v:\n%s", wrote, after)
			}
		})
	}
}

// TestApproveByAgent: ssh-agent signs where no file holds the private key, and a renewal takes the signature away.
func TestApproveByAgent(t *testing.T) {
	b := desk(t, "exceptions: {repository: acme/pay}\n")
	b.write("repo/.assay/allowed-signers", signers(t, "security@example.com"))
	keyring := agent.NewKeyring()
	add := func(person string) {
		key := ed25519.NewKeyFromSeed([]byte((person + strings.Repeat(".", 32))[:32]))
		if err := keyring.Add(agent.AddedKey{PrivateKey: key}); err != nil {
			t.Fatal(err)
		}
	}
	dir, err := os.MkdirTemp("", "agent") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _ = agent.ServeAgent(keyring, conn); conn.Close() }()
		}
	}()
	env := map[string]string{"SSH_AUTH_SOCK": socket}
	approve := func(key ...string) (int, string) {
		code, stdout, stderr := b.runWith(env, append([]string{"exceptions", "approve", "EX-7", b.repo}, key...)...)
		return code, stdout + stderr
	}
	if code, said := approve(); code != 2 || !strings.Contains(said, "it holds no key") {
		t.Errorf("exit code %d: %s", code, said)
	}
	add("security@example.com")
	if code, said := approve(); code != 0 || !strings.Contains(said, "gives this key to security@example.com") {
		t.Errorf("exit code %d: %s", code, said)
	}
	add("mallory")
	if code, said := approve(); code != 2 || !strings.Contains(said, "it holds several keys") {
		t.Errorf("exit code %d: %s", code, said)
	}
	if code, said := approve("--key", filepath.Join(b.root, "keys", "security@example.com.pub")); code != 0 {
		t.Errorf("exit code %d: %s", code, said)
	}
	if _, stdout, _ := b.runWith(nil, "exceptions", "list", b.repo); !strings.Contains(stdout, "security@example.com (signed)") {
		t.Error(stdout)
	}
	code, stdout, stderr := b.runWith(nil, "exceptions", "renew", "EX-7", b.repo, "--expires", "2027-02-28")
	if code != 0 || !strings.Contains(stdout, "its signature was taken away") || strings.Contains(b.read("repo/"+exceptionFile), "signature") {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
	env["SSH_AUTH_SOCK"] = socket + "x"
	if code, said := approve(); code != 2 || !strings.Contains(said, "ssh-agent at ") {
		t.Errorf("exit code %d: %s", code, said)
	}
}

// TestApproveEncrypted: without a terminal there is nobody to ask for a passphrase.
func TestApproveEncrypted(t *testing.T) {
	b := desk(t, "exceptions: {repository: acme/pay}\n")
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	block, err := ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte("open"))
	if err != nil {
		t.Fatal(err)
	}
	b.write("locked", string(pem.EncodeToMemory(block)))
	code, _, stderr := b.run("", "exceptions", "approve", "EX-7", b.repo, "--key", filepath.Join(b.root, "locked"))
	if code != 2 || !strings.Contains(stderr, "nobody to ask for the passphrase") || !strings.Contains(stderr, "ssh-add ") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

// TestProbe: a probe is asked where that is asked for, its answer is kept, and counts for as long as the policy says.
func TestProbe(t *testing.T) {
	var status atomic.Int32
	status.Store(http.StatusForbidden)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(status.Load())) }))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "https://")
	b := desk(t, "exceptions: {max-probe-age: 24h, probe: {hosts: [\""+host+"\"], private: [127.0.0.1]}}\n")
	b.write("repo/"+exceptionFile, entry("compensating", `[{control: waf, check: {https: {url: "`+server.URL+`/probe", status: 403}}}]`))
	b.write("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	// The system's certificates are read once in a process, so that the command is one of its own.
	run := func(args ...string) (code int, said string) {
		cmd := command(nil, append(args, b.repo)...)
		cmd.Env = append(cmd.Env, "SSL_CERT_FILE="+filepath.Join(b.root, "ca.pem"), "SSL_CERT_DIR="+b.root)
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil {
			t.Fatal(err)
		}
		return cmd.ProcessState.ExitCode(), string(out)
	}
	want := func(wantCode int, wantSaid string, args ...string) {
		t.Helper()
		if code, said := run(args...); code != wantCode || !strings.Contains(said, wantSaid) {
			t.Errorf("%v: exit code %d, want %d, and %q:\n%s", args, code, wantCode, wantSaid, said)
		}
	}
	want(1, "the control waf was not checked", "exceptions", "check")
	want(0, "EX-7 waf: the probe holds", "exceptions", "check", "--probe", "--record")
	want(0, "EX-7      in force", "exceptions", "check")
	want(0, "EX-7      in force", "exceptions", "check", "--now", "2026-11-25T09:00:00Z")
	want(1, "was last checked at 2026-11-24T09:00:00Z, which is too long ago", "exceptions", "check", "--now", "2026-11-25T09:00:01Z")
	status.Store(http.StatusOK)
	want(1, "the control waf failed: the status is 200, want 403", "gate", "--stage", "deploy", "--probe", "--format", "json")
	want(1, "EX-7 waf: the probe failed: the status is 200, want 403", "exceptions", "check", "--probe", "--record")
	want(1, "the control waf failed", "exceptions", "check")
}
