package config

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/policy/celhost"
	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/risk"
)

var engines = []string{"secret", "dependency"}

const full = `# everything
service:
  name: payments-api
  tier: critical
  exposure: internet
  data: [cardholder, personal]
  owner: team-payments
gate:
  pull-request: {deny: "new && risk >= high", warn: [new && risk >= medium, overdue]}
  deploy:
    deny: |
      risk >= critical ||
        overdue
    require: "coverage.all(c, c.status == 'done')"
  build:
    deny: []
    require: [secret]
due:
  critical: {critical: 1}
secret: {config: .gitleaks.toml, rules: [builtin, rules/ours.toml], decode-depth: 0}
scan:
  include: [ignored]
  jobs: 4
  limits: {file-size: 64MiB, archive-depth: 3, archive-size: 1000000, archive-members: 10, archive-ratio: 9, findings-per-rule: 50}
rules: [builtin]
exceptions:
  max-days: 90
  max-renewals: 0
  signed: true
  repository: team/shop
  allowed-signers: .assay/signers
  max-probe-age: 7d
  probe: {hosts: [pay.example.com, "*.shop.example.com"], private: [10.0.0.0/8]}
suppressions: {accept-from-change: true}
`

func TestParse(t *testing.T) {
	got, err := Parse(Name, []byte(full), engines)
	if err != nil {
		t.Fatal(err)
	}
	at := func(line, column int) diagnostic.Position {
		return diagnostic.Position{File: Name, Line: line, Column: column}
	}
	due := risk.DefaultDue()
	due.Set(profile.TierCritical, finding.Critical, 1)
	want := &File{
		Path: Name,
		Services: []profile.Service{{
			Name: "payments-api", Tier: profile.TierCritical, Exposure: profile.Internet, Owner: "team-payments",
			Data: []profile.Data{profile.CardholderData, profile.PersonalData}, Source: Name,
		}},
		Gates: map[string]policy.Text{
			"pull-request": {
				Deny: []policy.Line{{Key: "gate.pull-request.deny", Expr: "new && risk >= high", At: at(9, 25)}},
				Warn: []policy.Line{
					{Key: "gate.pull-request.warn[0]", Expr: "new && risk >= medium", At: at(9, 54)},
					{Key: "gate.pull-request.warn[1]", Expr: "overdue", At: at(9, 77)},
				},
			},
			"deploy": {
				Deny: []policy.Line{{Key: "gate.deploy.deny", Expr: "risk >= critical ||\n  overdue\n", At: at(12, 7),
					Starts: []diagnostic.Position{at(12, 7), at(13, 7)}}},
				Require: []policy.Line{{Key: "gate.deploy.require", Expr: "coverage.all(c, c.status == 'done')", At: at(14, 15)}},
			},
			"build": {Deny: []policy.Line{}, Engines: []string{"secret"}},
		},
		Due:    due,
		Secret: Secret{Config: ".gitleaks.toml", Rules: []string{"builtin", "rules/ours.toml"}, DecodeDepth: -1},
		Scan: Scan{Include: []coverage.Class{coverage.Ignored}, Jobs: 4, Limits: Limits{
			FileSize: 64 << 20, ArchiveDepth: 3, ArchiveSize: 1000000, ArchiveMembers: 10, ArchiveRatio: 9, FindingsPerRule: 50}},
		Rules: []string{"builtin"},
		Exceptions: Exceptions{MaxDays: 90, MaxRenewals: NoRenewal, Signed: true, AllowedSigners: ".assay/signers", Repository: "team/shop", MaxProbeAge: 7 * 24 * time.Hour,
			Probe: Probe{Hosts: []string{"pay.example.com", "*.shop.example.com"}, Private: []string{"10.0.0.0/8"}}},
		Suppressions: Suppressions{FromChange: true},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(File{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	c, err := Merge(got)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]diagnostic.Position{"gate.pull-request.deny": at(9, 18), "gate.deploy": at(10, 3), "scan": {}} {
		if got, said := c.PlaceOf(key); key != "scan" && got != want || !said {
			t.Errorf("%s stands at %v, want %v", key, got, want)
		}
	}
	if at, said := c.PlaceOf("scan.nothing"); said {
		t.Errorf("scan.nothing stands at %v", at)
	}
	if err := c.Check(celhost.New()); err != nil {
		t.Error(err)
	}
}

// Files that are refused. Those marked with a schema error are refused by docs/config.schema.json too; the others say
// something that a schema cannot see.
var refused = []struct {
	name    string
	content string
	want    string
	schema  bool
}{
	{"unknown key", "gates: {}\n", `.assay.yaml:1:1: unknown key "gates", did you mean "gate"?`, true},
	{"unknown key below", "service:\n  name: a\n  teir: high\n", `.assay.yaml:3:3: unknown key "teir", did you mean "tier"?`, true},
	{"unknown stage", "gate:\n  pull-reqest: {}\n", `.assay.yaml:2:3: unknown stage "pull-reqest", did you mean "pull-request"?`, true},
	{"unknown word", "service: {name: a, tier: critcal}\n", `.assay.yaml:1:26: unknown tier "critcal", did you mean "critical"?`, true},
	{"unknown class of data", "service: {name: a, data: [cards]}\n", `.assay.yaml:1:27: unknown class of data "cards"`, true},
	{"unknown exposure", "service: {name: a, exposure: public}\n", `.assay.yaml:1:30: unknown exposure "public"`, true},
	{"unknown engine", "gate: {build: {require: [secrets]}}\n", `.assay.yaml:1:26: unknown engine "secrets", did you mean "secret"?`, false},
	{"unknown level", "due: {high: {hihg: 3}}\n", `.assay.yaml:1:14: unknown level "hihg", did you mean "high"?`, true},
	{"unknown limit", "scan: {limits: {file: 3}}\n", `.assay.yaml:1:17: unknown limit "file"`, true},
	{"no duration", "exceptions: {max-probe-age: 24}\n", `.assay.yaml:1:29: exceptions.max-probe-age: want a time span such as 90m, 24h or 7d`, true},
	{"no truth", "exceptions: {signed: always}\n", `.assay.yaml:1:22: exceptions.signed is text: want true or false`, true},
	{"no days", "exceptions: {max-days: 0}\n", `.assay.yaml:1:24: exceptions.max-days is 0: want a whole number from 1 to 3650`, true},
	{"unknown include", "scan: {include: [ignore]}\n", `.assay.yaml:1:18: unknown class "ignore", did you mean "ignored"?`, true},
	{"given twice", "rules: []\nrules: []\n", `.assay.yaml:2:1: "rules" is given twice`, false},
	{"both", "service: {name: a}\nservices: [{name: b, paths: [b]}]\n", `.assay.yaml:2:11: "service" and "services" exclude each other`, true},
	{"no name", "service: {tier: high}\n", `.assay.yaml:1:10: service.name is missing`, true},
	{"no paths", "services:\n- name: a\n", `.assay.yaml:2:3: services[0].paths is missing`, true},
	{"paths for one", "service: {name: a, paths: [a]}\n", `.assay.yaml:1:27: service.paths has no place here`, true},
	{"reserved name", "service: {name: unassigned}\n", `.assay.yaml:1:17: "unassigned" is the name for what belongs to no service`, true},
	{"same name", "services: [{name: a, paths: [a]}, {name: a, paths: [b]}]\n", `.assay.yaml:1:11: two services are named "a"`, false},
	{"same path", "services: [{name: a, paths: [x/]}, {name: b, paths: [./x]}]\n", `.assay.yaml:1:11: services "a" and "b" both claim "./x"`, false},
	{"path outside", "services: [{name: a, paths: [../x]}]\n", `.assay.yaml:1:29: services[0].paths: "../x" leaves the folder`, false},
	{"path with a class", "services: [{name: a, paths: ['x[ab]']}]\n", `.assay.yaml:1:29: services[0].paths: "x[ab]" holds a character that has no meaning`, true},
	{"not text", "service: {name: 7}\n", `.assay.yaml:1:17: service.name is a number: want text`, true},
	{"empty", "service: {name: }\n", `.assay.yaml:1:17: service.name is empty: want text`, true},
	{"blank", "gate: {build: {deny: ' '}}\n", `.assay.yaml:1:22: gate.build.deny is empty`, true},
	{"not a mapping", "gate: [build]\n", `.assay.yaml:1:7: gate is a list: want a mapping`, true},
	{"not a list", "rules: builtin\n", `.assay.yaml:1:8: rules is text: want a list`, true},
	{"not a number", "scan: {jobs: many}\n", `.assay.yaml:1:14: scan.jobs is text: want a whole number`, true},
	{"number out of range", "due: {low: {info: 99999}}\n", `.assay.yaml:1:19: due.low.info is 99999: want a whole number from 0 to 3650`, true},
	{"not a size", "scan: {limits: {file-size: big}}\n", `.assay.yaml:1:28: scan.limits.file-size: want a size`, true},
	{"size out of range", "scan: {limits: {file-size: 99999999999GiB}}\n", `.assay.yaml:1:28: scan.limits.file-size: want a size`, false},
	{"the top is a list", "[]\n", `.assay.yaml:1:1: the file is a list: want a mapping`, true},
	{"merge key", "x: &x {name: a}\nservice: {<<: *x}\n", `.assay.yaml:1:1: unknown key "x"`, true},
	{"not YAML", "service: {\n", `.assay.yaml:2:1: not valid YAML: `, false},
	{"two documents", "rules: []\n---\nrules: []\n", `.assay.yaml:2:1: a second document`, false},
	{"not UTF-8", "rules:\n- \xff\n", `.assay.yaml:2:1: not valid UTF-8`, false},
	{"an alias that holds itself", "rules: &a [*a]\n", `.assay.yaml:1:8: nested more than 16 deep`, false},
	{"too deep", "rules: " + strings.Repeat("[", 100) + strings.Repeat("]", 100), `.assay.yaml:1:24: nested more than 16 deep`, false},
	{"too large", "#" + strings.Repeat("x", limits.Size), `.assay.yaml:1:1: the file is larger than 1048576 bytes`, false},
}

func TestRefused(t *testing.T) {
	for _, test := range refused {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse(Name, []byte(test.content), engines)
			var list diagnostic.Errors
			if !errors.As(err, &list) || !strings.HasPrefix(list[0].Error(), test.want) {
				t.Errorf("\n got %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestAliasBomb(t *testing.T) {
	content := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'j'; c++ {
		content += string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+",", 9) + "*" + string(c-1) + "]\n"
	}
	_, err := Parse(Name, []byte(content), engines)
	if err == nil || !strings.Contains(err.Error(), "more than 20000 values") {
		t.Errorf("got %v", err)
	}
}

func TestHints(t *testing.T) {
	for content, want := range map[string]string{
		"gates: {}":            "known are service, services, gate, due, secret, scan, rules, exceptions, suppressions",
		"service: {name: 7}":   `put it in quotes: "7"`,
		"rules: []\nrules: []": "it was first given in line 1",
	} {
		_, err := Parse(Name, []byte(content), engines)
		var list diagnostic.Errors
		if !errors.As(err, &list) || list[0].Hint != want {
			t.Errorf("%s: got %+v, want %q", content, list, want)
		}
	}
}

func TestAllErrorsAtOnce(t *testing.T) {
	_, err := Parse(Name, []byte("service: {nam: a}\ngate: {biuld: {}}\nscan: {job: 1}\n"), engines)
	if got := strings.Count(err.Error(), "\n") + 1; got != 3 {
		t.Errorf("%d errors:\n%v", got, err)
	}
}

func TestEmptyFiles(t *testing.T) {
	for _, content := range []string{"", "# nothing\n", "{}", "\ufeffrules: []"} {
		if _, err := Parse(Name, []byte(content), engines); err != nil {
			t.Errorf("%q: %v", content, err)
		}
	}
}

func TestMerge(t *testing.T) {
	parse := func(file, content string) *File {
		f, err := Parse(file, []byte(content), engines)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	root := parse(Name, "service: {name: rest}\ngate: {build: {deny: risk >= high}}\n")
	web := parse("web/"+Name, "service: {name: web, tier: high}\ngate: {build: {deny: risk >= low}, deploy: {warn: new}}\n")
	api := parse("web/api/"+Name, "services: [{name: v1, paths: [v1, ./old]}]\n")
	c, err := Merge(api, web, root)
	if err != nil {
		t.Fatal(err)
	}
	catalog := profile.NewCatalog(c.Services, nil)
	for path, want := range map[string]string{
		"main.go": "rest", "web/a.js": "web", "web/api/a.js": "web", "web/api/v1/a.js": "v1", "web/api/old/x": "v1",
	} {
		if got := catalog.Service(path).Name; got != want {
			t.Errorf("%s belongs to %s, want %s", path, got, want)
		}
	}
	var folders []string
	for _, s := range c.Gate(policy.Build) {
		folders = append(folders, s.Folder+"="+s.Text.Deny[0].Expr)
	}
	if diff := cmp.Diff([]string{"=risk >= high", "web=risk >= low"}, folders); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if scopes := c.Gate(policy.Deploy); len(scopes) != 2 || scopes[0].Text.Deny != nil {
		t.Errorf("deploy: %+v", scopes)
	}

	if _, err := Merge(root, parse("x/"+Name, "service: {name: rest}")); err == nil ||
		err.Error() != `x/.assay.yaml:1:1: service "rest" is described in .assay.yaml too` {
		t.Errorf("got %v", err)
	}
	if _, err := Parse("x/"+Name, []byte("scan: {jobs: 1}"), engines); err == nil ||
		err.Error() != `x/.assay.yaml:1:7: "scan" holds for the whole run and has no place in a folder` {
		t.Errorf("got %v", err)
	}
}

func TestCheck(t *testing.T) {
	f, err := Parse(Name, []byte("gate:\n  deploy:\n    deny: |\n      new &&\n      riks >= high\n  build: {require: \"coverage.all(c, c.statis == 'done')\"}\n"), engines)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Merge(f)
	if err != nil {
		t.Fatal(err)
	}
	want := ".assay.yaml:5:7: unknown name \"riks\", did you mean \"risk\"?\n" +
		".assay.yaml:6:38: unknown field \"statis\", did you mean \"status\"?"
	if err := c.Check(celhost.New()); err == nil || err.Error() != want {
		t.Errorf("\n got %v\nwant %s", err, want)
	}
}

const schemaFile = "../../docs/config.schema.json"

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asJSON reads YAML as an editor does that checks it against a JSON Schema.
func asJSON(t *testing.T, content string) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(content), &v); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// The schema and the reader agree, on what they take and on what they refuse.
func TestSchema(t *testing.T) {
	s := schema(t)
	for _, content := range append(documentedExamples(t), full, "{}", "") {
		if err := s.Validate(asJSON(t, content)); err != nil {
			t.Errorf("the schema refuses\n%s\n%v", content, err)
		}
	}
	for _, test := range refused {
		if test.schema && s.Validate(asJSON(t, test.content)) == nil {
			t.Errorf("%s: the schema accepts\n%s", test.name, test.content)
		}
	}
}

// The words that the schema lists are those of the code.
func TestSchemaWords(t *testing.T) {
	var doc struct {
		Properties struct {
			Gate struct{ Properties map[string]any }
			Scan struct {
				Properties struct {
					Include struct{ Items struct{ Enum []string } }
				}
			}
		}
		Defs map[string]struct{ Enum []string } `json:"$defs"`
	}
	content, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &doc); err != nil {
		t.Fatal(err)
	}
	for _, words := range []struct{ want, got []string }{
		{profile.Words(profile.Tiers), doc.Defs["tier"].Enum},
		{profile.Words(profile.Exposures), doc.Defs["exposure"].Enum},
		{profile.Words(profile.DataClasses), doc.Defs["dataClass"].Enum},
		{profile.Words(IncludeClasses), doc.Properties.Scan.Properties.Include.Items.Enum},
	} {
		if diff := cmp.Diff(words.want, words.got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
	for _, stage := range policy.Stages {
		if doc.Properties.Gate.Properties[stage] == nil {
			t.Errorf("stage %s is missing", stage)
		}
	}
	if len(doc.Properties.Gate.Properties) != len(policy.Stages) {
		t.Error("a stage too many")
	}
}

// yamlBreaks is what YAML 1.1 takes for the end of a line.
var yamlBreaks = regexp.MustCompile("\r\n|[\n\r\u0085\u2028\u2029]")

func FuzzParse(f *testing.F) {
	f.Add([]byte(full))
	for _, test := range refused {
		if len(test.content) < 1000 {
			f.Add([]byte(test.content))
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, name := range []string{Name, "a/" + Name} {
			file, err := Parse(name, content, engines)
			if err == nil {
				_, err = Merge(file)
			}
			var list diagnostic.Errors
			if err != nil && !errors.As(err, &list) {
				t.Errorf("an error without a place: %v", err)
			}
			for _, e := range list {
				if e.At.Line < 1 || e.At.Column < 1 || e.At.Line > len(yamlBreaks.FindAll(content, -1))+2 {
					t.Errorf("%v is outside the file", e)
				}
			}
		}
	})
}
