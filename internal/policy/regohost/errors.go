package regohost

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/assaysec/assay/internal/diagnostic"
)

func position(l *ast.Location) diagnostic.Position {
	if l == nil {
		return diagnostic.Position{}
	}
	return diagnostic.Position{File: l.File, Line: l.Row, Column: max(1, l.Col)} // 0 at the end of a file
}

// A failure is an error of an evaluation, at the expression that failed.
type failure struct {
	at  diagnostic.Position
	err error
}

func (f *failure) Error() string { return f.at.String() + ": " + f.err.Error() }

func (f *failure) Unwrap() error { return f.err }

// at adds the place to an error that has none yet.
func at(l *ast.Location, err error) error {
	var f *failure
	if err == nil || errors.Is(err, errStop) || errors.As(err, &f) || l == nil {
		return err
	}
	var e *topdown.Error
	if errors.As(err, &e) {
		err = errors.New(e.Message)
	}
	return &failure{position(l), err}
}

// explainSyntax turns a parser's complaint into ours. Rego as it was before version 1 parses in another way, and then the
// advice is how to write it now.
func explainSyntax(path, text string, err error) error {
	e := &diagnostic.Error{At: diagnostic.Position{File: path, Line: 1, Column: 1}, Problem: oneLine(err.Error())}
	var list ast.Errors
	if errors.As(err, &list) && len(list) > 0 {
		e.Problem = oneLine(list[0].Message)
		if list[0].Location != nil {
			e.At = position(list[0].Location)
			e.At.File = path
		}
	}
	if _, err := ast.ParseModuleWithOpts(path, text, ast.ParserOptions{RegoVersion: ast.RegoV0}); err == nil {
		e.Hint = "this is Rego before version 1, now it is written: deny contains message if { … }; a rule that is not a set: name if { … }"
	}
	return e
}

// oneLine also bounds a message, which may print types of any size.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 500 {
		s = strings.ToValidUTF8(s[:500], "") + "…"
	}
	return s
}

func explainAll(list ast.Errors) error {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b *ast.Error) int {
		if a.Location == nil || b.Location == nil {
			return 0
		}
		return a.Location.Compare(b.Location)
	})
	var errs []error
	for _, e := range list {
		errs = append(errs, explain(e))
	}
	return errors.Join(errs...)
}

func explain(e *ast.Error) error {
	err := &diagnostic.Error{At: position(e.Location), Problem: oneLine(e.Message)}
	name, _, missing := strings.Cut(strings.TrimPrefix(e.Message, "undefined function "), "\n")
	switch detail := e.Details.(type) {
	case *ast.RefErrInvalidDetail:
		explainName(err, detail)
	case *ast.RefErrUnsupportedDetail:
		err.Problem = fmt.Sprintf("%v has no members, so there is no %v", detail.Ref[:detail.Pos+1], detail.Ref)
	default:
		if missing = strings.HasPrefix(e.Message, "undefined function "); missing {
			explainFunction(err, name)
		}
	}
	return err
}

// explainName names the place of the word that is not known, which lies behind where its reference begins.
func explainName(err *diagnostic.Error, detail *ast.RefErrInvalidDetail) {
	part := detail.Ref[detail.Pos]
	word, ok := part.Value.(ast.String)
	if !ok {
		err.Problem = fmt.Sprintf("%v cannot be a key of %v", part, detail.Ref[:detail.Pos])
		return
	}
	if part.Location != nil && part.Location.File != "" {
		err.At = position(part.Location)
	}
	var known []string
	for _, v := range detail.OneOf {
		if s, ok := v.(ast.String); ok {
			known = append(known, string(s))
		}
	}
	err.Problem = fmt.Sprintf("unknown name %q", string(word))
	err.Problem += diagnostic.DidYouMean(string(word), known)
	if len(known) > 0 {
		err.Hint = "known are " + strings.Join(known, ", ")
	}
}

// unknownKey is for a name that a rule put together, so that nobody could refuse it before.
func unknownKey(object ast.Object, key *ast.Term) error {
	word, ok := key.Value.(ast.String)
	if !ok {
		return fmt.Errorf("%v cannot be a name", key)
	}
	var known []string
	object.Foreach(func(k, _ *ast.Term) {
		if s, ok := k.Value.(ast.String); ok {
			known = append(known, string(s))
		}
	})
	return fmt.Errorf("unknown name %q%s", string(word), diagnostic.DidYouMean(string(word), known))
}

func explainFunction(err *diagnostic.Error, name string) {
	if ast.BuiltinMap[name] != nil {
		err.Problem = name + " is not available: rules reach no network, environment, randomness or program"
		return
	}
	var known []string
	for _, b := range ast.Builtins {
		if !removed(b.Name) && !strings.HasPrefix(b.Name, "internal.") {
			known = append(known, b.Name)
		}
	}
	err.Problem = fmt.Sprintf("unknown function %q", name)
	err.Problem += diagnostic.DidYouMean(name, known)
}
