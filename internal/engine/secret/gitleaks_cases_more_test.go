package secret_test

// allowCases are about allowlists of all forms.
func allowCases() []peerCase {
	two := "key-abc123\nkey-xyz789\n"
	first, second := a("key", 1, "key-abc123"), a("key", 2, "key-xyz789")
	rule := func(list string) string { return keyRule + "[[rules.allowlists]]\n" + list }
	global := func(list string) string { return "[[allowlists]]\n" + list + keyRule }
	return []peerCase{
		{name: "global regexes", config: global("regexes=['abc\\d']\n"), files: one(two), want: []string{second}},
		{name: "global regexes, older form", config: "[allowlist]\nregexes=['abc\\d']\n" + keyRule, files: one(two), want: []string{second}},
		{name: "rule regexes", config: rule("regexes=['nothing','abc\\d']\n"), files: one(two), want: []string{second}},
		{name: "rule regexes, older form", config: keyRule + "[rules.allowlist]\nregexes=['abc\\d']\n", files: one(two), want: []string{second}},
		{name: "anchored regexes", config: rule("regexes=['^key-abc','^xyz']\n"), files: one(two), want: []string{second}},
		{name: "regexes with flags of their own", config: rule("regexes=['(?i)KEY-ABC','XYZ']\n"), files: one(two), want: []string{second},
			differs: "gitleaks lets a flag of one expression hold for those behind it", peer: nil},
		{name: "several lists", config: rule("regexes=['abc']\n[[rules.allowlists]]\nstopwords=['xyz']\n"), files: one(two)},
		{name: "stop words of any case", config: rule("stopwords=['ABC1']\n"), files: one(two), want: []string{second}},
		{name: "stop words look at the secret", config: "[[rules]]\nid='r'\nregex='fake=(\\w+)'\n[[rules.allowlists]]\nstopwords=['fake']\n", files: one("fake=abc\n"), want: []string{a("r", 1, "abc")}},
		{name: "an empty stop word", config: rule("stopwords=['']\n"), files: one(two), want: []string{first, second}},
		{name: "regexes look at the secret", config: "[[rules]]\nid='r'\nregex='fake=(\\w+)'\n[[rules.allowlists]]\nregexes=['fake']\n", files: one("fake=abc\n"), want: []string{a("r", 1, "abc")}},
		{name: "regexes look at the match", config: "[[rules]]\nid='r'\nregex='fake=(\\w+)'\n[[rules.allowlists]]\nregexTarget='match'\nregexes=['fake']\n", files: one("fake=abc\n")},
		{name: "regexes look at the line", config: rule("regexTarget='line'\nregexes=['test']\n"), files: one("key-abc123 test\nkey-xyz789\n"), want: []string{second}},
		{name: "the line begins with the newline before it", config: rule("regexTarget='line'\nregexes=['^key']\n"), files: one(two), want: []string{second}},
		{name: "the lines of a long match", config: "[[rules]]\nid='r'\nregex='(?s)BEGIN.*?END'\n[[rules.allowlists]]\nregexTarget='line'\nregexes=['after$']\n", files: one("x\nBEGIN\nEND after\n\n")},
		{name: "the line of a last line without newline", config: rule("regexTarget='line'\nregexes=['test']\n"), files: one("test\nkey-xyz789"), want: []string{second},
			differs: "gitleaks takes the whole file for the line of a match in a last line without newline", peer: nil},
		{name: "the target secret", config: rule("regexTarget='secret'\nregexes=['abc']\n"), files: one(two), want: []string{second}},
		{name: "paths of a rule", config: rule("paths=['^d/']\n"), files: map[string]string{"d/x": two, "a.txt": two}, want: []string{first, second}},
		{name: "global paths", config: global("paths=['\\.md$']\n"), files: map[string]string{"x.md": two, "a.txt": two}, want: []string{first, second}},
		{name: "global paths name a folder", config: global("paths=['^d$']\n"), files: map[string]string{"d/x": two, "d/e/x": two, "dd": two},
			want: []string{sight("key", "dd", 1, 1, "key-abc123"), sight("key", "dd", 2, 2, "key-xyz789")}},
		{name: "paths of a rule name no folder", config: rule("paths=['^d$']\n"), files: map[string]string{"d/x": two},
			want: []string{sight("key", "d/x", 1, 1, "key-abc123"), sight("key", "d/x", 2, 2, "key-xyz789")}},
		{name: "paths or regexes", config: rule("paths=['^d/']\nregexes=['abc']\n"), files: map[string]string{"d/x": two, "a.txt": two}, want: []string{second}},
		{name: "paths and regexes", config: rule("condition='AND'\npaths=['^d/']\nregexes=['abc']\n"), files: map[string]string{"d/x": two, "a.txt": two},
			want: []string{first, second, sight("key", "d/x", 2, 2, "key-xyz789")}},
		{name: "global paths and regexes", config: global("condition='&&'\npaths=['^d/']\nregexes=['abc']\n"), files: map[string]string{"d/x": two, "a.txt": two},
			want:    []string{first, second, sight("key", "d/x", 2, 2, "key-xyz789")},
			differs: "gitleaks dir skips a file that any global path names, whatever else must hold; gitleaks git does not", peer: []string{first, second}},
		{name: "regexes and stop words", config: rule("condition='and'\nregexes=['abc']\nstopwords=['123']\n"), files: one(two + "key-abc999\n"), want: []string{second, a("key", 3, "key-abc999")}},
		{name: "paths and paths", config: rule("condition='and'\npaths=['^a']\n"), files: one(two)},
		{name: "commits and regexes outside of history", config: rule("condition='AND'\ncommits=['abcdef0']\nregexes=['abc']\n"), files: one(two), want: []string{first, second}},
		{name: "commits or regexes outside of history", config: rule("condition='||'\ncommits=['abcdef0']\nregexes=['abc']\n"), files: one(two), want: []string{second}},
		{name: "commits outside of history", config: global("commits=['abcdef0']\n"), files: one(two), want: []string{first, second}},
		{name: "target rules", config: global("targetRules=['key']\nregexes=['abc']\n") + "[[rules]]\nid='s'\nregex='abc'\n", files: one(two), want: []string{second, a("s", 1, "abc")}},
		{name: "target rules and paths", config: global("targetRules=['key']\npaths=['a']\n") + "[[rules]]\nid='s'\nregex='abc'\n", files: one(two), want: []string{a("s", 1, "abc")}},
		{name: "a rule about paths", config: "[[rules]]\nid='r'\npath='\\.txt$'\n[[rules.allowlists]]\npaths=['^b']\n", files: map[string]string{"a.txt": "x", "b.txt": "x"}, want: []string{sight("r", "a.txt", 0, 0, "")}},
		{name: "a rule about paths and regexes", config: "[[rules]]\nid='r'\npath='\\.txt$'\n[[rules.allowlists]]\nregexes=['.*']\nstopwords=['a']\n", files: one("x"), want: []string{sight("r", "a.txt", 0, 0, "")}},
		{name: "the line that decoded text stands on", config: rule("regexTarget='line'\nregexes=['\\bx = v1: key-abc']\n"), files: one("\nx = " + b64("v1: key-abc123") + "\ny = " + b64("v1: key-abc124") + "\n"), want: []string{a("key", 3, "key-abc124")}},
	}
}

