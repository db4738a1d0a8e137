package forge

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/assaysec/assay/internal/forge/rest"
)

// A Thread is the comments of one pull or merge request.
type Thread interface {
	// Self is who the token writes as.
	Self(ctx context.Context) (Author, error)

	// Notes gives every comment, in whatever order, until take says false.
	Notes(ctx context.Context, take func(Note) bool) error

	Create(ctx context.Context, body string) (Note, error)
	Update(ctx context.Context, id int64, body string) (Note, error)
}

// A Note is one comment.
type Note struct {
	ID   int64
	Body string
	By   Author
}

// An Author is who wrote a comment. A token of an application does not always know its own number; it then knows its name,
// and that it is an application.
type Author struct {
	ID   int64
	Name string
	Bot  bool   // the forge says that it is no person, which no person can make it say
	App  string // the application that wrote on its behalf, where the forge tells
}

// wrote reports whether a comment's author is the one that a token writes as. What is not known is not the same.
func (a Author) wrote(n Note) bool {
	if a.App != "" && n.By.App != "" && a.App != n.By.App {
		return false
	}
	if a.ID != 0 {
		return a.ID == n.By.ID
	}
	return a.Name != "" && a.Name == n.By.Name && a.Bot && n.By.Bot
}

// A Comment is what is to be said.
type Comment struct {
	Marker string // the first line of Body, by which a later run finds it
	Body   string

	// IfThere leaves a request alone that has no comment of ours: what has nothing to say need not begin.
	IfThere bool
}

// What Publish did.
const (
	Created   = "created"
	Updated   = "updated"
	Unchanged = "unchanged"
	Nothing   = "nothing"
)

// A Published says what became of a comment.
type Published struct {
	Did    string
	ID     int64
	Folded int    // older comments of ours that now point to this one
	Notice string // what a person should know; may be empty
}

// Publish makes a request hold the comment once: the newest of ours is updated, older ones are folded to one line, and
// where there is none, one is written.
func Publish(ctx context.Context, t Thread, c Comment) (Published, error) {
	if first, _, _ := strings.Cut(c.Body, "\n"); c.Marker == "" || first != c.Marker {
		return Published{}, errors.New("a comment must begin with its marker")
	}
	self, err := t.Self(ctx)
	if err != nil {
		return Published{}, err
	}
	marked, err := listMarked(ctx, t, c.Marker)
	if err != nil {
		return Published{}, err
	}
	done, err := put(ctx, t, c, newest(marked, self))
	if err != nil || done.Did == Nothing {
		return done.Published, err
	}
	if by := done.note.By; done.Did == Created && by.Name != "" && !self.wrote(done.note) {
		// The forge knows better than we did who we are, so now we know which older ones are ours.
		self = by
		done.Notice = fmt.Sprintf("the token writes as %q: name it as the comment's author, so that later runs find the comment", self.Name)
	}
	if done.Did == Created {
		// Another run may have found no comment either, at the same time. Both look again, and keep the same one.
		if marked, err = listMarked(ctx, t, c.Marker); err != nil {
			return done.Published, err
		}
		if last := newest(marked, self); last != nil {
			done.ID = max(done.ID, last.ID)
		}
	}
	done.Folded, err = fold(ctx, t, c.Marker, func(n Note) bool { return n.ID != done.ID && self.wrote(n) }, marked)
	return done.Published, err
}

// fold makes comments point to a newer one. Those that somebody has deleted since are no concern.
func fold(ctx context.Context, t Thread, marker string, older func(Note) bool, list []Note) (count int, err error) {
	for _, n := range list {
		if !older(n) || same(n.Body, folded(marker)) {
			continue
		}
		_, err := t.Update(ctx, n.ID, folded(marker))
		switch {
		case err == nil:
			count++
		case !rest.Gone(err):
			return count, err
		}
	}
	return count, nil
}

// listMarked lists the comments that carry a marker in their first line, whoever wrote them.
func listMarked(ctx context.Context, t Thread, marker string) ([]Note, error) {
	var list []Note
	err := t.Notes(ctx, func(n Note) bool {
		first, _, _ := strings.Cut(n.Body, "\n")
		if strings.TrimSpace(first) == marker {
			list = append(list, n)
		}
		return true
	})
	return list, err
}

// newest is the newest comment of ours, nil where there is none. Forges count upwards.
func newest(list []Note, self Author) *Note {
	var found *Note
	for i, n := range list {
		if self.wrote(n) && (found == nil || n.ID > found.ID) {
			found = &list[i]
		}
	}
	return found
}

// A written comment, with what the forge says about it.
type written struct {
	Published
	note Note
}

// put writes the comment, over old where there is one.
func put(ctx context.Context, t Thread, c Comment, old *Note) (written, error) {
	switch {
	case old == nil && c.IfThere:
		return written{Published: Published{Did: Nothing}}, nil
	case old == nil:
		n, err := t.Create(ctx, c.Body)
		return written{Published{Did: Created, ID: n.ID}, n}, err
	case same(old.Body, c.Body):
		return written{Published{Did: Unchanged, ID: old.ID}, *old}, nil
	}
	n, err := t.Update(ctx, old.ID, c.Body)
	if rest.Gone(err) {
		return put(ctx, t, c, nil)
	}
	return written{Published{Did: Updated, ID: old.ID}, n}, err
}

// folded is what an older comment of ours becomes.
func folded(marker string) string {
	return marker + "\nA newer comment of assay on this page takes the place of this one."
}

// same compares bodies as forges keep them: with other line ends, and without space at the end.
func same(a, b string) bool { return plain(a) == plain(b) }

func plain(s string) string {
	return strings.TrimRight(strings.ReplaceAll(s, "\r\n", "\n"), " \t\n")
}
