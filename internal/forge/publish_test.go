package forge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/forge/rest"
)

const marker = "<!-- assay:gate v1 pull-request -->"

// A fake is a thread in memory that writes down what is done to it.
type fake struct {
	self  Author
	by    Author // who the forge says has written; self unless set
	notes []Note
	did   []string
	fail  error

	beside func(*fake)    // what another run does while a comment is made
	gone   map[int64]bool // comments that somebody deletes once they are listed
}

func (f *fake) Self(context.Context) (Author, error) { return f.self, nil }

func (f *fake) Notes(_ context.Context, take func(Note) bool) error {
	for _, n := range f.notes {
		if !take(n) {
			break
		}
	}
	return f.fail
}

func (f *fake) author() Author {
	if f.by != (Author{}) {
		return f.by
	}
	return f.self
}

func (f *fake) Create(_ context.Context, body string) (Note, error) {
	f.did = append(f.did, "create "+body)
	n := Note{ID: 100, Body: body, By: f.author()}
	f.notes = append(f.notes, n)
	if f.beside != nil {
		f.beside(f)
	}
	return n, nil
}

func (f *fake) Update(_ context.Context, id int64, body string) (Note, error) {
	if f.gone[id] {
		return Note{}, &rest.Error{Status: http.StatusNotFound}
	}
	f.did = append(f.did, fmt.Sprintf("update %d %s", id, body))
	for i := range f.notes {
		if f.notes[i].ID == id {
			f.notes[i].Body = body
		}
	}
	return Note{ID: id, Body: body, By: f.author()}, nil
}

func TestPublish(t *testing.T) {
	me, other := Author{ID: 7, Name: "me"}, Author{ID: 8, Name: "other"}
	bot := Author{Name: "github-actions[bot]", Bot: true, App: "github-actions"}
	knownBot := Author{ID: 41, Name: "github-actions[bot]", Bot: true, App: "github-actions"}
	body := func(s string) string { return marker + "\n" + s }
	for _, tt := range []struct {
		name    string
		self    Author
		by      Author
		notes   []Note
		ifThere bool
		want    Published
		did     []string
	}{
		{"the first", me, Author{}, nil, false, Published{Did: Created, ID: 100}, []string{"create " + body("new")}},
		{"none, and nothing to say", me, Author{}, []Note{{1, body("x"), other}}, true, Published{Did: Nothing}, nil},
		{"changed", me, Author{}, []Note{{3, body("old"), me}}, true, Published{Did: Updated, ID: 3}, []string{"update 3 " + body("new")}},
		{"unchanged", me, Author{}, []Note{{3, "hello", me}, {4, marker + "\r\nnew\r\n", me}}, false, Published{Did: Unchanged, ID: 4}, nil},
		{"somebody copied the marker", me, Author{}, []Note{{3, body("old"), other}}, false, Published{Did: Created, ID: 100}, []string{"create " + body("new")}},
		{"somebody quotes the marker", me, Author{}, []Note{{3, "> " + body("old"), me}, {4, "x\n" + body("y"), me}}, false, Published{Did: Created, ID: 100}, []string{"create " + body("new")}},
		{"another key", me, Author{}, []Note{{3, "<!-- assay:gate v1 deploy -->\nx", me}}, false, Published{Did: Created, ID: 100}, []string{"create " + body("new")}},
		{"three of ours, in any order", me, Author{}, []Note{{5, body("b"), me}, {9, body("c"), me}, {7, body("x"), other}, {3, body("a"), me}}, false,
			Published{Did: Updated, ID: 9, Folded: 2}, []string{"update 9 " + body("new"), "update 5 " + folded(marker), "update 3 " + folded(marker)}},
		{"folded already", me, Author{}, []Note{{5, folded(marker), me}, {9, body("new"), me}}, false, Published{Did: Unchanged, ID: 9}, nil},
		{"a workflow's token", bot, knownBot, []Note{{3, body("old"), knownBot}}, false, Published{Did: Updated, ID: 3}, []string{"update 3 " + body("new")}},
		{"a forge that does not tell the application", bot, knownBot, []Note{{3, body("old"), Author{ID: 41, Name: bot.Name, Bot: true}}}, false,
			Published{Did: Updated, ID: 3}, []string{"update 3 " + body("new")}},
		{"a person with a bot's name", bot, knownBot, []Note{{3, body("old"), Author{ID: 42, Name: bot.Name}}}, false,
			Published{Did: Created, ID: 100}, []string{"create " + body("new")}},
		{"another application", bot, knownBot, []Note{{3, body("old"), Author{ID: 43, Name: "other[bot]", Bot: true, App: "other"}}, {4, body("old"), Author{ID: 41, Name: bot.Name, Bot: true, App: "other"}}}, false,
			Published{Did: Created, ID: 100}, []string{"create " + body("new")}},
		{"an account that is gone", bot, knownBot, []Note{{3, body("old"), Author{}}}, false, Published{Did: Created, ID: 100}, []string{"create " + body("new")}},
		{"a token that is not whom it was taken for", bot, Author{ID: 50, Name: "ours[bot]", Bot: true}, []Note{{3, body("old"), Author{ID: 50, Name: "ours[bot]", Bot: true}}, {4, body("old"), other}}, false,
			Published{Did: Created, ID: 100, Folded: 1, Notice: `the token writes as "ours[bot]": name it as the comment's author, so that later runs find the comment`},
			[]string{"create " + body("new"), "update 3 " + folded(marker)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &fake{self: tt.self, by: tt.by, notes: tt.notes}
			got, err := Publish(t.Context(), f, Comment{Marker: marker, Body: body("new"), IfThere: tt.ifThere})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.did, f.did); diff != "" {
				t.Errorf("done (-want +got):\n%s", diff)
			}
			if f.did = nil; tt.by == (Author{}) { // a second run has nothing to do
				if again, err := Publish(t.Context(), f, Comment{marker, body("new"), tt.ifThere}); err != nil || len(f.did) > 0 {
					t.Errorf("again: %+v, %v, %s", again, err, f.did)
				}
			}
		})
	}
}

