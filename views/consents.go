package views

import "bentornato/models"

// ConsentsProps is what people allowed a Page: GET /pages/{id}/consents; POST /pages/{id}/consents/import; POST
// /pages/{id}/consents/export with format (csv or jsonl) and tokens=yes.
type ConsentsProps struct {
	Page
	OnPage models.Page
	// OptIns counts the recurring permissions by status, Stats the rest.
	OptIns map[models.OptInStatus]int
	Stats  models.Stats
	// Import is how far the Page's own list was read.
	Import models.OptInImport
}

// consentStatuses are the ones worth a line.
var consentStatuses = []models.OptInStatus{models.OptInActive, models.OptInStopped, models.OptInExpired}