// extendCases are about configurations that are laid over others.
func extendCases() []peerCase {
	over := "[extend]\npath='base.toml'\n"
	base := "[[rules]]\nid='base'\nregex='b-(\\w)(\\w)\\w*'\nkeywords=['b-']\ntags=['x']\ndescription='d'\n"
	with := func(base, text string, more ...string) map[string]string {
		files := map[string]string{"base.toml": base, "a.txt": text}
		for i := 0; i+1 < len(more); i += 2 {
			files[more[i]] = more[i+1]
		}
		return files
	}
	return []peerCase{
		{name: "rules of both", config: over + keyRule, files: with(base, "b-xy\nkey-abc123\n"), want: []string{a("base", 1, "x"), a("key", 2, "key-abc123")}},
		{name: "an expression over another", config: over + "[[rules]]\nid='base'\nregex='bb\\w+'\n", files: with(base, "b-xy\nbbx\n"), want: []string{a("base", 2, "bbx")}},
		{name: "a group over another", config: over + "[[rules]]\nid='base'\nsecretGroup=2\n", files: with(base, "b-xy\n"), want: []string{a("base", 1, "y")}},
		{name: "an entropy over another", config: over + "[[rules]]\nid='base'\nentropy=9.0\n", files: with(base, "b-xy\n")},
		{name: "a path over another", config: over + "[[rules]]\nid='base'\npath='b'\n", files: with(base, "b-xy\n")},
		{name: "keywords beside others", config: over + "[[rules]]\nid='base'\nregex='\\w+'\nkeywords=['zzz']\n", files: with(base, "b-\n"), want: []string{a("base", 1, "b")}},
		{name: "allowlists beside others", config: over + "[[rules]]\nid='base'\n[[rules.allowlists]]\nregexes=['p']\n[rules.extra]\n", files: with(base+"[[rules.allowlists]]\nregexes=['q']\n", "b-pp\nb-qq\nb-xy\n"), want: []string{a("base", 3, "x")}},
		{name: "an older allowlist beside others", config: over + "[[rules]]\nid='base'\n[rules.allowlist]\nregexes=['p']\n", files: with(base+"[rules.allowlist]\nregexes=['q']\n", "b-pp\nb-qq\nb-xy\n"), want: []string{a("base", 3, "x")}},
		{name: "global allowlists of both", config: over + "[allowlist]\nregexes=['p']\n", files: with("[[allowlists]]\nregexes=['q']\n"+base, "b-pp\nb-qq\nb-xy\n"), want: []string{a("base", 3, "x")}},
		{name: "disabled rules", config: over + "disabledRules=['base','no']\n" + keyRule, files: with(base, "b-xy\nkey-abc123\n"), want: []string{a("key", 2, "key-abc123")}},
		{name: "a disabled rule given anew", config: over + "disabledRules=['base']\n[[rules]]\nid='base'\nregex='x\\w'\n", files: with(base, "b-xy\n"), want: []string{a("base", 1, "xy")}},
		{name: "target rules of the base", config: over + "[[allowlists]]\ntargetRules=['base']\nregexes=['x']\n", files: with(base, "b-xy\nb-zz\n"), want: []string{a("base", 2, "z")}},
		{name: "target rules in the base", config: over, files: with("[[allowlists]]\ntargetRules=['base']\nregexes=['x']\n"+base, "b-xy\nb-zz\n"), want: []string{a("base", 1, "x"), a("base", 2, "z")}},
		{name: "target rules in the base of a disabled rule", config: over + "disabledRules=['base']\n" + keyRule, files: with("[[allowlists]]\ntargetRules=['base']\nregexes=['x']\n"+base, "key-abc123\n"), want: []string{a("key", 1, "key-abc123")}},
		{name: "three levels", config: over + keyRule, files: with("[extend]\npath='deep.toml'\n"+base, "d-x\nb-xy\nkey-abc123\n", "deep.toml", "[[rules]]\nid='deep'\nregex='d-\\w'\n"),
			want: []string{a("deep", 1, "d-x"), a("base", 2, "x"), a("key", 3, "key-abc123")}},
		{name: "four levels", config: over, files: with("[extend]\npath='c.toml'\n"+base, "b-xy\nc-1\nd-1\n", "c.toml", "[extend]\npath='d.toml'\n[[rules]]\nid='c'\nregex='c-\\d'\n", "d.toml", "[[rules]]\nid='d'\nregex='d-\\d'\n"),
			want: []string{a("base", 1, "x"), a("c", 2, "c-1")}},
		{name: "a cycle", config: over, files: with("[extend]\npath='gitleaks.toml'\n"+base, "b-xy\n"), refused: true, differs: "gitleaks stops after two levels", peer: []string{a("base", 1, "x")}},
		{name: "a base that is not there", config: "[extend]\npath='no.toml'\n" + keyRule, files: one("x"), refused: true},
		{name: "a base that is broken", config: over, files: with("[[rules]\n", "x"), refused: true},
		{name: "a base with a rule that is broken", config: over, files: with("[[rules]]\nid='r'\n", "x"), refused: true},
		{name: "a base with a rule that is broken and mended", config: over + "[[rules]]\nid='r'\nregex='x'\n", files: with("[[rules]]\nid='r'\n", "x"), want: []string{a("r", 1, "x")}},
		{name: "both forms of the global allowlist over the default", config: "[extend]\nuseDefault=true\n[allowlist]\nstopwords=['x']\n[[allowlists]]\nstopwords=['y']\n", files: one("x"), refused: true},
		{name: "both forms of a rule's allowlist in a base", config: over, files: with(base+"[rules.allowlist]\nstopwords=['x']\n[[rules.allowlists]]\nstopwords=['y']\n", "x"), refused: true},
		{name: "path and default together", config: over + "useDefault=true\n", files: with(base, "x"), refused: true},
		{name: "the default with all that is laid over it", config: "[extend]\nuseDefault=true\n" + keyRule, files: one("key-abc123\n"), want: []string{a("key", 1, "key-abc123")}},
		{name: "a change to a rule that is not in the default", config: "[extend]\nuseDefault=true\ndisabledRules=['no']\n[[allowlists]]\ntargetRules=['key','nothing']\nstopwords=['xyz']\n[[rules]]\nid='nowhere'\n[[rules.allowlists]]\npaths=['x']\n" + keyRule,
			files: one("key-abc123\nkey-xyz789\n"), want: []string{a("key", 1, "key-abc123")}, differs: "the built-in pack is not gitleaks' default: a change to a rule that it lacks is noted and ignored", peerRefuses: true},
		{name: "a rule without id over the default", config: "[extend]\nuseDefault=true\n[[rules]]\n[[rules.allowlists]]\npaths=['x']\n", files: one("x"), refused: true},
		{name: "an address", config: "[extend]\nurl='https://example.com/x.toml'\n" + keyRule, files: one("key-abc123\n"), refused: true, differs: "gitleaks ignores the key, so that a base goes missing in silence", peer: []string{a("key", 1, "key-abc123")}},
	}
}

