package profile

import (
	"strings"
	"testing"

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
		{"nothing said", "kind: Component\nmetadata: {name: bare}\nspec: {type: library}\n",
			[]Service{{Name: "bare", Paths: paths, Source: file}}, nil},
		{"a wrong type", "kind: Component\nmetadata: {name: bare, tags: {a: b}}\n",
			[]Service{{Name: "bare", Paths: paths, Source: file}},
			[]string{file + ": line 2: cannot unmarshal !!map into []string"}},
		{"several", "kind: Component\nmetadata: {name: a}\n---\nkind: Component\nmetadata: {name: b}\n", nil,
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

func TestParseCatalogRefuses(t *testing.T) {
	for name, content := range map[string]string{
		"broken":    "kind: [",
		"too large": strings.Repeat("#", maxCatalogSize+1),
		"bomb": "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n" +
			"d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\nmetadata: {tags: [*d,*d,*d,*d,*d,*d,*d,*d,*d]}\n",
	} {
		if services, _, err := ParseCatalog("catalog-info.yaml", []byte(content)); err == nil && len(services) > 0 {
			t.Errorf("%s: accepted", name)
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
