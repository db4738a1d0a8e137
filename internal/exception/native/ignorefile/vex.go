package ignorefile

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/exception/native"
	"github.com/assaysec/assay/internal/finding"
)

// readVEX reads a statement of VEX by its form: OpenVEX (openvex.dev/ns), CycloneDX (cyclonedx.org, "vulnerabilities",
// "analysis") or CSAF 2.0 (docs.oasis-open.org/csaf, "product_status").
func readVEX(f *File, content []byte, o Options) {
	f.Tool, f.keys = native.VEX, keysOf(native.VEX)
	top := f.tree(content, true)
	if top == nil {
		return
	}
	v := &vex{File: f, products: o.Products}
	switch {
	case strings.HasPrefix(top.str("@context"), "https://openvex.dev/ns"):
		v.openVEX(top)
	case top.str("bomFormat") == "CycloneDX":
		v.cycloneDX(top)
	case strings.HasPrefix(top.get("document").str("category"), "csaf"):
		v.csaf(top)
	default:
		f.fault(top.line, top.column, "neither OpenVEX, CycloneDX nor CSAF", "want @context, bomFormat or document.category")
		return
	}
	v.finish()
}

// A statement says of vulnerabilities in products whether they matter there.
type statement struct {
	entry   Entry
	clears  bool // the finding is none; otherwise it stands, also against an earlier statement
	about   []string
	when    time.Time
	covers  func(*finding.Finding) bool
	ignored string // why it holds nothing, though it would clear
}

type vex struct {
	*File
	products   []string
	statements []statement
}

// status reads a word that says what becomes of a vulnerability.
func (v *vex) status(e Entry, word string, clearing, standing []string) (clears, ok bool) {
	switch {
	case slices.Contains(clearing, word):
		return true, true
	case slices.Contains(standing, word):
		return false, true
	}
	v.reject(e, "unknown status "+strconv.Quote(word), "want "+strings.Join(slices.Concat(clearing, standing), ", "))
	return false, false
}

func (v *vex) openVEX(top *node) {
	for _, n := range top.list("statements") {
		e := n.entry()
		s := statement{about: openVEXNames(n.get("vulnerability"))}
		e.Rules, e.Reason = s.about, strings.TrimSpace(strings.Join([]string{n.str("justification"), n.str("impact_statement"), n.str("status_notes")}, " "))
		if len(s.about) == 0 {
			v.reject(e, "a statement without a vulnerability", "write \"vulnerability\": {\"name\": \"CVE-2026-0001\"}")
			continue
		}
		var ok bool
		if s.clears, ok = v.status(e, n.str("status"), []string{"not_affected", "fixed"}, []string{"affected", "under_investigation"}); !ok {
			continue
		}
		s.when = when(n.str("last_updated"), n.str("timestamp"), top.str("last_updated"), top.str("timestamp"))
		s.entry, s.ignored = e, ""
		v.openVEXProducts(&s, n.list("products"))
		v.statements = append(v.statements, s)
	}
}

// openVEXNames are the names of a vulnerability: a text in the first version, an object since.
func openVEXNames(n *node) []string {
	if n == nil {
		return nil
	}
	var names []string
	if n.form == scalar && n.text != "" {
		return []string{n.text}
	}
	if name := n.str("name"); name != "" {
		names = append(names, name)
	}
	aliases, _ := n.get("aliases").texts()
	return append(names, aliases...)
}

func when(texts ...string) time.Time {
	for _, text := range texts {
		if t, ok := day(text); ok {
			return t
		}
	}
	return time.Time{}
}

