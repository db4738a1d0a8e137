package profile

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCatalogService(t *testing.T) {
	owners, _ := ParseOwners("CODEOWNERS", []byte("/web/ @web\n"))
	c := NewCatalog([]Service{
		{Name: "web", Paths: []string{"web"}, Owner: "team-web"},
		{Name: "api", Paths: []string{"./web/api/", "lib/*/api/**"}, Owner: "team-api"},
	}, owners)
	want := map[string][2]string{
		"web/index.html":     {"web", "@web"},
		"web/api/main.go":    {"api", "@web"},
		"lib/x/api/a/b.go":   {"api", "team-api"},
		"lib/x/y/api/a.go":   {Unassigned, ""},
		"website/index.html": {Unassigned, ""},
		"web/a.zip!/api/x":   {"web", "@web"},
		"":                   {Unassigned, ""},
	}
	got := map[string][2]string{}
	for path := range want {
		got[path] = [2]string{c.Service(path).Name, c.Owner(path)}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	var names []string
	for _, s := range c.Services() {
		names = append(names, s.Name)
	}
	if diff := cmp.Diff([]string{"api", Unassigned, "web"}, names); diff != "" {
		t.Errorf("services (-want +got)\n%s", diff)
	}
}

func TestCatalogOneServiceForAll(t *testing.T) {
	c := NewCatalog([]Service{{Name: "payments", Owner: "team"}}, nil)
	if got := c.Service("any/where"); got.Name != "payments" || c.Owner("x") != "team" || len(c.Services()) != 1 {
		t.Errorf("got %+v of %v", got, c.Services())
	}
}

func TestParseCatalog(t *testing.T) {
	const file = "services/catalog-info.yaml"
	paths := []string{"services"}
	tests := []struct {
		name    string
		content string
		want    []Service
		notes   []string
	}{
		{"annotations and labels", `
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: shop
  annotations: {example.com/tier: "1", example.com/data: "cardholder, personal"}
  labels: {exposure: internal}
spec: {type: service, owner: group:shop, lifecycle: experimental}
---
kind: API
metadata: {name: shop-api}
`, []Service{{"shop", TierCritical, Internal, []Data{CardholderData, PersonalData}, "group:shop", paths, file}}, nil},
		{"tags, and the type of a website", "kind: Component\nmetadata: {name: site, tags: [tier-3, go, health]}\nspec: {type: website, owner: web}\n",
			[]Service{{"site", TierMedium, Internet, []Data{HealthData}, "web", paths, file}}, nil},
		{"the most exposed tag holds, and an unknown word is told", "kind: Component\nmetadata: {name: odd, labels: {tier: gold}, tags: [internet, internal]}\n",
			[]Service{{Name: "odd", Exposure: Internet, Paths: paths, Source: file}},
			[]string{file + `: component "odd": tier "gold": want one of low, medium, high, critical`}},
		{"a class of data that is not known may be the worst", "kind: Component\nmetadata: {name: odd, tags: [health], labels: {data: \"public,card-holder\"}}\n",
			[]Service{{Name: "odd", Paths: paths, Source: file}},
			[]string{file + `: component "odd": data "card-holder": want one of public, internal, personal, financial, health, cardholder, credentials`}},
		{"the most critical tag holds", "kind: Component\nmetadata: {name: odd, tags: [tier-1, tier-4]}\n",
			[]Service{{Name: "odd", Tier: TierCritical, Paths: paths, Source: file}}, nil},
		{"a name that is taken", "kind: Component\nmetadata: {name: unassigned, labels: {tier: low}}\n", nil,
			[]string{file + `: "unassigned" is the name for what belongs to no service: the component is passed over`}},
		{"nothing said", "kind: Component\nmetadata: {name: bare}\nspec: {type: library}\n",
			[]Service{{Name: "bare", Paths: paths, Source: file}}, nil},
		{"a wrong type", "kind: Component\nmetadata: {name: bare, tags: {a: b}}\n",
			[]Service{{Name: "bare", Paths: paths, Source: file}},
			[]string{file + ": line 2: cannot unmarshal !!map into []string"}},
		{"several", "kind: Component\nmetadata: {name: a}\n---\nkind: Component\nmetadata: {name: b}\n",
			[]Service{{Name: Unassigned, Paths: paths, Source: file}},
			[]string{file + `: it describes 2 components and not which paths belong to which: list them under "services" in .assay.yaml`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, notes, err := ParseCatalog(file, []byte(test.content))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(test.notes, notes); diff != "" {
				t.Errorf("notes (-want +got)\n%s", diff)
			}
		})
	}
}

func TestTheNearestFileDescribesTheService(t *testing.T) {
	c := NewCatalog([]Service{
		{Name: "deep", Paths: []string{"web/api/deep"}, Source: ".assay.yaml"},
		{Name: "web", Paths: []string{"web"}, Source: "web/.assay.yaml"},
	}, nil)
	if got := c.Service("web/api/deep/x").Name; got != "web" {
		t.Errorf("got %s", got)
	}
}

// A file speaks about what lies below it, whatever the name of its folder would mean as a pattern.
func TestAFileSpeaksAboutItsFolder(t *testing.T) {
	c := NewCatalog([]Service{{Name: "odd", Paths: []string{"a*"}, Source: "a*/.assay.yaml"}, {Name: "rest"}}, nil)
	for path, want := range map[string]string{"a*/x": "odd", "ab/x": "rest", "a*": "rest"} {
		if got := c.Service(path).Name; got != want {
			t.Errorf("%s belongs to %s, want %s", path, got, want)
		}
	}
}

// Of a folder whose file cannot be used nothing is known: what a folder above says is about other code.
func TestAFileWithSeveralComponentsHidesTheFolderAbove(t *testing.T) {
	above := Service{Name: "shop", Tier: TierLow, Source: "catalog-info.yaml"}
	below, _, err := ParseCatalog("svc/catalog-info.yaml", []byte("kind: Component\nmetadata: {name: a}\n---\nkind: Component\nmetadata: {name: b}\n"))
	if err != nil {
		t.Fatal(err)
	}
	c := NewCatalog(append(below, above), nil)
	got := [2]Service{c.Service("svc/x"), c.Service("x")}
	if got[0].Name != Unassigned || got[0].Tier != TierUnknown || got[1].Name != "shop" || len(c.Services()) != 2 {
		t.Errorf("%+v of %+v", got, c.Services())
	}
}

// Two services of one name are told apart by nobody who reads a report, so they are one, of which the worse holds.
func TestServicesOfOneName(t *testing.T) {
	c := NewCatalog([]Service{
		{Name: "pay", Tier: TierLow, Exposure: Internet, Data: []Data{PublicData}, Owner: "a", Paths: []string{"a"}, Source: "a/catalog-info.yaml"},
		{Name: "pay", Tier: TierHigh, Exposure: Internal, Data: []Data{HealthData}, Paths: []string{"b"}, Source: "b/catalog-info.yaml"},
		{Name: "web", Tier: TierLow, Exposure: Isolated, Data: []Data{PublicData}, Paths: []string{"c"}, Source: "c/catalog-info.yaml"},
		{Name: "web", Paths: []string{"d"}, Source: "d/catalog-info.yaml"},
	}, nil)
	got := map[string]Service{}
	for _, path := range []string{"a/x", "b/x", "c/x", "d/x"} {
		s := c.Service(path)
		got[path] = Service{Name: s.Name, Tier: s.Tier, Exposure: s.Exposure, Data: s.Data}
	}
	pay := Service{Name: "pay", Tier: TierHigh, Exposure: Internet, Data: []Data{PublicData, HealthData}}
	want := map[string]Service{"a/x": pay, "b/x": pay, "c/x": {Name: "web"}, "d/x": {Name: "web"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if n := len(c.Services()); n != 3 {
		t.Errorf("%d services, want pay, web and the rest", n)
	}
}

func TestNotesAreBounded(t *testing.T) {
	_, notes, err := ParseCatalog("catalog-info.yaml", []byte("kind: Component\nmetadata: {name: a, labels: {data: \""+strings.Repeat("x ", 100_000)+"\"}}\n"))
	if err != nil || len(notes) > 1 {
		t.Errorf("%d notes, %v", len(notes), err)
	}
}

func TestParseCatalogRefuses(t *testing.T) {
	for name, content := range map[string]string{
		"broken":                  "kind: [",
		"one key again and again": "kind: Component\nmetadata: {name: a}\n" + strings.Repeat("a:\n", maxCatalogSize/4),
		"many keys": func() string {
			var b strings.Builder
			for i := range 100_000 {
				fmt.Fprintf(&b, "k%d:\n", i)
			}
			return b.String()
		}(),
		"itself":    "a: &a [*a]\n",
		"too large": strings.Repeat("#", maxCatalogSize+1),
		"bomb": "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n" +
			"d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\nmetadata: {tags: [*d,*d,*d,*d,*d,*d,*d,*d,*d]}\n",
	} {
		begin := time.Now()
		services, _, err := ParseCatalog("catalog-info.yaml", []byte(content))
		if err == nil || len(services) > 0 {
			t.Errorf("%s: accepted", name)
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
	}
}

func FuzzParseCatalog(f *testing.F) {
	f.Add([]byte("kind: Component\nmetadata: {name: a, tags: [tier1]}\n---\n"))
	f.Add([]byte("a: &a [*a]\n"))
	f.Add([]byte("kind: Component\nmetadata: {name: a, annotations: {x/tier: 9}}\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		services, _, _ := ParseCatalog("x/catalog-info.yaml", content)
		for _, s := range services {
			if s.Name == "" {
				t.Error("a service without a name")
			}
		}
	})
}