// requiredCases are about rules that need others nearby.
func requiredCases() []peerCase {
	part := "[[rules]]\nid='part'\nregex='part-\\w+'\nskipReport=true\n"
	needs := func(within string) string {
		return keyRule + "[[rules.required]]\nid='part'\n" + within + part
	}
	near, far := "part-1\nkey-abc123\n", "part-1\n\n\n\nkey-abc123\n"
	return []peerCase{
		{name: "required and there", config: needs(""), files: one(far), want: []string{a("key", 5, "key-abc123")}},
		{name: "required and not there", config: needs(""), files: one("key-abc123\n")},
		{name: "required within lines", config: needs("withinLines=1\n"), files: map[string]string{"a.txt": near, "b.txt": far}, want: []string{a("key", 2, "key-abc123")}},
		{name: "required within no lines", config: needs("withinLines=0\n"), files: map[string]string{"a.txt": "part-1 key-abc123\n", "b.txt": near}, want: []string{a("key", 1, "key-abc123")}},
		{name: "required within columns", config: needs("withinColumns=10\n"), files: map[string]string{"a.txt": far, "b.txt": "part-1            key-abc123\n"}, want: []string{a("key", 5, "key-abc123")}},
		{name: "required within lines and columns", config: needs("withinLines=2\nwithinColumns=3\n"), files: map[string]string{"a.txt": near, "b.txt": far, "c.txt": "part-1\n         key-abc123\n"}, want: []string{a("key", 2, "key-abc123")}},
		{name: "two required", config: needs("[[rules.required]]\nid='two'\n") + "[[rules]]\nid='two'\nregex='two-\\w'\n", files: map[string]string{"a.txt": near, "b.txt": near + "two-1\n"},
			want: []string{sight("key", "b.txt", 2, 2, "key-abc123"), sight("two", "b.txt", 3, 3, "two-1")}},
		{name: "a required rule that is reported", config: keyRule + "[[rules.required]]\nid='part'\n[[rules]]\nid='part'\nregex='part-\\w+'\n", files: one(near), want: []string{a("key", 2, "key-abc123"), a("part", 1, "part-1")}},
		{name: "a rule that is not reported", config: part, files: one(near)},
		{name: "required of an allowed part", config: needs("") + "[[rules.allowlists]]\nregexes=['1']\n", files: one(near)},
		{name: "a required rule's keywords do not count", config: keyRule + "[[rules.required]]\nid='part'\n" + part + "keywords=['zzz']\n", files: one(near), want: []string{a("key", 2, "key-abc123")}},
		{name: "a required rule about paths", config: keyRule + "[[rules.required]]\nid='p'\n[[rules]]\nid='p'\npath='txt$'\nskipReport=true\n", files: map[string]string{"a.txt": "key-abc123\n", "b": "key-abc123\n"}, want: []string{a("key", 1, "key-abc123")}},
		{name: "a required rule's match that is marked", config: needs(""), files: one("part-1 gitleaks:allow\nkey-abc123\n")},
		{name: "a required rule that is itself composite", config: needs("") + "[[rules.required]]\nid='two'\n[[rules]]\nid='two'\nregex='two-\\w'\n", files: one(near), want: []string{a("key", 2, "key-abc123")}},
		{name: "required of a base that is disabled", config: "[extend]\npath='base.toml'\ndisabledRules=['part']\n", files: map[string]string{"base.toml": needs(""), "a.txt": near},
			refused: true, differs: "no rule is left, and gitleaks finds nothing with it"},
		{name: "required of the base is kept", config: "[extend]\npath='base.toml'\n[[rules]]\nid='key'\ndescription='x'\n", files: map[string]string{"base.toml": needs(""), "a.txt": near, "b.txt": "key-abc123\n"}, want: []string{a("key", 2, "key-abc123")}},
		{name: "required in the base only", config: "[extend]\npath='base.toml'\n" + keyRule + "[[rules.required]]\nid='part'\n", files: map[string]string{"base.toml": part, "a.txt": near}, want: []string{a("key", 2, "key-abc123")},
			differs: "gitleaks looks for required rules before it reads the base", peerRefuses: true},
		{name: "both parts encoded", config: needs(""), files: one("x: " + b64("v1: part-abc1") + "\ny: " + b64("v1: key-abc123") + "\n"), want: []string{a("key", 2, "key-abc123")}},
		{name: "one part encoded", config: needs(""), files: one("x: part-1\ny: " + b64("v1: key-abc123") + "\n"), want: nil},
	}
}

