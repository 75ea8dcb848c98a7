package inventory

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"bentornato/models"
)

// squareVersion is the version of Square's API that the fields here are those of.
const squareVersion = "2025-10-16"

// maxSquareIDs is how many variations Square takes in one question about their counts; an item may have 250 of them.
const maxSquareIDs = 500

// maxSquareCounts bounds how many pages of counts one page of the catalogue takes.
const maxSquareCounts = 50

// askSquare asks Square's API with an access token of ITEMS_READ and INVENTORY_READ: a page of the catalogue, and what is
// in stock of its variations in every chosen location.
func askSquare(ctx context.Context, c caller, q models.PollAsk) (models.PollAnswer, error) {
	header := http.Header{"Authorization": {"Bearer " + q.Access}, "Square-Version": {squareVersion}}
	var (
		answer models.PollAnswer
		page   object
		err    error
	)
	if len(q.Lookups) > 0 {
		ids := make([]string, 0, len(q.Lookups))
		for _, l := range q.Lookups {
			for _, id := range []string{l.VariantID, l.StockID, l.ProductID} {
				if id != "" {
					ids = append(ids, id)
					break
				}
			}
		}
		page, _, err = c.json(ctx, call{method: http.MethodPost, address: at(q.Address, "v2/catalog/batch-retrieve"), header: header,
			body: map[string]any{"object_ids": ids, "include_related_objects": false}})
	} else {
		query := url.Values{"types": {"ITEM"}}
		if q.Position != "" {
			query.Set("cursor", q.Position)
		}
		page, _, err = c.json(ctx, call{method: http.MethodGet, address: at(q.Address, "v2/catalog/list"), query: query, header: header})
	}
	if err != nil {
		return answer, err
	}
	answer.Next = page.told("cursor")
	untracked := map[string]bool{}
	var ids []string
	for _, o := range page.children("objects") {
		if o.told("type") == "ITEM_VARIATION" {
			squareVariation(&answer, o, untracked, &ids)
			continue
		}
		answer.Catalogue = append(answer.Catalogue, squareItem(&answer, o, untracked, &ids))
	}
	if len(ids) == 0 {
		return answer, nil
	}
	levels := map[string][]models.Level{}
	for part := range slices.Chunk(ids, maxSquareIDs) {
		if err := squareLevels(ctx, c, q, header, part, levels); err != nil {
			return models.PollAnswer{}, err
		}
	}
	for i := range answer.Items {
		item := &answer.Items[i]
		item.Levels = levels[item.VariantID]
		if len(item.Levels) > 0 {
			continue
		}
		// Nothing was ever counted: not there where Square counts, and always there where it does not.
		item.Stock = &models.Stock{Unknown: untracked[item.VariantID]}
	}
	return answer, nil
}

// squareItem reads a product of the catalogue with its variations.
func squareItem(answer *models.PollAnswer, o object, untracked map[string]bool, ids *[]string) models.CatalogueProduct {
	data := o.child("item_data")
	p := models.CatalogueProduct{ID: o.anyID("id"), Title: data.told("name"), Unlisted: data.fields["is_archived"] == true, Deleted: o.fields["is_deleted"] == true}
	variations := data.children("variations")
	for _, v := range variations {
		variant := squareVariation(answer, v, untracked, ids)
		if len(variations) == 1 {
			variant.Option = "" // Square calls the only one "Regular"
		}
		p.Variants = append(p.Variants, variant)
	}
	return listed(p)
}

func squareVariation(answer *models.PollAnswer, o object, untracked map[string]bool, ids *[]string) models.CatalogueVariant {
	data := o.child("item_variation_data")
	v := models.CatalogueVariant{ID: o.anyID("id"), SKU: skuOf(data, "sku"), Option: data.told("name")}
	price := data.child("price_money")
	if currency := price.currency("currency"); currency != "" && price.has("amount") {
		if n, err := price.quantity("amount"); err == nil && n >= 0 {
			v.Price, v.Currency = models.FormatPrice(int64(n), currency), currency
		}
	}
	if v.ID == "" {
		return v
	}
	untracked[v.ID] = data.fields["track_inventory"] != true
	for _, place := range data.children("location_overrides") {
		if place.fields["track_inventory"] == true {
			untracked[v.ID] = false
		}
	}
	*ids = append(*ids, v.ID)
	answer.Items = append(answer.Items, models.PolledItem{VariantID: v.ID, ProductID: data.anyID("item_id"), SKU: v.SKU})
	return v
}

// squareLevels reads what is in stock of variations, by location; what is sold, wasted or on its way is not.
func squareLevels(ctx context.Context, c caller, q models.PollAsk, header http.Header, ids []string, levels map[string][]models.Level) error {
	body := map[string]any{"catalog_object_ids": ids, "states": []string{"IN_STOCK"}}
	if len(q.Locations) > 0 {
		body["location_ids"] = q.Locations
	}
	for range maxSquareCounts {
		page, _, err := c.json(ctx, call{method: http.MethodPost, address: at(q.Address, "v2/inventory/counts/batch-retrieve"), header: header, body: body})
		if err != nil {
			return err
		}
		for _, o := range page.children("counts") {
			if state := o.told("state"); state != "" && state != "IN_STOCK" {
				continue
			}
			n, err := o.quantity("quantity")
			if err != nil {
				return badPage(err)
			}
			id := o.anyID("catalog_object_id")
			levels[id] = append(levels[id], models.Level{LocationID: o.anyID("location_id"), Available: n})
		}
		cursor := page.told("cursor")
		if cursor == "" {
			return nil
		}
		body["cursor"] = cursor
	}
	return &models.PollError{Message: "Square lists more counts than one page of products can have.", Trouble: models.PollLong}
}
