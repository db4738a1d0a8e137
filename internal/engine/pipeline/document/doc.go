// Package document reads a YAML file and knows where each of its values stands in the file's bytes, so that a finding
// points at the very characters and a fix changes nothing else. It knows nothing of pipelines.
package document
