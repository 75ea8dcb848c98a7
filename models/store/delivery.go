package store

import (
	"context"
	"encoding/json"

	"bentornato/models"
)

func deliveryIdentity(sourceID string) string { return "delivery/" + sourceID }

// SealCall encrypts a call to be kept with its delivery; nil where there is none, or where it is too long to keep.
func (r Reader) SealCall(sourceID string, call *models.Call) ([]byte, error) {
	if call == nil || len(call.Body) > models.MaxKeptCall {
		return nil, nil
	}
	plain, err := json.Marshal(call)
	if err != nil {
		return nil, err
	}
	return r.seal.seal(deliveryIdentity(sourceID), plain)
}

// OpenCall decrypts the call of a delivery. One that was not kept is not found.
func (r Reader) OpenCall(d models.Delivery) (models.Call, error) {
	var call models.Call
	if !d.Replayable() {
		return call, models.Errorf(models.KindNotFound, "This call was not kept: it was refused, or longer than %d KiB.", models.MaxKeptCall>>10)
	}
	plain, err := r.seal.open(deliveryIdentity(d.SourceID), d.Sealed)
	if err != nil {
		return call, err
	}
	return call, json.Unmarshal(plain, &call)
}

// SaveDelivery keeps what a call did, and lets go of the oldest beyond what is kept of a source. Refused calls have a
// bound of their own: whoever knows an address could push everything else out.
func (t *Tx) SaveDelivery(d models.Delivery) (models.Delivery, error) {
	d.ReceivedAt = t.now
	if err := t.db.Create(&d).Error; err != nil {
		return d, err
	}
	where, keep := "outcome <> 'refused'", models.KeptDeliveries
	if d.Outcome == models.DeliveryRefused {
		where, keep = "outcome = 'refused'", models.KeptRefusals
	}
	var oldest []int64
	err := t.db.Raw("SELECT id FROM source_deliveries WHERE source_id = ? AND "+where+" ORDER BY id DESC LIMIT 1 OFFSET ?", d.SourceID, keep).Scan(&oldest).Error
	if err != nil || len(oldest) == 0 {
		return d, err
	}
	if err := t.db.Exec("DELETE FROM source_deliveries WHERE source_id = ? AND id <= ? AND "+where, d.SourceID, oldest[0]).Error; err != nil {
		return d, err
	}
	return d, nil
}

// CountDelivery writes what a delivery's items did.
func (t *Tx) CountDelivery(d models.Delivery) error {
	return t.db.Model(&d).Select("outcome", "why", "items", "accepted", "stale", "unknown", "waiting", "added", "changed", "removed", "orders").Updates(&d).Error
}

// Delivery returns one call of a source, with what it needs to be applied again.
func (r Reader) Delivery(ctx context.Context, sourceID string, id int64) (models.Delivery, error) {
	var d models.Delivery
	err := r.with(ctx).First(&d, "id = ? AND source_id = ?", id, sourceID).Error
	return d, found(err, "This call is not kept any more.")
}

// Deliveries lists a source's last calls, the latest first, without what was sent.
func (r Reader) Deliveries(ctx context.Context, sourceID string, limit int, cursor string) ([]models.Delivery, string, error) {
	return pageByID(r.with(ctx).Where("source_id = ?", sourceID), cursor, limit, func(d models.Delivery) int64 { return d.ID })
}

// DeliveryEvents lists what the items of a call did, in their order.
func (r Reader) DeliveryEvents(ctx context.Context, deliveryID int64, limit int) ([]models.SourceEvent, error) {
	var list []models.SourceEvent
	err := r.with(ctx).Where("delivery_id = ? AND delivery_id > 0", deliveryID).Order("id").Limit(limit).Find(&list).Error
	return list, translate(err)
}
