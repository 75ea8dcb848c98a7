package models

// MaxSelection is how many variants may be changed at once.
const MaxSelection = 10_000

// VariantSelection is which variants a change is for: those with the numbers or, where All is set, all that a query finds.
type VariantSelection struct {
	IDs   []int64
	All   bool
	Query VariantQuery // its limit and cursor do not matter
}

// MaxPreviewChanges is how many variants a preview of a change lists. It counts all.
const MaxPreviewChanges = 200

// RulesPreview is what a change of rules would do, were it said yes to now.
type RulesPreview struct {
	// Chosen counts the variants selected; Changing those of them that would differ afterwards.
	Chosen, Changing int
	// Tells is how many people would be told at once of what comes back.
	Tells int
	// Changes are the first MaxPreviewChanges that differ.
	Changes []VariantChange
}