// Two runs at the same time both find no comment. Whoever looks again last leaves one.
func TestPublishBesideAnother(t *testing.T) {
	me, other := Author{ID: 7, Name: "me"}, Author{ID: 8, Name: "other"}
	for _, tt := range []struct {
		name   string
		beside Note
		want   Published
		did    []string
	}{
		{"an earlier one", Note{99, marker + "\nx", me}, Published{Did: Created, ID: 100, Folded: 1}, []string{"update 99 " + folded(marker)}},
		{"a later one", Note{101, marker + "\nx", me}, Published{Did: Created, ID: 101, Folded: 1}, []string{"update 100 " + folded(marker)}},
		{"a stranger's", Note{101, marker + "\nx", other}, Published{Did: Created, ID: 100}, nil},
	} {
		f := &fake{self: me, beside: func(f *fake) { f.notes = append(f.notes, tt.beside) }}
		got, err := Publish(t.Context(), f, Comment{Marker: marker, Body: marker + "\nnew"})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: result (-want +got):\n%s", tt.name, diff)
		}
		if diff := cmp.Diff(append([]string{"create " + marker + "\nnew"}, tt.did...), f.did); diff != "" {
			t.Errorf("%s: done (-want +got):\n%s", tt.name, diff)
		}
	}
}

// A comment that somebody deletes while it is being updated is made again, and an older one that is gone need not be folded.
func TestPublishDeleted(t *testing.T) {
	me := Author{ID: 7, Name: "me"}
	for ifThere, want := range map[bool]Published{true: {Did: Nothing}, false: {Did: Created, ID: 100}} {
		f := &fake{self: me, notes: []Note{{3, marker + "\na", me}, {5, marker + "\nb", me}}, gone: map[int64]bool{3: true, 5: true}}
		got, err := Publish(t.Context(), f, Comment{Marker: marker, Body: marker + "\nnew", IfThere: ifThere})
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v, result (-want +got):\n%s", err, diff)
		}
	}
}

func TestPublishRefuses(t *testing.T) {
	f := &fake{self: Author{ID: 7}}
	for _, c := range []Comment{{}, {Marker: marker, Body: "x"}, {Body: "x"}} {
		if _, err := Publish(t.Context(), f, c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
	f.fail = errors.New("half a list")
	if _, err := Publish(t.Context(), f, Comment{Marker: marker, Body: marker}); !errors.Is(err, f.fail) || len(f.did) > 0 {
		t.Errorf("error %v, done %s: a list that is not whole may hold our comment", err, f.did)
	}
}

// A body that a forge gives back is equal to itself and to nothing else.
func FuzzSame(f *testing.F) {
	f.Add("a\r\nb\n", "a\nb")
	f.Fuzz(func(t *testing.T, a, b string) {
		if !same(a, strings.ReplaceAll(strings.ReplaceAll(a, "\r\n", "\n"), "\n", "\r\n")+"\n") {
			t.Errorf("%q is not the same as with other line ends", a)
		}
		if same(a, b) != same(b, a) {
			t.Errorf("%q and %q differ by their order", a, b)
		}
	})
}
