package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"bentornato/models"
)

// Limits of the words that conversations are found by.
const (
	maxWordsHeard = 60 // of one message
	maxWordLength = 40 // bytes
	maxSought     = 6  // words of one search
	// maxFound is how many words beginning like a searched one are looked at. Where the rarest of a search's words is that
	// common, some of what it means is left out.
	maxFound = 5000
	// keepWords is how long what was written is found by its words. Names are found for ever.
	keepWords = 180 * 24 * time.Hour
)

// Heard is what was written in a conversation.
type Heard struct {
	ContactID int64
	Text      string
	At        time.Time
}

// wordRow is a word of a contact: of the name where At is 0.
type wordRow struct {
	ContactID int64  `json:"c"`
	Word      string `json:"w"`
	At        int64  `json:"t"`
}

// searchWords are the stems that a text is found by.
func searchWords(text string, limit int) []string {
	var words []string
	for _, w := range models.Words(text) {
		if len(words) == limit {
			break
		}
		if len(w) <= maxWordLength {
			words = append(words, w)
		}
	}
	return words
}

// SaveHeard lets conversations be found by what was written in them. One statement writes all words.
func (t *Tx) SaveHeard(list []Heard) error {
	latest := map[wordRow]int64{}
	for _, h := range list {
		for _, w := range searchWords(h.Text, maxWordsHeard) {
			key := wordRow{ContactID: h.ContactID, Word: w}
			latest[key] = max(latest[key], millis(h.At))
		}
	}
	rows := make([]wordRow, 0, len(latest))
	for row, at := range latest {
		row.At = at
		rows = append(rows, row)
	}
	return t.saveContactWords(rows)
}

// saveContactWords writes words. What is a name's stays one; what was said again was said later.
func (t *Tx) saveContactWords(rows []wordRow) error {
	// In one order, so that two transactions never wait for each other.
	slices.SortFunc(rows, func(a, b wordRow) int {
		return cmp.Or(cmp.Compare(a.ContactID, b.ContactID), cmp.Compare(a.Word, b.Word))
	})
	return change(t, `INSERT INTO contact_words (contact_id, word, at) SELECT r.c, r.w, r.t FROM % WHERE true
		ON CONFLICT (contact_id, word) DO UPDATE SET at = CASE WHEN contact_words.at = 0 OR excluded.at = 0 THEN 0
		WHEN excluded.at > contact_words.at THEN excluded.at ELSE contact_words.at END`, "c bigint, w text, t bigint", rows)
}

// saveName lets a contact be found by a new name, and not by the old one.
func (t *Tx) saveName(contactID int64, name string) error {
	if err := t.db.Exec("DELETE FROM contact_words WHERE contact_id = ? AND at = 0", contactID).Error; err != nil {
		return err
	}
	var rows []wordRow
	for _, w := range searchWords(name, maxWordsHeard) {
		rows = append(rows, wordRow{ContactID: contactID, Word: w})
	}
	return t.saveContactWords(rows)
}

// forgetWords deletes words that nobody wrote for long, a batch at a time.
func (t *Tx) forgetWords() error {
	return t.db.Exec(`DELETE FROM contact_words WHERE (contact_id, word) IN
		(SELECT contact_id, word FROM contact_words WHERE at > 0 AND at < ? LIMIT ?)`, millis(t.now.Add(-keepWords)), sweepBatch).Error
}

// afterWord is behind every word that begins with another: the highest character there is.
const afterWord = "\U0010FFFF"

// maxRecent is how many contacts, whoever acted last first, are asked for words that are on everybody's lips before all
// who said them are gathered and sorted.
const maxRecent = 1000

// contactSearch is what a list of contacts is narrowed to: the beginnings of words, all of which must be of the name or,
// unless only names count, have been written of late; or a PSID.
type contactSearch struct {
	text   string
	words  []string // the rarest stands first
	of     string   // a condition on a word, with its beginning and what is behind it
	common bool     // even the rarest word is found maxFound times
}

// seek reads a text to search contacts by.
func (r Reader) seek(ctx context.Context, text string, namesOnly bool) (contactSearch, error) {
	s := contactSearch{text: text, words: searchWords(text, maxSought), of: "word >= ? AND word < ?"}
	if len(s.words) == 0 {
		return s, nil
	}
	if namesOnly {
		s.of += " AND at = 0"
	}
	// The rarest word is looked up, and the others asked of each contact that it finds.
	rarest, fewest := 0, int64(maxFound)
	for i, w := range s.words {
		var n int64
		err := r.with(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 FROM contact_words WHERE "+s.of+" LIMIT ?) AS few", w, w+afterWord, maxFound).Scan(&n).Error
		if err != nil {
			return s, translate(err)
		}
		if n < fewest {
			rarest, fewest = i, n
		}
	}
	s.common = fewest == maxFound
	s.words[0], s.words[rarest] = s.words[rarest], s.words[0]
	return s, nil
}

// all narrows a list of contacts to those that a search finds.
func (s contactSearch) all(db *gorm.DB) *gorm.DB {
	const named = "SELECT p.id FROM contacts p WHERE p.page_id IN (SELECT id FROM pages) AND p.psid = ?"
	if s.text == "" {
		return db
	}
	if len(s.words) == 0 {
		return db.Where("contacts.id IN ("+named+")", s.text)
	}
	found := "SELECT contact_id FROM (SELECT contact_id FROM contact_words WHERE " + s.of + " ORDER BY word DESC, contact_id DESC LIMIT ?) AS rarest"
	args := []any{s.words[0], s.words[0] + afterWord, maxFound}
	for i, w := range s.words[1:] {
		join := " WHERE "
		if i > 0 {
			join = " AND "
		}
		found += join + "EXISTS (SELECT 1 FROM contact_words o WHERE o.contact_id = rarest.contact_id AND o." + s.of + ")"
		args = append(args, w, w+afterWord)
	}
	return db.Where("contacts.id IN ("+found+" UNION ALL "+named+")", append(args, s.text)...)
}

// recent narrows a list of contacts in the order of what they did last to those who have all words. Each is asked for them:
// values and not joins, so that PostgreSQL never gathers everybody who has one.
func (s contactSearch) recent(db *gorm.DB) *gorm.DB {
	for _, w := range s.words {
		db = db.Where("COALESCE((SELECT 1 FROM contact_words o WHERE o.contact_id = contacts.id AND o."+s.of+" LIMIT 1), 0) = 1", w, w+afterWord)
	}
	return db
}
