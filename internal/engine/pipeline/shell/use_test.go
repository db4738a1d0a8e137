package shell

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUses(t *testing.T) {
	for _, c := range []struct {
		text    string
		want    string // the kinds of the uses of T
		dialect Dialect
	}{
		{text: `echo "$T"`, want: "safe"},
		{text: `echo "${T}"`, want: "safe"},
		{text: `printf '%s' "$T"`, want: "safe"},
		{text: `test "$T" = x`, want: "safe"},
		{text: `[ -n "$T" ]`, want: "safe"},
		{text: `[[ $T == x ]]`, want: "safe"},
		{text: `gh pr edit --title "$T"`, want: "safe"},
		{text: `git commit -m "$T"`, want: "safe"},
		{text: `x=$T`, want: "safe"},
		{text: `case $T in a) ;; esac`, want: "safe"},
		{text: `cat <<< $T`, want: "safe"},
		{text: "cat <<EOF\n$T\nEOF", want: "safe"},
		{text: "cat <<'EOF'\n$T\nEOF", want: ""},
		{text: `echo '$T'`, want: ""},
		{text: `echo "${#T}"`, want: "safe"},
		{text: `echo ${T:+set}`, want: "safe"},
		{text: `bash -c 'echo "$1"' _ "$T"`, want: "safe"},
		{text: `bash script.sh "$T"`, want: "safe"},
		{text: `jq --arg t "$T" '.x = $t'`, want: "safe"},
		{text: `awk -v t="$T" '{print t}'`, want: "safe"},
		{text: `git checkout -- "$T"`, want: "safe"},
		{text: `curl "https://example.com/$T"`, want: "safe"},
		{text: `sed "s/a/b/" "$T"`, want: "safe"},

		{text: `echo $T`, want: "split"},
		{text: `echo pre$T`, want: "split"},
		{text: `[ $T = x ]`, want: "split"},
		{text: `for i in $T; do :; done`, want: "split"},
		{text: `echo "$T" | xargs rm`, want: "split"},

		{text: `git checkout "$T"`, want: "option"},
		{text: `curl "$T"`, want: "option"},
		{text: `tar cf x.tar "$T"`, want: "option"},

		{text: `printf "$T"`, want: "format"},
		{text: `echo x > "$T"`, want: "path"},

		{text: `eval "$T"`, want: "eval"},
		{text: `eval echo $T`, want: "eval"},
		{text: `bash -c "$T"`, want: "eval"},
		{text: `bash -ec "echo $T"`, want: "eval"},
		{text: `sh -c "echo '$T'"`, want: "eval"},
		{text: `sudo sh -c "echo $T"`, want: "eval"},
		{text: `ssh u@h "echo $T"`, want: "eval"},
		{text: `ssh -p 22 -i k u@h "echo $T"`, want: "eval"},
		{text: `echo x | xargs sh -c "echo $T"`, want: "eval"},
		{text: `docker run i sh -c "echo $T"`, want: "eval"},
		{text: `docker exec c bash -lc "echo $T"`, want: "eval"},
		{text: `kubectl exec p -- sh -c "echo $T"`, want: "eval"},
		{text: `find . -exec sh -c "echo $T" \;`, want: "eval"},
		{text: `python -c "print('$T')"`, want: "eval"},
		{text: `python3 -c "$T"`, want: "eval"},
		{text: `node -e "console.log('$T')"`, want: "eval"},
		{text: `perl -ne "print '$T'"`, want: "eval"},
		{text: `ruby -e "puts '$T'"`, want: "eval"},
		{text: `php -r "echo '$T';"`, want: "eval"},
		{text: `trap "echo $T" EXIT`, want: "eval"},
		{text: `echo "$T" | bash`, want: "eval"},
		{text: `echo "$T" | tee x | sh`, want: "eval"},
		{text: "bash <<EOF\necho $T\nEOF", want: "eval"},
		{text: "python - <<EOF\nprint('$T')\nEOF", want: "eval"},
		{text: "ssh u@h <<EOF\necho $T\nEOF", want: "eval"},
		{text: `bash <<< "$T"`, want: "eval"},
		{text: `echo "$T" | xargs -I{} sh -c 'echo {}'`, want: "eval"},
		{text: `export "$T"`, want: "eval"},
		{text: `echo ${!T}`, want: "eval"},
		{text: `echo "${T@P}"`, want: "eval"},

		{text: `awk "/$T/ {print}" f`, want: "program"},
		{text: `sed "s/a/$T/" f`, want: "program"},
		{text: `sed -i -e "s|a|$T|" f`, want: "program"},
		{text: `jq ".x = \"$T\"" f`, want: "query"},
		{text: `mysql -e "select '$T'"`, want: "query"},

		{text: `$T`, want: "command name"},
		{text: `"$T" --x`, want: "command name"},
		{text: `./"$T"`, want: "command name"},
		{text: `sudo "$T"`, want: "command name"},
		{text: `source "$T"`, want: "command name"},
		{text: `bash "$T"`, want: "command name"},

		{text: `echo $((T + 1))`, want: "arithmetic"},
		{text: `echo $(( $T + 1 ))`, want: "arithmetic"},
		{text: `((T > 1))`, want: "arithmetic"},
		{text: `[[ $T -gt 1 ]]`, want: "arithmetic"},
		{text: `let x=T+1`, want: "arithmetic"},
		{text: `echo "${a[$T]}"`, want: "arithmetic"},
		{text: `[ "$T" -gt 1 ]`, want: "safe"},

		{text: `Write-Host $env:T`, dialect: PowerShell, want: "safe"},
		{text: `Write-Host "a $env:T"`, dialect: PowerShell, want: "safe"},
		{text: `Write-Host "a ${env:T}"`, dialect: PowerShell, want: "safe"},
		{text: `Write-Host '$env:T'`, dialect: PowerShell, want: ""},
		{text: `Write-Host $T`, dialect: PowerShell, want: ""},
		{text: `iex $env:T`, dialect: PowerShell, want: "eval"},
		{text: `Invoke-Expression "echo $env:T"`, dialect: PowerShell, want: "eval"},
		{text: `$env:T | iex`, dialect: PowerShell, want: "eval"},
		{text: `Write-Output $env:T | iex`, dialect: PowerShell, want: "eval"},
		{text: `& $env:T`, dialect: PowerShell, want: "command name"},
		{text: `cmd /c "echo $env:T"`, dialect: PowerShell, want: "eval"},
		{text: `pwsh -Command "echo $env:T"`, dialect: PowerShell, want: "eval"},
		{text: `echo %T%`, dialect: Cmd, want: "eval"},
		{text: `echo "%T%"`, dialect: Cmd, want: "eval"},
		{text: `echo !T!`, dialect: Cmd, want: "split"},
	} {
		s := parse(t, c.dialect, c.text)
		var got []string
		for _, u := range usesOf(s, "T") {
			got = append(got, u.Kind.String())
		}
		if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.text, diff)
		}
	}
}

// usesOf are the uses of a variable.
func usesOf(s *Script, name string) []Use {
	return slices.DeleteFunc(slices.Clone(s.uses), func(u Use) bool { return u.Part.Kind != Variable || u.Part.Name != name })
}
