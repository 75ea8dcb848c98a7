package store

import (
	"context"
	"strings"

	"bentornato/models"
)

// The counters' names; a token's state is counted as "token:" and the state.
const (
	countContacts  = "contacts"
	countInterests = "interests"
	countRequests  = "requests"
	countVariants  = "variants" // listed
	countToken     = "token:"
)

// count adds n to one of a Page's counters when the transaction ends.
func (t *Tx) count(pageID, name string, n int) error {
	t.late.counters.add(pageCounter{pageID, name}, n)
	return nil
}

// pageCounter names one of a Page's counters.
type pageCounter struct{ page, name string }

// tally gathers changes of counts, so that each row is written once a transaction.
type tally[K comparable] map[K]int

func (c tally[K]) add(key K, n int) { c[key] += n }

// Stats reads the totals from counters, so it costs the same however much there is. pageID empty: all Pages that whoever
// asks may see.
func (r Reader) Stats(ctx context.Context, pageID string) (models.Stats, error) {
	s := models.Stats{Tokens: map[models.TokenState]int{}}
	for _, state := range models.TokenStates {
		s.Tokens[state] = 0
	}
	var rows []struct {
		Name string
		N    int
	}
	q := r.with(ctx).Table("counters").Select("name, SUM(n) AS n").Group("name")
	q = r.within(ctx, q)
	open := apart(ctx, r.with(ctx).Model(&models.Restock{}).Where("state IN ?", openRestocks))
	if pageID != "" {
		q, open = q.Where("page_id = ?", pageID), open.Where("page_id = ?", pageID)
	}
	if err := q.Scan(&rows).Error; err != nil {
		return s, translate(err)
	}
	for _, row := range rows {
		switch row.Name {
		case countContacts:
			s.Contacts = row.N
		case countInterests:
			s.Interests = row.N
		case countRequests:
			s.Requests = row.N
		default:
			if state, ok := strings.CutPrefix(row.Name, countToken); ok {
				s.Tokens[models.TokenState(state)] = row.N
			}
		}
	}
	var running int64
	if err := open.Count(&running).Error; err != nil {
		return s, translate(err)
	}
	s.Running = int(running)
	return s, nil
}

var openRestocks = []models.RestockState{models.RestockHeld, models.RestockNeedsOK, models.RestockRunning, models.RestockPaused}
