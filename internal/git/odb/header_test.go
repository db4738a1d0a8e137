package odb

import "testing"

func TestSaid(t *testing.T) {
	tests := []struct{ name, object, headers, message string }{
		{"a commit", "tree " + idA + "\nparent " + idB + "\nauthor A <a@b> 16 -0330\ncommitter C <c@d> 17 +0000\nencoding latin1\n" +
			"gpgsig -----BEGIN\n abc\n \n -----END\n\nSubject\n\ntext\n",
			"author A <a@b>\ncommitter C <c@d>\nencoding latin1\n", "Subject\n\ntext\n"},
		{"a merge of a tag", "tree " + idA + "\nauthor A <a@b> 16 +0000\nmergetag object " + idB + "\n type commit\n tagger T <t@u> 1 +0000\n \n said\ngpgsig x\n y\nodd z\n\nm",
			"author A <a@b>\nmergetag object " + idB + "\n type commit\n tagger T <t@u> 1 +0000\n \n said\nodd z", "m"},
		{"a tag", "object " + idA + "\ntype commit\ntag v1\ntagger T <t@u> 1 +0000\n\nsaid\n", "type commit\ntag v1\ntagger T <t@u>\n", "said\n"},
		{"a date that is none", "author A <a@b> key 1\ncommitter B <c> 1 +0000 key\n\n", "author A <a@b> key 1\ncommitter B <c> 1 +0000 key\n", ""},
		{"no address, and a second author", "author A key 1 +0000\nauthor B <x> 1 +0000\n\n", "author A key 1 +0000\nauthor B <x>\n", ""},
		{"a continuation of nothing", " key\n\nm", " key", "m"},
		{"no message", "author A <a>", "author A <a>\n", ""},
		{"nothing", "", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			headers, message := Said([]byte(tt.object))
			if string(headers) != tt.headers || string(message) != tt.message {
				t.Errorf("headers %q\nwant    %q\nmessage %q", headers, tt.headers, message)
			}
		})
	}
}

// FuzzSaid holds that both readers of commits agree on where the message begins, and that nothing is made up.
func FuzzSaid(f *testing.F) {
	f.Add([]byte("tree " + idA + "\nauthor A <a@b> 16 -0330\ngpgsig x\n y\n\nmessage\n\nmore"))
	f.Add([]byte("object " + idA + "\ntype tree\ntag v\ntagger <>\n\n"))
	f.Add([]byte("\n\n \n>"))
	f.Fuzz(func(t *testing.T, object []byte) {
		headers, message := Said(object)
		if len(headers)+len(message) > len(object)+1 {
			t.Errorf("%q says %q and %q", object, headers, message)
		}
		if c, err := ParseCommit(object); err == nil && c.Message != string(message) {
			t.Errorf("message %q, and by ParseCommit %q", message, c.Message)
		}
	})
}
