package models

import "time"

// Stats are the totals of all Pages together.
type Stats struct {
	Contacts  int
	Interests int
	Requests  int
	Tokens    map[TokenState]int
	Running   int // restocks that may still claim
}

// Day is what was done on one day of UTC.
type Day struct {
	Begin  time.Time
	Sent   int // notifications
	Clicks int // on their links
	Orders int // that followed, where a shop system reports them
}

// DayOf is the midnight at which a moment's day began, in UTC.
func DayOf(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
