package models

import "strings"

// IsFormula reports whether a spreadsheet would run the text of a cell instead of showing it (OWASP, "CSV Injection").
func IsFormula(cell string) bool { return strings.IndexAny(cell, "=+-@\t\r") == 0 }

// Defuse returns the text of a cell as a spreadsheet shows it: a quote goes before what it would run.
func Defuse(cell string) string {
	if IsFormula(cell) {
		return "'" + cell
	}
	return cell
}
