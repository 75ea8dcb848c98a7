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

// Day is what was done on one day of the shop's calendar. Begin is the date, as its midnight in UTC.
type Day struct {
	Begin   time.Time
	Sent    int // notifications
	Clicks  int // on their links
	Orders  int // that followed, where a shop system reports them
	Asked   int // interests in a variant
	Granted int // taps on Notify Me
}

// Plus returns the day with another's counts added to its own.
func (d Day) Plus(other Day) Day {
	d.Sent, d.Clicks, d.Orders = d.Sent+other.Sent, d.Clicks+other.Clicks, d.Orders+other.Orders
	d.Asked, d.Granted = d.Asked+other.Asked, d.Granted+other.Granted
	return d
}

// DayIn is the date on which a moment falls in a place, written as that date's midnight in UTC: dates are counted and
// compared, whatever daylight saving does to the length of a day. A nil loc is UTC.
func DayIn(t time.Time, loc *time.Location) time.Time {
	if loc == nil {
		loc = time.UTC
	}
	y, m, d := t.In(loc).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
