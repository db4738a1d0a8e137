package cli

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/engine/secret"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/scan"
	"github.com/assaysec/assay/internal/verify"
)

// verify asks providers about the credentials that were found, if --verify says so. Whom it asks is written in the
// program or said by the user, never by the target.
func (a *app) verify(ctx context.Context, seen *scan.Report, f *lookFlags) error {
	if !f.verify {
		return nil
	}
	found, places := verifiable(seen.Findings)
	if len(found) == 0 {
		return nil
	}
	if a.verifier == nil {
		var err error
		if a.verifier, err = a.newVerifier(f); err != nil {
			return err
		}
	}
	list := verify.Pair(found)
	answers, notes := a.verifier.Check(ctx, list)
	for i, answer := range answers {
		seen.Findings[places[i]].Verification = answer.Verification
	}
	for _, n := range append(notes, verify.Summary(list, answers)...) {
		a.note("assay: note: --verify: %s", n)
	}
	return ctx.Err()
}

// verifiable lists the credentials that somebody can be asked about, and the finding that each belongs to.
func verifiable(findings []finding.Finding) (found []verify.Found, places []int) {
	for i := range findings {
		p, ok := findings[i].Properties.(secret.Properties)
		if !ok || p.Verifier == "" || p.Value.IsZero() {
			continue
		}
		place := findings[i].Place
		text := place.Path
		if place.Commit != nil {
			text += "\x00" + place.Commit.ID
		}
		found = append(found, verify.Found{
			Credential: verify.Credential{Verifier: p.Verifier, Value: p.Value},
			Place:      text, Line: place.Start.Line,
		})
		places = append(places, i)
	}
	return found, places
}

func (a *app) newVerifier(f *lookFlags) (*verify.Client, error) {
	o := verify.Options{
		Now:       a.Now,
		Instances: map[string][]string{}, NPMRegistry: a.npmRegistry(),
	}
	var err error
	if o.Transport, err = a.network(); err != nil {
		return nil, err
	}
	for _, p := range verify.All {
		if named := fields(a.Getenv(instanceVariable(p.Name))); len(named) > 0 {
			o.Instances[p.Name] = named
		}
	}
	if !f.noCache {
		o.CacheFolder = a.cacheDir()
	}
	const holds = "ASSAY_VERIFY_CACHE_FOR"
	if text := a.Getenv(holds); text != "" {
		if o.CacheFor, err = time.ParseDuration(text); err != nil || o.CacheFor <= 0 {
			return nil, hint(fmt.Errorf("%s %q is not a time span above zero", holds, text), "write it as 30m or 12h; --no-cache keeps no answers")
		}
	}
	c, err := verify.New(o)
	if err != nil {
		return nil, hint(err, "%s and the like name the addresses to ask, separated by commas", instanceVariable("github"))
	}
	return c, nil
}

// network is the one way to the network.
func (a *app) network() (http.RoundTripper, error) {
	if a.Network != nil {
		return a.Network, nil
	}
	return verify.Transport(a.Getenv)
}

// instanceVariable is the variable that names a provider's instances.
func instanceVariable(name string) string {
	return "ASSAY_VERIFY_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

func fields(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

func (a *app) home() string {
	if home := a.Getenv("HOME"); home != "" {
		return home
	}
	return a.Getenv("USERPROFILE")
}

// npmRegistry is the registry that the user's own npm configuration names. The one that lies in a target is not asked.
func (a *app) npmRegistry() string {
	for _, name := range []string{"npm_config_registry", "NPM_CONFIG_REGISTRY"} {
		if v := a.Getenv(name); v != "" {
			return v
		}
	}
	home := a.home()
	if home == "" {
		return ""
	}
	text, err := readNamed(filepath.Join(home, ".npmrc"))
	if err != nil {
		return ""
	}
	return verify.Registry(text)
}
