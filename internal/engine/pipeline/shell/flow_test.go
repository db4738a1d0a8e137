package shell

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFlow(t *testing.T) {
	foreign := func(name string) bool { return name == "T" }
	for _, c := range []struct {
		text    string
		want    string // the sinks: kind and way
		dialect Dialect
	}{
		{text: `eval "$T"`, want: "eval T"},
		{text: `x="$T"; eval "$x"`, want: "eval T>x"},
		{text: `x="a $T"; y="b $x"; eval "$y"`, want: "eval T>x>y"},
		{text: `x=$(echo "$T" | tr a b); eval "$x"`, want: "eval T>x"},
		{text: `x=$(sed 's/a/b/' <<< "$T"); eval "$x"`, want: "eval T>x"},
		{text: "x=`echo \"$T\" | cut -c1-9`; eval \"$x\"", want: "eval T>x"},
		{text: `read x <<< "$T"; eval "$x"`, want: "eval T>x"},
		{text: `read -r a b <<< "$T"; eval "$b"`, want: "eval T>b"},
		{text: `echo "$T" | while read -r l; do eval "$l"; done`, want: "eval T>l"},
		{text: `while read -r l; do eval "$l"; done <<< "$T"`, want: "eval T>l"},
		{text: `while read -r l; do eval "$l"; done < <(echo "$T")`, want: "eval T>l"},
		{text: `mapfile -t a <<< "$T"; eval "${a[0]}"`, want: "eval T>a"},
		{text: `IFS=, read -ra a <<< "$T"; eval "${a[0]}"`, want: "eval T>a"},
		{text: `for i in $T; do eval "$i"; done`, want: "split T; eval T>i"},
		{text: `f() { eval "$1"; }; f "$T"`, want: "eval T>f.1"},
		{text: `f() { local x="$2"; eval "$x"; }; f a "$T"`, want: "eval T>f.2>x"},
		{text: `f() { eval "$@"; }; f "$T"`, want: "eval T>f.@"},
		{text: `export x="$T"; bash -c 'eval "$x"'`, want: "eval T>x"},
		{text: `a=("$T"); eval "${a[@]}"`, want: "eval T>a"},
		{text: `x="${T#refs/}"; eval "$x"`, want: "eval T>x"},
		{text: `x="${T:-main}"; eval "$x"`, want: "eval T>x"},
		{text: `x="${y:-$T}"; eval "$x"`, want: "eval T>x"},
		{text: `x="${T,,}"; eval "$x"`, want: "eval T>x"},
		{text: `x+="$T"; eval "$x"`, want: "eval T>x"},
		{text: `eval "$(echo "$T")"`, want: "eval T"},
		{text: `bash <(echo "$T")`, want: "eval T"},
		{text: `echo $T`, want: "split T"},
		{text: `eval "$x"; x="$T"`, want: "eval T>x"},
		{text: `x=$(basename "$T"); eval "$x"`, want: "eval T>x"},
		{text: `x=$(jq -n --arg t "$T" '$t'); eval "$x"`, want: "eval T>x"},
		{text: `echo "x=$T" >> "$GITHUB_ENV"`, want: "written T"},
		{text: `y="$T"; echo "x=$y" >> "$GITHUB_ENV"`, want: "written T>y"},
		{text: `$x = $env:T; iex $x`, dialect: PowerShell, want: "eval T>$x"},
		{text: `$x = "a $env:T"; Invoke-Expression "b $x"`, dialect: PowerShell, want: "eval T>$x"},
		{text: `$env:X = $env:T; iex $env:X`, dialect: PowerShell, want: "eval T>X"},
		{text: `Add-Content -Path $env:GITHUB_ENV -Value "x=$env:T"`, dialect: PowerShell, want: "written T"},

		{text: `echo "$T"`},
		{text: `x="$T"; echo "$x"`},
		{text: `eval "$x"`},
		{text: `x="${#T}"; eval "$x"`},
		{text: `x="${T:+yes}"; eval "$x"`},
		{text: `x=$(echo "$T" | wc -c); eval "$x"`},
		{text: `x=$(echo "$T" | sha256sum); eval "$x"`},
		{text: `x=$(echo "$T" | base64); eval "$x"`},
		{text: `x=$(echo "$T" | tr -cd 'a-z0-9'); eval "$x"`},
		{text: `x=$(echo "$T" | tr -c 'a-zA-Z0-9' '_'); eval "$x"`},
		{text: `x="${T//[^a-zA-Z0-9]/_}"; eval "$x"`},
		{text: `x=$(printf %q "$T"); eval "$x"`},
		{text: `x="${T@Q}"; eval "$x"`},
		{text: `x=$(gh pr view "$T"); eval "$x"`},
		{text: `f() { eval "$1"; }; f x; g "$T"`},
		{text: `f() { eval "$1"; }; f x "$T"`},
		{text: `x='$T'; echo "$x"`},
		{text: `$x = $env:T; Write-Host $x`, dialect: PowerShell},
		{text: `$h = @{Authorization="Bearer $env:T"}; if ($env:T -match 'x') { Write-Host $h }`, dialect: PowerShell},
		{text: `$x = $env:T.Length; iex $x`, dialect: PowerShell},

		// what tests prove
		{text: `[[ "$T" =~ ^[0-9]+$ ]] || exit 1; eval "$T"`},
		{text: `[[ $T =~ ^[a-z]{1,3}$ ]] || { echo bad; exit 1; }; eval "$T"`},
		{text: `if [[ ! "$T" =~ ^[0-9]+$ ]]; then exit 1; fi; eval "$T"`},
		{text: `if ! [[ "$T" =~ ^[0-9]+$ ]]; then exit 1; fi; eval "$T"`},
		{text: `if [[ "$T" =~ ^v[0-9]+(\.[0-9]+)*$ ]]; then eval "$T"; fi`},
		{text: `re='^[0-9]+$'; [[ $T =~ $re ]] || exit 1; eval "$T"`},
		{text: `if [[ "$T" == main ]]; then eval "$T"; fi`},
		{text: `if [ "$T" = "main" ]; then eval "$T"; fi`},
		{text: `[ "$T" = main ] && eval "$T"`},
		{text: `test "$T" = main || exit 1; eval "$T"`},
		{text: `case "$T" in a|b) eval "$T";; esac`},
		{text: `case "$T" in a|b) ;; *) exit 1;; esac; eval "$T"`},
		{text: `[[ "$T" =~ ^[0-9]+$ && -n $x ]] || exit 1; eval "$T"`},
		{text: `[[ $T =~ ^[[:digit:]]+$ ]] || exit 1; eval "$T"`},
		{text: `x=$T; [[ $x =~ ^[0-9]+$ ]] || exit 1; eval "$x"`},
		{text: `if [ -n "$T" ] && ! [[ "$T" =~ ^[0-9]+$ ]]; then echo bad; T=""; fi; eval "$T"`},
		{text: `if [ -n "$T" ] && ! [[ "$T" =~ ^[0-9]+$ ]]; then exit 1; fi; eval "$T"`},
		{text: `if ! [[ "$T" =~ ^[0-9]+$ ]]; then T=; fi; eval "$T"`},
		{text: `if [[ ! "$T" =~ ^[0-9]+$ ]]; then T=none; fi; eval "$T"`},
		{text: `if [[ ! $T =~ ^[0-9]+$ ]]; then unset T; fi; eval "$T"`},
		{text: `if [[ -n $T && ! $T =~ ^[0-9]+$ ]]; then export T=0; fi; eval "$T"`},
		{text: `if [[ -z $T || $T =~ ^[0-9]+$ ]]; then eval "$T"; else T=x; fi; eval "$T"`},
		{text: `if [[ $T =~ ^[0-9]+$ ]]; then echo a; elif [ "$T" = b ]; then echo b; else echo c; exit 1; fi; eval "$T"`},
		{text: `if [[ $T =~ ^[0-9]+$ ]]; then echo a; elif [ "$T" = b ]; then echo b; else T=c; fi; eval "$T"`},
		{text: `[[ $T =~ ^[0-9]+$ ]] || T=""; eval "$T"`},
		{text: `[ -n "$T" ] && ! [[ $T =~ ^[0-9]+$ ]] && exit 1; eval "$T"`},
		{text: `[ -z "$T" ] || [[ $T =~ ^[0-9]+$ ]] || { echo bad; T=0; }; eval "$T"`},
		{text: `if [ ! -n "$T" ]; then eval "$T"; fi`},
		{text: `if ! [[ "$T" =~ ^[0-9]+$ ]]; then T=; fi; T=5; eval "$T"`},
		{text: `case "$T" in a|b) ;; *) T=a;; esac; eval "$T"`},
		{text: `case "$T" in ''|*[!0-9]*) exit 1;; esac; eval "$T"`},
		{text: `case "$T" in *[!A-Za-z0-9._-]*) T=;; *) eval "$T";; esac; eval "$T"`},

		// what they do not
		{text: `if [ -n "$T" ] && ! [[ "$T" =~ ^[0-9]+$ ]]; then echo bad; fi; eval "$T"`, want: "eval T"},
		{text: `if [ -n "$x" ] && ! [[ "$T" =~ ^[0-9]+$ ]]; then T=; fi; eval "$T"`, want: "eval T"},
		{text: `if [ -n $T ] && ! [[ "$T" =~ ^[0-9]+$ ]]; then T=; fi; eval "$T"`, want: "split T; eval T"},
		{text: `if [ $T = a ]; then eval "$T"; fi`, want: "split T; eval T"},
		{text: `if ! [[ "$x" =~ ^[0-9]+$ ]]; then x=; x=$T; fi; eval "$x"`, want: "eval T>x"},
		{text: `if ! [[ "$x" =~ ^[0-9]+$ ]]; then x=; fi; x=$T; eval "$x"`, want: "eval T>x"},
		{text: `if ! [[ "$x" =~ ^[0-9]+$ ]]; then x=; fi; read x <<< "$T"; eval "$x"`, want: "eval T>x"},
		{text: `if ! [[ "$T" =~ ^[0-9]+$ ]]; then if $b; then T=; fi; fi; eval "$T"`, want: "eval T"},
		{text: `if ! [[ "$T" =~ ^[0-9]+$ ]]; then (T=); fi; eval "$T"`, want: "eval T"},
		{text: `if ! [[ "$T" =~ ^[0-9]+$ ]]; then T= true; fi; eval "$T"`, want: "eval T"},
		{text: `if [[ "$x" =~ ^[0-9]+$ ]]; then x=$T; else x=; fi; eval "$x"`, want: "eval T>x"},
		{text: `if $y; then if ! [[ "$T" =~ ^[0-9]+$ ]]; then T=; fi; fi; eval "$T"`, want: "eval T"},
		{text: `if [[ $T =~ ^[0-9]+$ ]]; then echo a; elif [ "$T" = b ]; then echo b; else echo c; fi; eval "$T"`, want: "eval T"},
		{text: `if [ "$T" = "«x»" ]; then eval "$T"; fi`, want: "eval T"},
		{text: `[[ -n $T || $T =~ ^[0-9]+$ ]] || exit 1; eval "$T"`, want: "eval T"},
		{text: `case "$T" in *[!0-9]*) echo bad;; esac; eval "$T"`, want: "eval T"},
		{text: `case "$T" in *[!0-9\;]*) exit 1;; esac; eval "$T"`, want: "eval T"},
		{text: `case "$x" in a) x=$T;; *) exit 1;; esac; eval "$x"`, want: "eval T>x"},
		{text: `[[ "$T" =~ [0-9]+ ]] || exit 1; eval "$T"`, want: "eval T"},
		{text: `[[ "$T" =~ ^[0-9]+ ]] || exit 1; eval "$T"`, want: "eval T"},
		{text: `[[ "$T" =~ ^.*$ ]] || exit 1; eval "$T"`, want: "eval T"},
		{text: `[[ "$T" =~ ^[^a]+$ ]] || exit 1; eval "$T"`, want: "eval T"},
		{text: `[[ "$T" =~ ^a$|b$ ]] || exit 1; eval "$T"`, want: "eval T"},
		{text: `[[ "$T" =~ ^[0-9]+$ ]] || echo bad; eval "$T"`, want: "eval T"},
		{text: `[[ "$T" =~ ^[0-9]+$ ]] || exit 1; T=$T; x=$T`, want: ""},
		{text: `[[ "$x" =~ ^[0-9]+$ ]] || exit 1; x=$T; eval "$x"`, want: "eval T>x"},
		{text: `echo "$T" | grep -Eq '^[0-9]+$' || exit 1; eval "$T"`, want: "eval T"},
		{text: `if [[ "$T" == main* ]]; then eval "$T"; fi`, want: "eval T"},
		{text: `if [[ "$T" != main ]]; then eval "$T"; fi`, want: "eval T"},
		{text: `case "$T" in a*) eval "$T";; esac`, want: "eval T"},
		{text: `case "$T" in a) ;; *) echo x;; esac; eval "$T"`, want: "eval T"},
		{text: `case "$T" in a) ;& *) eval "$T";; esac`, want: "eval T"},
		{text: `( [[ "$T" =~ ^[0-9]+$ ]] || exit 1 ); eval "$T"`, want: "eval T"},
		{text: `f() { [[ "$T" =~ ^[0-9]+$ ]] || return; }; f; eval "$T"`, want: "eval T"},
		{text: `[ "$T" -gt 0 ] || exit 1; eval "$T"`, want: "eval T"},
		{text: `re='.*'; [[ $T =~ $re ]] || exit 1; eval "$T"`, want: "eval T"},
		{text: `x=$(echo "$T" | tr -d '\n'); eval "$x"`, want: "eval T>x"},
		{text: `x=$(echo "$T" | tr -cd 'a-z;'); eval "$x"`, want: "eval T>x"},
		{text: `x="${T//[^a-z;]/}"; eval "$x"`, want: "eval T>x"},
		{text: `x="${T/[^a-z]/}"; eval "$x"`, want: "eval T>x"},
	} {
		s := parse(t, c.dialect, c.text)
		var got []string
		for _, k := range s.Flow(foreign) {
			if k.Range.Start < 0 || k.Range.End > len(s.Text) {
				t.Errorf("%s: range %v", c.text, k.Range)
			}
			got = append(got, k.Kind.String()+" "+strings.Join(k.Via, ">"))
		}
		if diff := cmp.Diff(c.want, strings.Join(got, "; ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.text, diff)
		}
	}
}

func TestVia(t *testing.T) {
	s := parse(t, Bash, `a="$T"; use "x $a" "$b"`)
	taint := s.Follow(func(name string) bool { return name == "T" })
	use := s.Commands[1]
	if via, ok := taint.Via(use.Args[0].Parts); !ok || strings.Join(via, ">") != "T>a" {
		t.Errorf("got %v, %v", via, ok)
	}
	if via, ok := taint.Via(use.Args[1].Parts); ok {
		t.Errorf("a clean variable came through %v", via)
	}
}

func TestTainted(t *testing.T) {
	s := parse(t, Bash, `a="$T"; b=$a; c=x`)
	got := s.Tainted(func(name string) bool { return name == "T" })
	if diff := cmp.Diff(map[string][]string{"a": {"T", "a"}, "b": {"T", "a", "b"}}, got); diff != "" {
		t.Error(diff)
	}
}
