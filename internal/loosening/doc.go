// Package loosening compares the files that can loosen a verdict, as the base of a change has them, with what the change
// makes of them: configuration, policies, owners, baseline, exceptions, signers, rules, and the ignore files of tools.
//
// A verdict is made from the base's files alone, so nothing here changes it. What is found is shown, because it takes effect
// after the merge, and is a finding where it loosens. Where nobody can tell, such as for a policy that says something else
// than before, it counts as loosening.
package loosening
