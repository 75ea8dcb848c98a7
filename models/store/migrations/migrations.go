// Package migrations holds the steps of the schema, one folder for each database; store applies them.
package migrations

import "embed"

// FS has the folders sqlite and postgres, each with the same steps by the same numbers.
//
//go:embed sqlite postgres
var FS embed.FS
