package models

import "time"

// OptInProduct is one of the platform's ways to ask a person for a message later, by the name of its template.
type OptInProduct string

// The products, and the choice of both.
const (
	OptInOneTime   OptInProduct = "one_time_notif_req"    // a token for one message
	OptInRecurring OptInProduct = "notification_messages" // an opt-in for one message per restock, until it is stopped
	OptInBoth      OptInProduct = "both"                  // whichever is best for the person
)

// OptInProducts are the values of the Page's setting; the first is the default.
var OptInProducts = []OptInProduct{OptInOneTime, OptInRecurring, OptInBoth}

// OptInReason is why a person is asked with the product they are asked with, or with none.
type OptInReason string

// The reasons.
const (
	OptInOnlyOneTime   OptInReason = "only_one_time"  // the Page uses no other
	OptInOnlyRecurring OptInReason = "only_recurring" // the Page uses no other
	OptInLasts         OptInReason = "lasts"          // of both, recurring: one yes lasts for every restock
	OptInWasRefused    OptInReason = "refused"        // one-time: Messenger refused the Page recurring ones lately
	OptInWasStopped    OptInReason = "stopped"        // one-time: the person stopped recurring ones about this
	OptInNone          OptInReason = "none"           // the Page uses recurring ones only, and they cannot be used here
)

// OptInQuestion is what choosing an opt-in product needs to know.
type OptInQuestion struct {
	Page Page
	// Stopped is set where the person stopped a recurring opt-in about this variant.
	Stopped bool
	Now     time.Time
}

// OptInChoice is the product that a person is asked with, and why that one. Product is empty where there is none.
type OptInChoice struct {
	Product OptInProduct
	Why     OptInReason
}

// optInAdapter is one opt-in product: whether it can be used, and what is sent to ask with it.
type optInAdapter interface {
	product() OptInProduct
	// hindrance is why the person cannot be asked with it; empty if they can.
	hindrance(q OptInQuestion) OptInReason
	// card is the card that asks.
	card(title, payload string, page Page, v Variant) RequestCard
}

type oneTimeAdapter struct{}

func (oneTimeAdapter) product() OptInProduct               { return OptInOneTime }
func (oneTimeAdapter) hindrance(OptInQuestion) OptInReason { return "" }
func (oneTimeAdapter) card(title, payload string, _ Page, _ Variant) RequestCard {
	return RequestCard{Title: title, Payload: payload}
}

type recurringAdapter struct{}

func (recurringAdapter) product() OptInProduct { return OptInRecurring }

func (recurringAdapter) hindrance(q OptInQuestion) OptInReason {
	switch {
	case q.Page.RecurringRefused(q.Now):
		return OptInWasRefused
	case q.Stopped:
		return OptInWasStopped
	}
	return ""
}

func (recurringAdapter) card(title, payload string, page Page, v Variant) RequestCard {
	zone := page.TimeZone
	if zone == "" {
		zone = "UTC"
	}
	return RequestCard{Title: title, Payload: payload, Recurring: true, ImageURL: v.ImageURL, TimeZone: zone}
}

// optInAdapters are the products that a Page uses, the best first: what a person grants once for every restock is worth more
// than what they grant once.
func optInAdapters(use OptInProduct) []optInAdapter {
	switch use {
	case OptInRecurring:
		return []optInAdapter{recurringAdapter{}}
	case OptInBoth:
		return []optInAdapter{recurringAdapter{}, oneTimeAdapter{}}
	default:
		return []optInAdapter{oneTimeAdapter{}}
	}
}

// ChooseOptIn picks the best product that a person can be asked with, and says why it is that one.
func ChooseOptIn(q OptInQuestion) OptInChoice {
	use := q.Page.Settings.OptInProduct
	why := OptInOnlyOneTime
	switch use {
	case OptInRecurring:
		why = OptInOnlyRecurring
	case OptInBoth:
		why = OptInLasts
	}
	for _, a := range optInAdapters(use) {
		if hindrance := a.hindrance(q); hindrance != "" {
			why = hindrance
			continue
		}
		return OptInChoice{Product: a.product(), Why: why}
	}
	return OptInChoice{Why: OptInNone}
}

// Card is the card that asks with the chosen product. Without one it asks for a one-time notification.
func (c OptInChoice) Card(title, payload string, page Page, v Variant) RequestCard {
	return optInAdapters(c.Product)[0].card(title, payload, page, v)
}

// Uses reports whether a Page that has this setting asks with a product. The empty setting is the one-time notification.
func (p OptInProduct) Uses(product OptInProduct) bool {
	for _, a := range optInAdapters(p) {
		if a.product() == product {
			return true
		}
	}
	return false
}
