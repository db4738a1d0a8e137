package shell

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOrigins(t *testing.T) {
	for _, c := range []struct {
		text    string
		want    string // of the first argument of the command named "use"
		dialect Dialect
	}{
		{text: `use "$A"`, want: "$A"},
		{text: `x=$A; use "$x"`, want: "$A"},
		{text: `x=1; use "$x"`, want: ""},
		{text: `x=«h»; use "$x"`, want: "hole 0"},
		{text: `x=$(cat pr.txt); use "$x"`, want: "<pr.txt"},
		{text: `x=$(<pr.txt); use "$x"`, want: "<pr.txt"},
		{text: `read -r x < pr.txt; use "$x"`, want: "<pr.txt"},
		{text: `while read -r x; do use "$x"; done < pr.txt`, want: "<pr.txt"},
		{text: `cat pr.txt | while read -r x; do use "$x"; done`, want: "<pr.txt"},
		{text: `x=$(jq -r .number pr.json); use "$x"`, want: "<pr.json"},
		{text: `x=$(cat "$D/pr.txt" | tr -d '\n'); use "$x"`, want: "$D <$D/pr.txt"},
		{text: `x=$(cat pr.txt | wc -l); use "$x"`, want: ""},
		{text: `x=$(curl -s https://example.com | jq -r .x); use "$x"`, want: "curl"},
		{text: `x=$(gh pr view "$N" --json title); use "$x"`, want: "gh"},
		{text: `x=a; x=$B; use "$x"`, want: "$B"},
		{text: `f() { use "$1"; }; f "$A"`, want: "$A"},
		{text: `x=$y; y=$x; use "$x"`, want: ""},
		{text: `use "$(cat <<< "$A")"`, want: "$A"},
		{text: `$x = Get-Content pr.txt; use $x`, dialect: PowerShell, want: "<pr.txt"},
		{text: `$x = (Get-Content -Path pr.txt); use $x`, dialect: PowerShell, want: "<pr.txt"},
		{text: `$x = $env:A; use "$x"`, dialect: PowerShell, want: "$A"},
	} {
		s := parse(t, c.dialect, c.text)
		var got []string
		for _, cmd := range s.Commands {
			if cmd.Name != "use" {
				continue
			}
			o := s.Origins(cmd.Args[0].Parts)
			for _, v := range o.Variables {
				got = append(got, "$"+v)
			}
			for _, h := range o.Holes {
				got = append(got, fmt.Sprint("hole ", h))
			}
			for _, f := range o.Files {
				got = append(got, "<"+f)
			}
			for _, i := range o.Commands {
				got = append(got, s.Commands[i].Name)
			}
		}
		if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.text, diff)
		}
	}
}
