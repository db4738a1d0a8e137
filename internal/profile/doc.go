// Package profile knows what a service is: its name, owner, tier, exposure and data, and which paths belong to it. It
// reads Backstage's catalog-info.yaml and both dialects of CODEOWNERS; what .assay.yaml says arrives from package
// config as values.
//
// It promises that each path belongs to exactly one service, that the same bytes give the same answer, and that what
// nobody said stays unknown: how an unknown is weighed is for package risk to say, and it weighs it as the worst.
package profile
