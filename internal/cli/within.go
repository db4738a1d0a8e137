package cli

import (
	"fmt"
	"path"
	"reflect"
	"strings"

	"github.com/assaysec/assay/internal/config"
	"github.com/assaysec/assay/internal/policy"
)

// within says that the target is a folder, of whose repository the settings above hold as well.
func (s *settings) within(above *settings, h house, folder string) {
	s.above, s.aboveHouse, s.folder = above, h, folder
	if above.own {
		s.speaks = h
	}
	if keys := s.config.Unheard(above.config); len(keys) > 0 {
		s.notes = append(s.notes, fmt.Sprintf("%s: the repository's files say more strictly, or for all of it: %s; that holds here",
			path.Join(folder, config.Name), strings.Join(keys, ", ")))
	}
	s.bow()
}

// bow lets what the files above say hold.
func (s *settings) bow() {
	if s.above == nil {
		return
	}
	s.config = s.config.Below(s.above.config, upFrom(s.folder))
	if s.catalog != nil && s.above.catalog != nil {
		s.catalog = s.catalog.Within(s.above.catalog, s.folder)
	}
}

// upFrom leads from a folder to the top.
func upFrom(folder string) string { return strings.Repeat("../", strings.Count(folder, "/")+1) }

// named is where the files lie that the configuration names.
func (s *settings) named(h house) house {
	if s.speaks != nil {
		return s.speaks
	}
	return h
}

// gate gives what is said about a stage. A folder's file can tighten what the files above it say, and not loosen it.
func (s *settings) gate(stage string) []policy.Scope {
	scopes := s.config.Gate(stage)
	if s.above == nil {
		return scopes
	}
	if reflect.DeepEqual(scopes[0].Text, policy.Text{}) {
		scopes = scopes[1:]
	}
	var above []policy.Scope
	for _, scope := range s.above.config.Gate(stage) {
		if scope.Folder == "" || strings.HasPrefix(s.folder+"/", scope.Folder+"/") {
			scope.Folder = ""
			above = append(above, scope)
		}
	}
	return append(above, scopes...)
}
