package shell

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func show(s *Script, w Write) string {
	var out []string
	switch {
	case w.Workflow != "":
		out = append(out, "::"+w.Workflow)
	case w.Variable != "":
		out = append(out, "$"+w.Variable)
	default:
		out = append(out, w.Target)
	}
	if len(w.Keys) > 0 {
		out = append(out, "keys="+strings.Join(w.Keys, ","))
	}
	if w.AnyKey {
		out = append(out, "anykey")
	}
	for _, p := range w.Parts {
		switch p.Kind {
		case Variable:
			out = append(out, "$"+p.Name)
		case Hole:
			out = append(out, "hole")
		default:
			out = append(out, "$()")
		}
	}
	for _, i := range w.Sources {
		out = append(out, "from:"+s.Commands[i].Name)
	}
	for _, f := range w.Files {
		out = append(out, "file:"+f)
	}
	for _, flag := range []struct {
		on   bool
		name string
	}{{w.Multiline, "multiline"}, {w.Delimited, "delimited"}, {w.RandomDelimiter, "random"}} {
		if flag.on {
			out = append(out, flag.name)
		}
	}
	return strings.Join(out, " ")
}

func TestWrites(t *testing.T) {
	for _, c := range []struct {
		text    string
		want    string
		dialect Dialect
	}{
		{text: `echo "k=v" >> $GITHUB_ENV`, want: "$GITHUB_ENV keys=k"},
		{text: `echo k=v >> "$GITHUB_OUTPUT"`, want: "$GITHUB_OUTPUT keys=k"},
		{text: `echo "k=$V" >> $GITHUB_ENV`, want: "$GITHUB_ENV keys=k $V multiline"},
		{text: `echo "k=$V" >> "${GITHUB_ENV}"`, want: "$GITHUB_ENV keys=k $V multiline"},
		{text: `echo "k=«x»" >> $GITHUB_ENV`, want: "$GITHUB_ENV keys=k hole multiline"},
		{text: `echo "$V" >> $GITHUB_PATH`, want: "$GITHUB_PATH anykey $V multiline"},
		{text: `echo "$K=$V" >> $GITHUB_ENV`, want: "$GITHUB_ENV anykey $K $V multiline"},
		{text: `printf 'k=%s\n' "$V" >> $GITHUB_ENV`, want: "$GITHUB_ENV keys=k $V multiline"},
		{text: `printf 'k=%d\n' "$V" >> $GITHUB_ENV`, want: "$GITHUB_ENV keys=k"},
		{text: `echo "k=$V" | tee -a "$GITHUB_ENV"`, want: "$GITHUB_ENV keys=k $V multiline"},
		{text: `{ echo "a=$A"; echo "b=c"; } >> "$GITHUB_ENV"`, want: "$GITHUB_ENV keys=a $A multiline; $GITHUB_ENV keys=b"},
		{text: "cat <<EOF >> $GITHUB_ENV\na=$A\nb=c\nEOF", want: "$GITHUB_ENV keys=a,b $A multiline"},
		{text: "cat <<'EOF' >> $GITHUB_ENV\na=$A\nEOF", want: "$GITHUB_ENV keys=a"},
		{text: `cat file >> $GITHUB_ENV`, want: "$GITHUB_ENV anykey from:cat file:file multiline"},
		{text: `cat < file >> $GITHUB_ENV`, want: "$GITHUB_ENV anykey file:file multiline"},
		{text: `f=$(mktemp); echo "k=$V" >> "$f"; cat "$f" >> $GITHUB_OUTPUT`, want: "$f keys=k $V multiline; $GITHUB_OUTPUT keys=k $V multiline"},
		{text: `f=$(mktemp); [[ $V =~ ^[0-9]+$ ]] && echo "k=$V" >> "$f"; cat "$f"; cat "$f" >> $GITHUB_OUTPUT`, want: "$f keys=k $V; $GITHUB_OUTPUT keys=k $V"},
		{text: `f=$(mktemp); { echo a=b; echo "k=1"; } > "$f"; cat "$f" >> $GITHUB_OUTPUT; rm "$f"`, want: "$f keys=a; $f keys=k; $GITHUB_OUTPUT keys=a,k"},
		{text: `f=$(mktemp); curl x | tee "$f"; cat "$f" >> $GITHUB_OUTPUT`, want: "$f anykey from:curl multiline; $GITHUB_OUTPUT anykey from:curl multiline"},
		{text: `f=$(mktemp); make > "$f"; cat "$f" >> $GITHUB_OUTPUT`, want: "$f anykey from:make multiline; $GITHUB_OUTPUT anykey from:make multiline"},
		{text: `f=$(mktemp); echo a=b > "$f"; make "$f"; cat "$f" >> $GITHUB_OUTPUT`, want: "$f keys=a; $GITHUB_OUTPUT anykey from:cat file:$f multiline"},
		{text: `f=$(mktemp); g=$f; echo a=b > "$f"; cat "$f" >> $GITHUB_OUTPUT`, want: "$f keys=a; $GITHUB_OUTPUT anykey from:cat file:$f multiline"},
		{text: `f=$(mktemp); export f; make; cat "$f" >> $GITHUB_OUTPUT`, want: "$GITHUB_OUTPUT anykey from:cat file:$f multiline"},
		{text: `f=$(mktemp); f=x; cat "$f" >> $GITHUB_OUTPUT`, want: "$GITHUB_OUTPUT anykey from:cat file:$f multiline"},
		{text: `f=$(mktemp); cat "$f" >> "$f"`, want: "$f anykey multiline"},
		{text: `curl -s https://example.com/env >> $GITHUB_ENV`, want: "$GITHUB_ENV anykey from:curl multiline"},
		{text: `cat file | grep x >> $GITHUB_ENV`, want: "$GITHUB_ENV anykey from:cat file:file multiline"},
		{text: `cp file "$GITHUB_ENV"`, want: "$GITHUB_ENV anykey file:file multiline"},
		{text: `echo "k=$(cat file)" >> $GITHUB_ENV`, want: "$GITHUB_ENV keys=k $() multiline"},
		{text: `echo "k=$(cat file | tr -d '\n')" >> $GITHUB_ENV`, want: "$GITHUB_ENV keys=k $()"},
		{text: `echo "k=$(cat file | tr -d '[:space:]')" >> $GITHUB_ENV`, want: "$GITHUB_ENV keys=k $()"},
		{text: `echo "k=$(cat file | tr -cd '[:space:]')" >> $GITHUB_ENV`, want: "$GITHUB_ENV keys=k $() multiline"},
		{text: `read -r _ b _ <<< "$V"; echo "k=$b" >> $GITHUB_ENV`, want: "$GITHUB_ENV keys=k $b"},
		{text: `read -rd '' b <<< "$V"; echo "k=$b" >> $GITHUB_ENV`, want: "$GITHUB_ENV keys=k $b multiline"},
		{text: `read -r b <<< "$V"; b=$(cat x); echo "k=$b" >> $GITHUB_ENV`, want: "$GITHUB_ENV keys=k $b multiline"},
		{text: `echo "k=$b" >> $GITHUB_ENV; read -r b`, want: "$GITHUB_ENV keys=k $b multiline"},
		{text: `echo "k=$(cat file | head -n1)" >> $GITHUB_ENV`, want: "$GITHUB_ENV keys=k $()"},
		{text: `echo "k=$(git rev-parse --short HEAD)" >> $GITHUB_ENV`, want: "$GITHUB_ENV keys=k $()"},
		{text: `[[ $V =~ ^[a-z]+$ ]] || exit 1; echo "k=$V" >> $GITHUB_ENV`, want: "$GITHUB_ENV keys=k $V"},
		{text: `echo "k=$(date +%s)" >> $GITHUB_ENV`, want: "$GITHUB_ENV keys=k $()"},
		{text: `echo "k=$(echo "$V" | sha256sum)" >> $GITHUB_ENV`, want: "$GITHUB_ENV keys=k $()"},
		{text: `echo "k=${V//$'\n'/}" >> $GITHUB_ENV`, want: "$GITHUB_ENV keys=k $V"},
		{text: `echo "k=${#V}" >> $GITHUB_ENV`, want: "$GITHUB_ENV keys=k"},
		{text: `echo "k=$?" >> $GITHUB_ENV`, want: "$GITHUB_ENV keys=k"},
		{text: `d=$(date +%s); echo "k=$d" >> $GITHUB_ENV`, want: "$GITHUB_ENV keys=k $d"},
		{text: `out=$GITHUB_OUTPUT; echo "k=$V" >> "$out"`, want: "$GITHUB_OUTPUT keys=k $V multiline"},
		{text: "echo \"k<<EOF\" >> $GITHUB_ENV\necho \"$V\" >> $GITHUB_ENV\necho EOF >> $GITHUB_ENV",
			want: "$GITHUB_ENV keys=k delimited; $GITHUB_ENV $V multiline delimited; $GITHUB_ENV delimited"},
		{text: "d=$(openssl rand -hex 8)\n{\necho \"k<<$d\"\necho \"$V\"\necho \"$d\"\n} >> $GITHUB_ENV",
			want: "$GITHUB_ENV keys=k $d delimited random; $GITHUB_ENV $V delimited random; $GITHUB_ENV $d delimited random"},
		{text: "cat <<X >> $GITHUB_OUTPUT\nk<<EOF\n$V\nEOF\nX", want: "$GITHUB_OUTPUT keys=k anykey $V multiline delimited"},
		{text: `echo "::set-env name=X::$V"`, want: "::set-env keys=X $V multiline"},
		{text: `echo "::add-path::$V"`, want: "::add-path $V multiline"},
		{text: `echo "::set-output name=k::v"`, want: "::set-output keys=k"},
		{text: `echo "##vso[task.setvariable variable=x;isOutput=true]$V"`, want: "::task.setvariable keys=x $V multiline"},
		{text: `echo "##vso[task.prependpath]$V"`, want: "::task.prependpath $V multiline"},
		{text: `echo "V=$V" >> build.env`, want: "build.env keys=V $V multiline"},
		{text: `echo x > /dev/null`, want: "/dev/null"},
		{text: `echo "$V"`, want: ""},
		{text: `echo "$V" >&2`, want: ""},
		{text: `x=$(echo "$V")`, want: ""},
		{text: `curl -o f https://example.com`, want: "f anykey from:curl multiline"},
		{text: `echo "k=$env:V" >> $env:GITHUB_ENV`, dialect: PowerShell, want: "$GITHUB_ENV keys=k $V multiline"},
		{text: `"k=$env:V" >> $env:GITHUB_ENV`, dialect: PowerShell, want: "$GITHUB_ENV $V multiline"},
		{text: `"k=$env:V" | Out-File -FilePath $env:GITHUB_ENV -Append`, dialect: PowerShell, want: "$GITHUB_ENV $V multiline"},
		{text: `Add-Content -Path $env:GITHUB_OUTPUT -Value "k=$env:V"`, dialect: PowerShell, want: "$GITHUB_OUTPUT keys=k $V multiline"},
		{text: `Add-Content $env:GITHUB_OUTPUT "k=v"`, dialect: PowerShell, want: "$GITHUB_OUTPUT keys=k"},
		{text: `Write-Host "##vso[task.setvariable variable=x]$env:V"`, dialect: PowerShell, want: "::task.setvariable keys=x $V multiline"},
		{text: `echo k=%V%>>%GITHUB_ENV%`, dialect: Cmd, want: "$GITHUB_ENV keys=k $V multiline"},
	} {
		s := parse(t, c.dialect, c.text)
		var got []string
		for _, w := range s.Writes() {
			got = append(got, show(s, w))
		}
		if diff := cmp.Diff(c.want, strings.Join(got, "; ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.text, diff)
		}
	}
}

func TestCommands(t *testing.T) {
	for _, c := range []struct {
		text    string
		want    string
		dialect Dialect
	}{
		{text: "npm ci", want: "npm[ci]"},
		{text: "/usr/bin/npm ci", want: "npm[ci]"},
		{text: "sudo -E env A=1 nice -n 5 npm ci", want: "npm[ci] A"},
		{text: "time npm ci", want: "npm[ci]"},
		{text: "timeout 60 npm ci", want: "npm[ci]"},
		{text: "xargs -n1 npm i", want: "npm[i]"},
		{text: "command -v npm", want: "command[-v npm]"},
		{text: "exec npm ci", want: "npm[ci]"},
		{text: "A=1 npm ci", want: "npm[ci] A"},
		{text: "npm ci || true", want: "npm[ci] ||| true|; true[]"},
		{text: "npm ci && x", want: "npm[ci] cond; x[]"},
		{text: "npm ci | x", want: "npm[ci] |||; x[] 1"},
		{text: "npm ci &", want: "npm[ci] |&| bg"},
		{text: "set +e\nnpm ci\nset -e\nnpm t", want: "set[+e]; npm[ci] |set +e|; set[-e] |set +e|; npm[t]"},
		{text: "if a; then b; elif c; then d; else e; fi", want: "a[] cond; b[]; c[] cond; d[]; e[]"},
		{text: "while a; do b; done", want: "a[] cond; b[]"},
		{text: "f() { a; }\nf", want: "a[]; f[]"},
		{text: "x=$(a $(b))", want: "b[]; a[$()]; [] x"},
		{text: "bash -c 'a; b'", want: "bash[-c a; b]; a[]; b[]"},
		{text: "bash <<'EOF'\na\nEOF", want: "bash[]; a[]"},
		{text: "a \\\n  --b \\\n  c", want: "a[--b c]"},
		{text: "a; b & c", want: "a[]; b[] |&| bg; c[]"},
		{text: "if ($x) { npm ci } else { npm t }", dialect: PowerShell, want: "[$$x]; npm[ci]; npm[t]; [$() $() else $()]"},
		{text: "if ($x -match 'a') { npm ci }", dialect: PowerShell, want: "[$$x -match a]; npm[ci]; [$() $()]"},
		{text: "function Run { npm ci }", dialect: PowerShell, want: "npm[ci]; [Run $()]"},
		{text: "$h = @{Authorization = \"Bearer $env:T\"; 'X-Y' = 1}", dialect: PowerShell, want: "[Bearer $T]; [1]; [] $h"},
		{text: "$h = @{\n  Authorization=\"Bearer $env:T\"\n  Body = npm ci\n}", dialect: PowerShell, want: "[Authorization=Bearer $T]; npm[ci]; [] $h"},
		{text: "7z x a.zip", dialect: PowerShell, want: "7z[x a.zip]"},
		{text: "npm ci; npm t", dialect: PowerShell, want: "npm[ci]; npm[t]"},
		{text: "npm ci `\n --x", dialect: PowerShell, want: "npm[ci --x]"},
		{text: "& 'C:\\x\\npm.exe' ci", dialect: PowerShell, want: "npm[ci]"},
		{text: "<# npm x #> npm ci # y", dialect: PowerShell, want: "npm[ci]"},
		{text: "$x = npm ci", dialect: PowerShell, want: "npm[ci]; [] $x"},
		{text: "@npm ci && npm t", dialect: Cmd, want: "npm[ci]; npm[t]"},
		{text: "rem npm\r\ncall npm.cmd ci\r\n", dialect: Cmd, want: "npm[ci]"},
		{text: `"C:\x\npm.exe" ci & echo "a & b"`, dialect: Cmd, want: "npm[ci]; echo[a & b]"},
	} {
		s := parse(t, c.dialect, c.text)
		var got []string
		for _, cmd := range s.Commands {
			var args []string
			for _, a := range cmd.Args {
				args = append(args, a.Text)
			}
			line := cmd.Name + "[" + strings.Join(args, " ") + "]"
			for _, a := range cmd.Assigns {
				line += " " + a.Name
			}
			if cmd.Ignored != "" {
				line += " |" + cmd.Ignored + "|"
			}
			if cmd.Background {
				line += " bg"
			}
			if cmd.Condition && cmd.Ignored == "" {
				line += " cond"
			}
			if cmd.Pipe > 0 {
				line += fmt.Sprint(" ", cmd.Pipe)
			}
			got = append(got, line)
		}
		if diff := cmp.Diff(c.want, strings.Join(got, "; ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.text, diff)
		}
	}
}
