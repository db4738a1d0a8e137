package ignorefile

import (
	"strings"
	"testing"

	"github.com/assaysec/assay/internal/finding"
)

const openVEX = `{
  "@context": "https://openvex.dev/ns/v0.2.0",
  "timestamp": "2026-01-01T00:00:00Z",
  "statements": [
    {"vulnerability": {"name": "CVE-2026-1", "aliases": ["GHSA-x"]},
     "products": [{"@id": "pkg:npm/a@1"}], "status": "not_affected", "justification": "component_not_present"},
    {"vulnerability": {"name": "CVE-2026-2"}, "products": [{"@id": "pkg:oci/ours", "subcomponents": [{"@id": "pkg:npm/b"}]}], "status": "fixed"},
    {"vulnerability": {"name": "CVE-2026-3"}, "products": [{"@id": "pkg:oci/other", "subcomponents": [{"@id": "pkg:npm/b"}]}], "status": "fixed"},
    {"vulnerability": {"name": "CVE-2026-4"}, "products": [{"@id": "pkg:oci/ours"}], "status": "not_affected", "timestamp": "2026-02-01T00:00:00Z"},
    {"vulnerability": {"name": "CVE-2026-4"}, "products": [{"@id": "pkg:npm/c"}], "status": "affected", "timestamp": "2026-03-01T00:00:00Z"},
    {"vulnerability": "CVE-2026-5", "products": ["pkg:npm/d"], "status": "not_affected"},
    {"vulnerability": {"name": "CVE-2026-6"}, "products": [{"@id": "pkg:npm/e"}], "status": "harmless"},
    {"products": [{"@id": "pkg:npm/e"}], "status": "fixed"},
    {"vulnerability": {"name": "CVE-2026-7"}, "status": "fixed"}
  ]
}`

const cycloneDX = `{
  "bomFormat": "CycloneDX",
  "components": [{"bom-ref": "r1", "purl": "pkg:npm/a@1", "components": [{"bom-ref": "r2", "purl": "pkg:npm/b@1"}]}],
  "vulnerabilities": [
    {"id": "CVE-2026-1", "analysis": {"state": "not_affected", "detail": "no call"}, "affects": [{"ref": "r1"}]},
    {"id": "CVE-2026-2", "analysis": {"state": "exploitable"}, "affects": [{"ref": "r2"}]},
    {"id": "CVE-2026-3", "analysis": {"state": "false_positive"}, "affects": [{"ref": "pkg:npm/c@1"}]},
    {"id": "CVE-2026-4", "affects": [{"ref": "r1"}]},
    {"id": "CVE-2026-5", "analysis": {"state": "fine"}, "affects": [{"ref": "r1"}]}
  ]
}`

const csaf = `{
  "document": {"category": "csaf_vex", "tracking": {"current_release_date": "2026-01-01T00:00:00Z"}},
  "product_tree": {"branches": [{"branches": [{"product": {"product_id": "P1", "product_identification_helper": {"purl": "pkg:npm/a@1"}}}]}],
    "full_product_names": [{"product_id": "P2", "product_identification_helper": {"purl": "pkg:npm/b@1"}}]},
  "vulnerabilities": [
    {"cve": "CVE-2026-1", "flags": [{"label": "component_not_present"}],
     "product_status": {"known_not_affected": ["P1"], "known_affected": ["P2"], "recommended": ["P2"]}},
    {"cve": "CVE-2026-2", "product_status": {"odd": ["P1"]}},
    {"title": "x"}
  ]
}`

func TestVEX(t *testing.T) {
	ours := Options{Products: []string{"pkg:oci/ours@sha256:1"}}
	runHold(t, []holdCase{
		{
			name: "OpenVEX", path: "a.openvex.json", text: openVEX, options: ours,
			findings: []*finding.Finding{
				about("pkg:npm/a@1", "CVE-2026-1"), about("pkg:npm/a@2", "CVE-2026-1"), about("pkg:npm/a@1", "GHSA-x"), about("pkg:npm/b@9", "CVE-2026-2"), about("pkg:npm/b@9", "CVE-2026-3"),
				about("pkg:npm/x@1", "CVE-2026-4"), about("pkg:npm/c@1", "CVE-2026-4"), about("pkg:npm/d@1", "CVE-2026-5"), about("pkg:npm/e@1", "CVE-2026-6"), about("pkg:npm/e@1", "CVE-2026-7"),
			},
			want: []int{5, 0, 5, 7, 0, 9, 0, 11, 0, 0},
			errs: []string{`a.openvex.json:12:5: unknown status "harmless"`, "a.openvex.json:13:5: a statement without a vulnerability"},
			problems: []string{
				"it says that the fault stands", "it is about parts of pkg:oci/other, and that this is looked at is not known", "it names no product that is looked at",
			},
		},
		{
			name: "CycloneDX", path: "vex.json", text: cycloneDX,
			findings: []*finding.Finding{
				about("pkg:npm/a@1", "CVE-2026-1"), about("pkg:npm/b@1", "CVE-2026-2"), about("pkg:npm/c@1", "CVE-2026-3"), about("pkg:npm/a@1", "CVE-2026-4"), about("pkg:npm/c@1", "CVE-2026-1"),
			},
			want: []int{5, 0, 7, 0, 0}, errs: []string{`vex.json:9:5: unknown status "fine"`}, problems: []string{"it says that the fault stands"},
		},
		{
			name: "CSAF", path: "x.vex.json", text: csaf,
			findings: []*finding.Finding{about("pkg:npm/a@1", "CVE-2026-1"), about("pkg:npm/b@1", "CVE-2026-1"), about("pkg:npm/a@1", "CVE-2026-2")},
			want:     []int{7, 0, 0},
			errs:     []string{`x.vex.json:8:46: unknown status "odd"`, "x.vex.json:9:5: a vulnerability without cve or ids"},
			problems: []string{"it says that the fault stands"},
		},
		{name: "none of them", path: "vex.json", text: "\n {}", errs: []string{"vex.json:2:2: neither OpenVEX, CycloneDX nor CSAF"}},
		{name: "not JSON", path: "vex.json", text: "{\n \"a\": [1,\n x]}", errs: []string{"vex.json:3:2: not valid JSON"}},
		{name: "two", path: "vex.json", text: "{} {}", errs: []string{"vex.json:1:4: something follows the document"}},
		{name: "cut off", path: "vex.json", text: "{\"a\": 1", errs: []string{"vex.json:1:8: not valid JSON: it ends too early"}},
	})
}

// A flood of statements about one vulnerability must not make findings slow: it holds nothing.
func TestVEXRivals(t *testing.T) {
	one := `{"vulnerability": {"name": "CVE-2026-1"}, "products": ["pkg:npm/a"], "status": "fixed"}`
	f, _ := Parse("vex.json", []byte(`{"@context": "https://openvex.dev/ns", "statements": [`+strings.Repeat(one+",", maxRivals)+one+`]}`), Options{})
	if i := f.Holder(about("pkg:npm/a@1", "CVE-2026-1"), now); i >= 0 {
		t.Errorf("statement %d holds", i)
	}
}