// decodeCases are about secrets that stand encoded.
func decodeCases() []peerCase {
	value := "tok-abc123-def456"
	line := "token = " + value
	found := []string{a("name", 1, value)}
	return []peerCase{
		{name: "base64", config: keyRule, files: one("x: " + b64("v1: key-abc123") + "\n"), want: []string{a("key", 1, "key-abc123")}},
		{name: "base64 of a value whose name is plain", config: nameRule, files: one("token: " + b64(value) + "\n"), want: append([]string{a("name", 1, b64(value)[:23])}, found...)},
		{name: "base64 of name and value", config: nameRule, files: one("x " + b64(line) + "\n"), want: found},
		{name: "base64 for addresses", config: keyRule, files: one("x: " + b64url("??>>v1: key-abc123") + "\n"), want: []string{a("key", 1, "key-abc123")}},
		{name: "hex", config: nameRule, files: one("x: " + hexed(line) + "\n"), want: found},
		{name: "hex behind letters", config: nameRule, files: one("x: k" + hexed(line) + "\n")},
		{name: "hex before letters", config: nameRule, files: one("x: " + hexed(line+" ") + "xyz\n"), want: found},
		{name: "percent", config: nameRule, files: one("x: " + percent(line) + "\n"), want: found},
		{name: "percent here and there", config: nameRule, files: one("?token%3D" + value + "%20\n"), want: found},
		{name: "a word behind an escape", config: "[[rules]]\nid='r'\nregex='\\bkey-\\d+\\b'\n", files: one("a%20key-12%20b\n"), want: []string{a("r", 1, "key-12")}},
		{name: "a word behind one escape", config: "[[rules]]\nid='r'\nregex='\\bkey-\\d+\\b'\n", files: one("a%20key-12 b\n"), want: []string{a("r", 1, "key-12")}},
		{name: "base64 with escaped padding", config: nameRule, files: one("?x=" + b64("token = tok-abc123-def45678 ")[:36] + "%3D%3D\n"), want: nil},
		{name: "escaped base64", config: nameRule, files: one("?x=" + escapeSigns(b64("token: tok-abc123-def4567 >?>")) + "\n"), want: []string{a("name", 1, "tok-abc123-def4567")}},
		{name: "unicode escapes", config: nameRule, files: one("x: \"" + unicode(line) + "\"\n"), want: found},
		{name: "unicode points", config: nameRule, files: one("x: U+0074 U+006F U+006B U+0065 U+006E U+003D " + value + "\n"), want: found},
		{name: "unicode points at the end", config: "[[rules]]\nid='r'\nregex='key-\\d'\n", files: one("x: U+006B U+0065 U+0079 U+002D U+0031"), want: []string{a("r", 1, "key-1")}},
		{name: "five layers", config: keyRule, files: one(layers("key-abc123", 5)), want: []string{a("key", 1, "key-abc123")}},
		{name: "six layers", config: keyRule, files: one(layers("key-abc123", 6))},
		{name: "layers of several kinds", config: nameRule, files: one("x: " + percent(b64("v1: "+hexed(line))) + "\n"), want: found},
		{name: "two on a line", config: keyRule, files: one("x: " + b64("v1: key-abc123") + " y: " + b64("v1: key-abc124") + "\n"), want: []string{a("key", 1, "key-abc123"), a("key", 1, "key-abc124")}},
		{name: "a match across two", config: "[[rules]]\nid='r'\nregex='user-1.*pass-2'\n", files: one("x: " + b64("v1: my user-1") + " y: " + b64("v1: my pass-2") + "\n"), want: []string{a("r", 1, "user-1 y: v1: my pass-2")}},
		{name: "a keyword that is encoded", config: "[[rules]]\nid='r'\nregex='abc\\d+'\nkeywords=['special']\n", files: one("abc1\n" + b64("v1: a special word") + "\n" + b64("v1: the abc2 word") + "\n"), want: []string{a("r", 3, "abc2")}},
		{name: "a keyword that only the encoding has", config: "[[rules]]\nid='r'\nregex='abc\\d+'\nkeywords=['ic4=']\n", files: one(b64("v1: the abc2 .") + " " + b64("some more words .")), want: []string{a("r", 1, "abc2")},
			differs: "gitleaks looks for keywords in the decoded text alone", peer: nil},
		{name: "a keyword in a lower layer", config: "[[rules]]\nid='r'\nregex='abc\\d+'\nkeywords=['special']\n", files: one("special\n" + b64("v1: the abc2 word") + "\n"), want: []string{a("r", 2, "abc2")}},
		{name: "encoded text across a match's lines", config: "[[rules]]\nid='r'\nregex='(?s)BEGIN.*END'\n", files: one("x\nBEGIN\n" + b64("v1: the quick brown") + "\nEND\n\n"),
			want: []string{sight("r", "a.txt", 2, 4, "BEGIN\n"+b64("v1: the quick brown")+"\nEND"), sight("r", "a.txt", 2, 4, "BEGIN\nv1: the quick brown\nEND")}},
		{name: "encoded lines", config: keyRule, files: one("\n\n" + b64("x9??\nkey-abc123\ny 12\n") + "\n"), want: []string{a("key", 3, "key-abc123")}},
		{name: "not text", config: "[[rules]]\nid='r'\nregex='k'\n", files: one(b64("\x00\x01\x02key key key\xff") + "\n")},
		{name: "generic and not, encoded", config: "[[rules]]\nid='generic'\nregex='token: (\\S+)'\n" + keyRule, files: one("x " + b64("token: key-abc123") + "\n"), want: []string{a("key", 1, "key-abc123")}},
		{name: "a path, encoded", config: "[[rules]]\nid='r'\nregex='key-\\d'\npath='b.txt'\n", files: map[string]string{"a.txt": b64("v1: see key-1 here"), "b.txt": b64("v1: see key-1 here")}, want: []string{sight("r", "b.txt", 1, 1, "key-1")}},
	}
}

// escapeSigns escapes what base64 has beside letters and digits.
func escapeSigns(s string) string {
	var out []byte
	for _, c := range []byte(s) {
		switch c {
		case '+', '/', '=':
			out = append(out, percent(string(c))...)
		default:
			out = append(out, c)
		}
	}
	return string(out)
}
