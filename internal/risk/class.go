package risk

import (
	"path"
	"strings"
)

// A Class is what a path says about the role of a file. The zero value is product code: that is what a path without a
// hint, and no path at all, count as.
type Class string

// The classes.
const (
	InProduct  Class = ""
	InTest     Class = "test code"
	InExample  Class = "an example"
	InVendored Class = "vendored code"
)

var folderClasses = map[string]Class{
	"test": InTest, "tests": InTest, "testdata": InTest, "test-data": InTest, "test_data": InTest, "testcases": InTest,
	"testutil": InTest, "testutils": InTest, "__tests__": InTest, "spec": InTest, "specs": InTest, "fixtures": InTest,
	"__fixtures__": InTest, "test-fixtures": InTest, "mocks": InTest, "__mocks__": InTest, "e2e": InTest,
	"example": InExample, "examples": InExample, "sample": InExample, "samples": InExample, "demo": InExample, "demos": InExample,
	"vendor": InVendored, "node_modules": InVendored, "third_party": InVendored, "bower_components": InVendored,
}

// ClassOf reads the class from the folders of a path, the outermost first, and from the usual names of test files.
func ClassOf(p string) Class {
	elements := strings.FieldsFunc(p, func(r rune) bool { return r == '/' || r == '!' })
	if len(elements) == 0 {
		return InProduct
	}
	for _, folder := range elements[:len(elements)-1] {
		if c := classOfFolder(strings.ToLower(folder)); c != InProduct {
			return c
		}
	}
	name := strings.ToLower(elements[len(elements)-1])
	stem := strings.TrimSuffix(name, path.Ext(name))
	for _, suffix := range []string{"_test", ".test", ".spec", "_spec"} {
		if strings.HasSuffix(stem, suffix) {
			return InTest
		}
	}
	if strings.HasPrefix(name, "test_") && strings.HasSuffix(name, ".py") {
		return InTest
	}
	if strings.HasSuffix(name, ".example") || strings.HasSuffix(name, ".sample") || strings.HasSuffix(stem, ".example") {
		return InExample
	}
	return InProduct
}

// classOfFolder knows folders by their names, and those of tests beside a module by their endings, such as Shop.Tests.
func classOfFolder(name string) Class {
	if c := folderClasses[name]; c != InProduct {
		return c
	}
	for _, ending := range []string{"test", "tests"} {
		if rest, ok := strings.CutSuffix(name, ending); ok && rest != "" && strings.ContainsRune(".-_", rune(rest[len(rest)-1])) {
			return InTest
		}
	}
	return InProduct
}
