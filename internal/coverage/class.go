package coverage

// A Class says what kind of file it is, as far as engines and people treat it differently.
type Class string

// The classes. Engines see source, vendored, generated and minified files, and may ask less of the latter three unless a
// person asks for the class by name; of a link they see what it points to. The others are left out; of those a person can
// ask for binary and ignored files.
const (
	Source    Class = "source"
	Vendored  Class = "vendored"  // somebody else's code, kept in the tree
	Generated Class = "generated" // written by a program
	Minified  Class = "minified"
	Binary    Class = "binary"
	Ignored   Class = "ignored" // untracked, and named by an ignore file
	Link      Class = "link"    // a symbolic link: its text is looked at, and it is not followed
	Special   Class = "special" // a socket, pipe or device
)

// Classes lists all classes that a person can name, in the order reports show them.
var Classes = []Class{Source, Vendored, Generated, Minified, Binary, Ignored, Link, Special}
