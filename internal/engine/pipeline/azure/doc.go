// Package azure says what is wrong in the pipelines of Azure Pipelines and in their templates.
//
// Azure pastes texts: ${{ … }} when the templates are put together, $(…) right before a step runs, both before any shell
// sees the script. So a script is read with holes, and what may fill a hole is followed: from predefined variables that
// outsiders write, through variables, template parameters, the variables that scripts set (##vso[task.setvariable]) and
// the environment. That needs all files of a pipeline, so Look leaves names and references in the summary, and Join puts
// root and templates together.
//
// A file is read whatever stands around its steps: conditions and loops of templates (${{ if … }}, ${{ each … }}) and lists
// of steps that are handed to a template as a parameter are walked through, each branch as if it were taken. What is set in
// the web interface (variable groups, approvals, branch policies) and templates of other repositories are not read.
//
// What a script does is the package shell's, where a value stands the package document's.
package azure
