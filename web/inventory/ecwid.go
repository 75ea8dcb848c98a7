package inventory

import (
	"cmp"
	"strings"

	"bentornato/models"
)

// Ecwid is Ecwid (Lightspeed E-Series), by the webhooks of an app.
const Ecwid models.SourceKind = "ecwid"

// ecwid reads Ecwid's webhooks (Ecwid/ecwid-api-docs, includes/_webhooks.md). The signature covers the event's id and
// time and nothing else of the body, so nothing else is believed: whatever is said of a product, the shop is asked.
//
// Not confirmed: the documentation that was read is of 2020, and newer excerpts agree with it.
type ecwid struct{}

func (ecwid) Verify(r Request) error {
	body, err := parseObject(r.Body)
	if err != nil {
		return errUnsigned()
	}
	id, created := body.told("eventId"), body.told("eventCreated")
	if id == "" || created == "" {
		return errUnsigned()
	}
	return verifyHMAC(r.Header.Get("X-Ecwid-Webhook-Signature"), r, []byte(created+"."+id))
}

func (ecwid) Parse(r Request) (Result, error) {
	body, err := parseObject(r.Body)
	if err != nil {
		return Result{}, err
	}
	event, err := body.text("eventType")
	if err != nil {
		return Result{}, err
	}
	if event == "" {
		// The pages of the documentation write it both ways.
		event = cmp.Or(r.Query.Get("eventtype"), r.Query.Get("eventType"))
	}
	if !strings.HasPrefix(event, "product.") {
		return Result{Empty: true}, nil
	}
	created, err := body.seconds("eventCreated")
	if err != nil {
		return Result{}, err
	}
	id, err := body.needID("eventId")
	if err != nil {
		return Result{}, err
	}
	product, err := body.needID("entityId")
	if err != nil {
		return Result{}, err
	}
	return Result{Report: models.StockReport{Key: reportKey(id), At: firstTime(r.Now, created),
		References: []models.StockReference{{ProductID: product}}}}, nil
}

func (ecwid) Reply(models.StockResult) Reply { return accepted() }
