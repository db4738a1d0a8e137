// Package census lists every suppression that was found, in marks and in ignore files, with what it does today: what it
// hides, or why it hides nothing.
//
// It promises that a suppression is called unused only where an engine in this binary could have made the finding that it
// speaks about, and looked; where that cannot be said the census says "cannot tell". Its formats show target text escaped
// for where it goes, and a table in CSV holds no formula. The same suppressions make the same bytes.
//
// Who wrote a line and when is filled in by the caller, who has the repository: Row.Author and Row.Date. Texts have to be
// masked before they come here.
package census
