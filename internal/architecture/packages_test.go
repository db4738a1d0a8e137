package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/assaysec/assay/"

// A pkg is what the files of one folder say without their tests.
type pkg struct {
	path     string   // from the root of the repository
	imports  []string // of ours, from the root
	standard []string // of others
	init     []string // positions of init functions
	docs     bool     // some file documents the package
	code     bool     // it has files that are not tests
}

// packages reads the packages of the program.
func packages(t *testing.T) []pkg {
	t.Helper()
	found := map[string]*pkg{}
	root := os.DirFS("../..")
	for _, top := range []string{"cmd", "internal"} {
		err := fs.WalkDir(root, top, func(p string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && d.Name() == "testdata":
				return fs.SkipDir
			case d.IsDir() || !strings.HasSuffix(p, ".go"):
				return nil
			}
			dir := path.Dir(p)
			if found[dir] == nil {
				found[dir] = &pkg{path: dir}
			}
			if strings.HasSuffix(p, "_test.go") {
				return nil
			}
			text, err := fs.ReadFile(root, p)
			if err != nil {
				return err
			}
			return found[dir].add(p, text)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var all []pkg
	for _, dir := range slices.Sorted(maps.Keys(found)) {
		all = append(all, *found[dir])
	}
	return all
}

func (p *pkg) add(name string, text []byte) error {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	p.code = true
	p.docs = p.docs || file.Doc != nil
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		list := &p.standard
		if ours, ok := strings.CutPrefix(imported, module); ok {
			imported, list = ours, &p.imports
		}
		if !slices.Contains(*list, imported) {
			*list = append(*list, imported)
		}
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
			p.init = append(p.init, set.Position(f.Pos()).String())
		}
	}
	return nil
}
