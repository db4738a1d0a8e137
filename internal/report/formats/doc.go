// Package formats is the list of report formats. Adding one touches its own package and one line here.
package formats