// openVEXProducts limits a statement to products: packages, or parts of what is being looked at.
func (v *vex) openVEXProducts(s *statement, products []*node) {
	var whole, parts, unknown []string
	for _, p := range products {
		ids := openVEXIDs(p)
		var below []string
		for _, sub := range p.list("subcomponents") {
			below = append(below, openVEXIDs(sub)...)
		}
		switch ours := slices.ContainsFunc(ids, v.isOurs); {
		case len(below) == 0:
			whole = append(whole, ids...)
		case ours:
			parts = append(parts, below...)
		default:
			unknown = append(unknown, ids...)
		}
	}
	s.entry.Where = strings.Join(slices.Concat(whole, parts, unknown), ", ")
	if len(whole) == 0 && len(parts) == 0 {
		s.ignored = "it names no product that is looked at"
		if len(unknown) > 0 {
			s.ignored = "it is about parts of " + strings.Join(unknown, ", ") + ", and that this is looked at is not known"
		}
	}
	s.covers = v.about(whole, parts)
}

func openVEXIDs(n *node) []string {
	if n.form == scalar {
		return []string{n.text}
	}
	var ids []string
	for _, id := range []string{n.str("@id"), n.get("identifiers").str("purl")} {
		if id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

func (v *vex) isOurs(id string) bool {
	return slices.ContainsFunc(v.products, func(p string) bool { return coversText(id, p) })
}

// about reports whether a finding is in one of some packages, or in anything of a product that is looked at.
func (v *vex) about(whole, parts []string) func(*finding.Finding) bool {
	everything := slices.ContainsFunc(whole, v.isOurs)
	packages := setOf(slices.Concat(whole, parts))
	return func(x *finding.Finding) bool { return everything || packages.cover(x.Place.Package) }
}

// The states of an analysis in CycloneDX.
var (
	cycloneClearing = []string{"not_affected", "false_positive", "resolved", "resolved_with_pedigree"}
	cycloneStanding = []string{"exploitable", "in_triage"}
)

func (v *vex) cycloneDX(top *node) {
	refs := map[string]string{}
	component(top.get("metadata").get("component"), refs, 0)
	for _, c := range top.list("components") {
		component(c, refs, 0)
	}
	for _, n := range top.list("vulnerabilities") {
		e := n.entry()
		a := n.get("analysis")
		if a == nil {
			continue // a finding of somebody, not a statement about one
		}
		s := statement{about: []string{n.str("id")}, when: when(a.str("lastUpdated"), a.str("firstIssued"))}
		e.Rules, e.Reason = s.about, strings.TrimSpace(a.str("justification")+" "+a.str("detail"))
		if n.str("id") == "" {
			v.reject(e, "a vulnerability without an id", "")
			continue
		}
		var ok bool
		if s.clears, ok = v.status(e, a.str("state"), cycloneClearing, cycloneStanding); !ok {
			continue
		}
		var products []string
		for _, affected := range n.list("affects") {
			ref := affected.str("ref")
			if purl, ok := refs[ref]; ok {
				ref = purl
			}
			products = append(products, ref)
		}
		e.Where, s.entry, s.covers = strings.Join(products, ", "), e, v.about(products, nil)
		if len(products) == 0 {
			s.ignored = "it names no product that is looked at"
		}
		v.statements = append(v.statements, s)
	}
}

// component notes the package URLs of a component and those in it by their references.
func component(n *node, refs map[string]string, depth int) {
	if n == nil || depth > maxDepth {
		return
	}
	if ref, purl := n.str("bom-ref"), n.str("purl"); ref != "" && purl != "" {
		refs[ref] = purl
	}
	for _, c := range n.list("components") {
		component(c, refs, depth+1)
	}
}

func (v *vex) csaf(top *node) {
	products := map[string]string{}
	branch(top.get("product_tree"), products, 0)
	released := when(top.get("document").get("tracking").str("current_release_date"))
	for _, n := range top.list("vulnerabilities") {
		names := csafNames(n)
		if len(names) == 0 {
			v.reject(n.entry(), "a vulnerability without cve or ids", "")
			continue
		}
		status := n.get("product_status")
		if status == nil || status.form != mapping {
			continue
		}
		for i, key := range status.keys {
			v.csafStatus(key, status.items[i], names, products, released, csafReason(n))
		}
	}
}

func csafNames(n *node) []string {
	var names []string
	if cve := n.str("cve"); cve != "" {
		names = append(names, cve)
	}
	for _, id := range n.list("ids") {
		if text := id.str("text"); text != "" {
			names = append(names, text)
		}
	}
	return names
}

func csafReason(n *node) string {
	for _, key := range []string{"flags", "threats", "notes"} {
		for _, item := range n.list(key) {
			if text := cmp.Or(item.str("label"), item.str("details"), item.str("text")); text != "" {
				return text
			}
		}
	}
	return ""
}

func (v *vex) csafStatus(key, ids *node, names []string, products map[string]string, released time.Time, reason string) {
	e := key.entry()
	e.Rules, e.Reason = names, reason
	clears, ok := v.status(e, key.text, []string{"known_not_affected", "fixed", "first_fixed"},
		[]string{"known_affected", "first_affected", "last_affected", "under_investigation", "recommended"})
	texts, list := ids.texts()
	if !ok || !list || key.text == "recommended" {
		return
	}
	for i, id := range texts {
		if purl, ok := products[id]; ok {
			texts[i] = purl
		}
	}
	if !clears {
		e.Reason = ""
	}
	e.Where = strings.Join(texts, ", ")
	v.statements = append(v.statements, statement{entry: e, clears: clears, about: names, when: released, covers: v.about(texts, nil)})
}

// branch notes the package URLs of a product tree by the products' identifiers.
func branch(n *node, products map[string]string, depth int) {
	if n == nil || depth > maxDepth {
		return
	}
	for _, p := range slices.Concat(n.list("full_product_names"), []*node{n.get("product")}) {
		if id, purl := p.str("product_id"), p.get("product_identification_helper").str("purl"); id != "" && purl != "" {
			products[id] = purl
		}
	}
	for _, b := range n.list("branches") {
		branch(b, products, depth+1)
	}
}

// finish makes entries of the statements. Of several about one vulnerability in one product the latest counts, and of
// equals the last in the file: a statement that says that a product is affected takes back what was said before.
func (v *vex) finish() {
	slices.SortStableFunc(v.statements, func(a, b statement) int { return -a.when.Compare(b.when) })
	byName := map[string][]int{}
	for i := range v.statements {
		for _, name := range v.statements[i].about {
			key := keyOf(native.VEX, name)
			byName[key] = append(byName[key], i)
		}
	}
	for i := range v.statements {
		s := &v.statements[i]
		if s.ignored != "" && s.clears {
			s.entry.Problem = s.ignored
		} else if !s.clears {
			s.entry.Problem = "it says that the fault stands"
		}
		s.entry.holds = v.latest(i, byName)
		var keys []string
		for _, name := range s.about {
			keys = append(keys, keyOf(native.VEX, name))
		}
		v.add(s.entry, keys...)
	}
}

// maxRivals is how many statements about one vulnerability are compared. More of them hold nothing.
const maxRivals = 100

// latest reports whether a statement is the latest that covers a finding under one of its names.
func (v *vex) latest(i int, byName map[string][]int) func(*finding.Finding) bool {
	return func(x *finding.Finding) bool {
		if !v.statements[i].covers(x) {
			return false
		}
		for _, name := range v.statements[i].about {
			rivals := byName[keyOf(native.VEX, name)]
			if len(rivals) > maxRivals {
				return false
			}
			for _, j := range rivals {
				if other := &v.statements[j]; v.before(j, i) && !other.clears && other.covers(x) {
					return false
				}
			}
		}
		return true
	}
}

// before reports whether statement j counts more than i.
func (v *vex) before(j, i int) bool {
	a, b := &v.statements[j], &v.statements[i]
	if !a.when.Equal(b.when) {
		return a.when.After(b.when)
	}
	return a.entry.Line > b.entry.Line
}
