package shell

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestContexts(t *testing.T) {
	for _, c := range []struct {
		text    string
		want    string
		dialect Dialect
	}{
		{text: `echo «title»`, want: `argument unquoted echo 0 -> "$NAME"`},
		{text: `echo "«title»"`, want: `argument double-quoted echo 0 -> $NAME`},
		{text: `echo "a «title» b"`, want: `argument double-quoted echo 0 -> $NAME`},
		{text: `echo "«title»x"`, want: `argument double-quoted echo 0 -> ${NAME}`},
		{text: `echo '«title»'`, want: `argument single-quoted echo 0 -> '"$NAME"'`},
		{text: `echo $'a«title»'`, want: `argument single-quoted echo 0 -> no`},
		{text: `echo pre-«title»-post`, want: `argument unquoted echo 0 -> "$NAME"`},
		{text: `«title» --x`, want: `command name unquoted  -1 -> no`},
		{text: `./«title»/run`, want: `command name unquoted  -1 -> no`},
		{text: `x=«title»`, want: `assignment unquoted  -1 x -> "$NAME"`},
		{text: `x="«title»"`, want: `assignment double-quoted  -1 x -> $NAME`},
		{text: `export X='«title»'`, want: `assignment single-quoted export -1 X -> '"$NAME"'`},
		{text: "cat <<EOF\n«title»\nEOF", want: `heredoc heredoc cat -1 -> $NAME`},
		{text: "cat <<'EOF'\n«title»\nEOF", want: `heredoc quoted heredoc cat -1 -> no`},
		{text: "cat <<\\EOF\n«title»\nEOF", want: `heredoc quoted heredoc cat -1 -> no`},
		{text: "# «title»\ntrue", want: `comment unquoted  -1 -> no`},
		{text: "true # see «title»", want: `comment unquoted  -1 -> no`},
		{text: `echo "# «title»"`, want: `argument double-quoted echo 0 -> $NAME`},
		{text: `if [ "«title»" = x ]; then :; fi`, want: `argument double-quoted [ 0 -> $NAME`},
		{text: `[[ «title» == x ]]`, want: `test unquoted [[ 0 -> "$NAME"`},
		{text: `case «title» in a) ;; esac`, want: `test unquoted  0 -> "$NAME"`},
		{text: `echo "k=«title»" >> $GITHUB_ENV`, want: `argument double-quoted echo 0 >$GITHUB_ENV -> $NAME`},
		{text: `cat > «title»`, want: `redirection unquoted cat -1 >` + holeMark + ` -> "$NAME"`},
		{text: `bash -c "echo «title»"`, want: `argument double-quoted bash 1 -> no`},
		{text: `bash -c 'echo «title»'`, want: `argument single-quoted bash 1 -> no`},
		{text: `eval "«title»"`, want: `argument double-quoted eval 0 -> no`},
		{text: `python -c "print('«title»')"`, want: `argument double-quoted python 1 -> no`},
		{text: `x=$(echo "«title»")`, want: `argument double-quoted echo 0 -> $NAME`},
		{text: `for i in «title»; do :; done`, want: `argument unquoted  0 -> $NAME`},
		{text: `[[ $x =~ «title»x ]]`, want: `test unquoted [[ 1 -> ${NAME}`},
		{text: `echo "\«title»"`, want: `argument double-quoted echo 0 -> no`},
		{text: "cat <<«EOF»\na\nEOF", want: `code unquoted  -1 -> no`},
		{text: `echo "${x«title»}"`, want: `code unquoted  -1 -> no`},
		{text: `echo $((«title» + 1))`, want: `argument arithmetic echo 0 -> no`},
		{text: `gh pr comment --body "«title»"`, want: `argument double-quoted gh 3 -> $NAME`},
		{text: `sudo echo «title»`, want: `argument unquoted echo 0 -> "$NAME"`},
		{text: `echo ${x:-«title»}`, want: `argument unquoted echo 0 -> "$NAME"`},
		{text: `«title»() { :; }`, want: `code unquoted  -1 -> no`},
		{text: `Write-Host "«title»"`, dialect: PowerShell, want: `argument double-quoted Write-Host 0 -> ${env:NAME}`},
		{text: `Write-Host «title»`, dialect: PowerShell, want: `argument unquoted Write-Host 0 -> $env:NAME`},
		{text: `Write-Host '«title»'`, dialect: PowerShell, want: `argument single-quoted Write-Host 0 -> no`},
		{text: `Write-Host a«title»`, dialect: PowerShell, want: `argument unquoted Write-Host 0 -> no`},
		{text: `$x = "«title»"`, dialect: PowerShell, want: `assignment double-quoted  -1 $x -> ${env:NAME}`},
		{text: "$x = @\"\na «title»\n\"@", dialect: PowerShell, want: `assignment heredoc  -1 $x -> ${env:NAME}`},
		{text: "$x = @'\na «title»\n'@", dialect: PowerShell, want: `assignment quoted heredoc  -1 $x -> no`},
		{text: "# «title»", dialect: PowerShell, want: `comment unquoted  -1 -> no`},
		{text: `if ("«title»" -eq "x") { exit }`, dialect: PowerShell, want: `argument double-quoted  0 -> ${env:NAME}`},
		{text: `echo «title»`, dialect: Cmd, want: `argument unquoted echo 0 -> no`},
		{text: `echo "«title»"`, dialect: Cmd, want: `argument double-quoted echo 0 -> no`},
		{text: `REM «title»`, dialect: Cmd, want: `comment unquoted  -1 -> no`},
		{text: `print("«title»")`, dialect: Python, want: `code unquoted  -1 -> no`},
		{text: "# «title»", dialect: Python, want: `comment unquoted  -1 -> no`},
		{text: "console.log(`«title»`)", dialect: JavaScript, want: `code unquoted  -1 -> no`},
	} {
		s := parse(t, c.dialect, c.text)
		var got []string
		for i, x := range s.Contexts() {
			line := fmt.Sprint(x.Spot, " ", x.Quote, " ", x.Name, " ", x.Arg)
			if x.Assigns != "" {
				line += " " + x.Assigns
			}
			if x.Target != "" {
				line += " >" + x.Target
			}
			text, ok := s.Replacement(i, "NAME")
			if !ok {
				text = "no"
			}
			got = append(got, line+" -> "+text)
		}
		if diff := cmp.Diff(c.want, strings.Join(got, "; ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.text, diff)
		}
	}
}

// TestReplacementIsSafe pastes the replacement and asks whether the variable is used safely there.
func TestReplacementIsSafe(t *testing.T) {
	for _, text := range []string{
		`echo «title»`, `echo "a «title» b"`, `echo 'a «title» b'`, `x=«title»`, `x='«title»'`, "cat <<EOF\n«title»\nEOF",
		`[[ «title» == x ]]`, `gh pr comment --body «title»`, `echo ${x:-«title»}`, `x="$(echo '«title»')"`, `test "«title»" = ""`,
	} {
		in := input(Bash, text)
		s, err := Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		with, ok := s.Replacement(0, "NAME")
		if !ok {
			t.Errorf("%s: no replacement", text)
			continue
		}
		h := in.Holes[0]
		fixed := in.Text[:h.Start] + with + in.Text[h.End:]
		after := parse(t, Bash, fixed)
		uses := usesOf(after, "NAME")
		if len(uses) != 1 || uses[0].Kind != Safe {
			t.Errorf("%s: %v", fixed, uses)
		}
	}
}

func TestHoleOutside(t *testing.T) {
	s, err := Parse(Input{Text: "echo x", Holes: []Range{{Start: 5, End: 9}, {Start: -3, End: 2}, {Start: 4, End: 4}, {Start: 5, End: 6}}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Range{{Start: 5, End: 6}}, s.Holes); diff != "" {
		t.Error(diff)
	}
	for _, hole := range []int{-1, 1} {
		if _, ok := s.Replacement(hole, "X"); ok {
			t.Errorf("hole %d has a replacement", hole)
		}
	}
	if _, ok := s.Replacement(0, "not a name"); ok {
		t.Error("a name that is none")
	}
}
