package models

// Stats are the totals of all Pages together.
type Stats struct {
	Contacts  int
	Interests int
	Requests  int
	Tokens    map[TokenState]int
	Running   int // restocks that may still claim
}
