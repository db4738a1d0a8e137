package expr_test

import (
	"fmt"

	"github.com/assaysec/assay/internal/expr"
	"github.com/assaysec/assay/internal/litscan"
)

// Many expressions share one search for literals; each then looks around its own hits.
func Example() {
	e, err := expr.Compile(`(?i)\b(?:password|token)\s*=\s*"([^"]{4,})"`)
	if err != nil {
		fmt.Println(err)
		return
	}
	set, err := litscan.New(e.Literals)
	if err != nil {
		fmt.Println(err)
		return
	}
	text := []byte(`user = "alice" Password = "open sesame" tokens = "none"`)
	var m expr.Machine
	for _, loc := range m.FindAll(nil, e, text, set.Append(nil, text)) {
		fmt.Printf("%d %s\n", loc[0], text[loc[2]:loc[3]])
	}
	// Output: 15 open sesame
}

func ExampleCompile() {
	_, err := expr.Compile(`secret(?!s)`)
	fmt.Println(err)
	// Output: negative lookahead `(?!` at byte 7: RE2 has no such thing; match more and exclude the unwanted with an allowlist
}
