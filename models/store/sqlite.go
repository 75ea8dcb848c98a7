package store

import (
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// sqliteDialect is gorm's for SQLite, but for the sign of an argument.
//
// SQLite would see whether the values of arguments let it find a better plan: where a LIMIT or what a column equals is a plain
// "?", it prepares the statement anew whenever the argument changes, and so for each use of a statement that the driver
// keeps. That takes longer than most of our statements do. With "+?", which is the same value, it looks at the statement
// alone, as PostgreSQL does. A statement that needs a partial index therefore says so in its words and not in its
// arguments.
type sqliteDialect struct{ *sqlite.Dialector }

// openSQLite is sqlite.Open.
func openSQLite(dsn string) gorm.Dialector {
	return sqliteDialect{&sqlite.Dialector{DSN: dsn}}
}

// BindVarTo writes an argument's sign.
func (sqliteDialect) BindVarTo(w clause.Writer, _ *gorm.Statement, _ any) { _, _ = w.WriteString("+?") }
