// Package effect says what suppression marks and ignore files do to risks.
//
// It promises that a mark or an entry holds only open risks that carry a name of its tool, at the lines and paths that the
// tool gives it; that a mark of ours, and any mark that the change under judgement brings in, holds nothing that the gate
// would deny; that one which came to its end holds nothing; and that for each it can be told how many risks it holds and,
// where it does not do what it seems to, why. Its work grows with risks and marks, not with their product.
//
// How marks and files are read is package native's and native/ignorefile's; listing them is the census'.
package effect
