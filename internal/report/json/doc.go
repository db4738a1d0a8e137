// Package json owns the report "json", the one that programs read: every field of a document under the names that
// policies use too, described by docs/report.schema.json. Write and Read are inverse: a document that was read is written
// as the same bytes. Within one schema version fields are only added, so Read passes over fields that it does not know,
// and it refuses values that it does not know, because an unknown status must not be taken for a harmless one.
package json
