package html

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/reporttest"
)

func TestWrite(t *testing.T) { reporttest.All(t, Write, ".html") }

func BenchmarkWrite(b *testing.B) { reporttest.Growth(b, Write) }

func render(t *testing.T, d *report.Document) string {
	t.Helper()
	return reporttest.Render(t, Write, d, report.Options{})
}

// tokens reads a page as XML with HTML's void elements and entities. The page is written so that this works, which makes
// it possible to see its elements without a browser: an element out of place fails.
func tokens(t *testing.T, page string) []xml.Token {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict = false
	d.AutoClose = []string{"meta", "input"}
	d.Entity = xml.HTMLEntity
	var all []xml.Token
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, xml.CopyToken(token))
	}
}

// known are the elements and the attributes that the template writes.
var (
	knownElements = strings.Fields(`html head meta title style body a header div p span h1 h2 h3 ul ol li b code main section figure
		figcaption svg desc defs pattern rect g text circle line path small details summary table caption thead tbody tr th td form
		label input fieldset legend pre mark dl dt dd footer script`)
	knownAttributes = strings.Fields(`lang charset http-equiv content name class href aria-hidden aria-labelledby aria-label aria-live
		viewBox role id width height patternUnits patternTransform x y rx text-anchor cx cy r stroke-dasharray stroke-dashoffset x1 y1
		x2 y2 d scope tabindex hidden type autocomplete spellcheck placeholder value checked data-group data-label colspan open`)
)

// TestHostile holds that the target adds no element, no attribute and no link.
func TestHostile(t *testing.T) {
	for _, token := range tokens(t, render(t, reporttest.Hostile())) {
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if !slices.Contains(knownElements, start.Name.Local) {
			t.Errorf("element %s", start.Name.Local)
		}
		for _, a := range start.Attr {
			if !slices.Contains(knownAttributes, a.Name.Local) {
				t.Errorf("attribute %s of %s", a.Name.Local, start.Name.Local)
			}
			if a.Name.Local == "href" && !regexp.MustCompile(`^#[a-z0-9]+$`).MatchString(a.Value) {
				t.Errorf("link to %q", a.Value)
			}
		}
	}
}

// shape is the list of elements with their numbers, by which a target that adds one would be seen.
func shape(t *testing.T, d *report.Document) map[string]int {
	t.Helper()
	n := map[string]int{}
	for _, token := range tokens(t, render(t, d)) {
		if start, ok := token.(xml.StartElement); ok {
			n[start.Name.Local]++
		}
	}
	return n
}

// TestHostileShape compares the page with that of the same document with harmless texts of its own.
func TestHostileShape(t *testing.T) {
	want := shape(t, tame(reporttest.Hostile()))
	got := shape(t, reporttest.Hostile())
	for _, name := range []string{"script", "style", "h1", "form", "input", "tbody", "details", "pre", "a"} {
		if got[name] != want[name] {
			t.Errorf("%d elements %s, want %d", got[name], name, want[name])
		}
	}
}

var letters = regexp.MustCompile(`[^\n]+`)

func tame(d *report.Document) *report.Document {
	for i := range d.Findings {
		f := &d.Findings[i]
		f.Title, f.Message, f.Owner = "title", "message", "owner"
		f.Advice = letters.ReplaceAllString(f.Advice, "x") // lines to paste stay such lines
		for j := range f.Place.Frame.Lines {
			f.Place.Frame.Lines[j] = "harmless"
		}
	}
	return d
}

func TestPolicy(t *testing.T) {
	page := render(t, reporttest.Recorded())
	scripts := regexp.MustCompile(`(?s)<script>(.*?)</script>`).FindAllStringSubmatch(page, -1)
	if len(scripts) != 1 {
		t.Fatalf("%d scripts", len(scripts))
	}
	hash := sha256.Sum256([]byte(scripts[0][1]))
	var policy string
	for _, token := range tokens(t, page) {
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "meta" && start.Attr[0].Value == "Content-Security-Policy" {
			policy = start.Attr[1].Value
		}
	}
	want := "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'; base-uri 'none'; form-action 'none'"
	if diff := cmp.Diff(want, policy); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if regexp.MustCompile(`(?i)@import|url\([^#]|https?:|expression\(`).MatchString(style + script + pageText) {
		t.Error("the page names something outside")
	}
}

func TestNames(t *testing.T) {
	ids := map[string]bool{}
	var refs []string
	for _, token := range tokens(t, render(t, reporttest.Recorded())) {
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range start.Attr {
			switch a.Name.Local {
			case "id":
				if ids[a.Value] {
					t.Errorf("ID %s is not unique", a.Value)
				}
				ids[a.Value] = true
			case "href":
				refs = append(refs, strings.TrimPrefix(a.Value, "#"))
			case "aria-labelledby":
				refs = append(refs, strings.Fields(a.Value)...)
			}
		}
	}
	for _, ref := range refs {
		if !ids[ref] {
			t.Errorf("nothing has the ID %s", ref)
		}
	}
}

func TestGapsAreNeverClean(t *testing.T) {
	for _, d := range []*report.Document{reporttest.Failed(), reporttest.Empty()} {
		page := render(t, d)
		if !strings.Contains(page, "Not proven clean") || strings.Contains(page, `class="verdict allow"`) || strings.Contains(page, "everything that had to be checked was") {
			t.Error("looks clean")
		}
	}
	if !strings.Contains(render(t, reporttest.Clean()), `class="verdict allow"`) {
		t.Error("clean is not allowed")
	}
}

func TestTooManyFindings(t *testing.T) {
	page := render(t, reporttest.Huge(MaxFindings+400)) // of which 320 only inform
	if n := strings.Count(page, "<tbody id="); n != MaxFindings {
		t.Errorf("%d rows", n)
	}
	if n := strings.Count(page, `<details open="open">`); n != maxOpen {
		t.Errorf("%d findings are open", n)
	}
	if !strings.Contains(page, "And 87 more areas: ") {
		t.Error("the areas that are not drawn are not counted")
	}
	if !strings.Contains(page, "The table holds the first 2,000 findings; 80 are left out.") {
		t.Error("what was left out is not counted")
	}
}

func TestCode(t *testing.T) {
	long := strings.Repeat("ä", maxColumns)
	for in, want := range map[string]string{
		"## heading": "## heading", "\tx": "    x", long: long, long + "x": long + "…", "##[error]": `\u{23}#[error]`,
	} {
		if got := code(in); got != want {
			t.Errorf("code(%q) = %q, want %q", in, got, want)
		}
	}
}
