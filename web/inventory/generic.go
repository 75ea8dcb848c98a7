package inventory

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"bentornato/models"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Generic is anything that can sign as the Standard Webhooks specification says.
const Generic models.SourceKind = "generic"

// tolerance is how far a call's timestamp may lie from now, either way (Standard Webhooks' libraries).
const tolerance = 5 * time.Minute

// generic is our own endpoint, for everything that can sign as the Standard Webhooks specification 1.0.0 says:
//
//	{"type":"stock.updated","timestamp":"2026-11-22T10:00:00Z",
//	 "data":[{"sku":"MUG-BLUE","available":12},{"sku":"MUG-RED","in_stock":true}]}
type generic struct{}

func (generic) Verify(r Request) error { return verifyStandard(r, signingKey) }

func (generic) Parse(r Request) (Result, error) {
	body, err := parseObject(r.Body)
	if err != nil {
		return Result{}, err
	}
	return parseGeneric(r, body, reportKey(r.Header.Get(standardwebhooks.HeaderWebhookID)))
}

// parseGeneric reads the body of our own endpoint, which programs written for other systems may post, too.
func parseGeneric(r Request, body object, key string) (Result, error) {
	switch kind, err := body.text("type"); {
	case err != nil:
		return Result{}, err
	case kind == "":
		return Result{}, invalid("type", "is missing; send \"stock.updated\"")
	case kind != "stock.updated" && kind != "inventory.updated":
		return Result{}, invalid("type", "%s is not known here; send \"stock.updated\"", show(kind))
	}
	at, err := genericTime(body)
	if err != nil {
		return Result{}, err
	}
	items, err := genericItems(body, r.Now)
	if err != nil {
		return Result{}, err
	}
	return Result{Empty: len(items) == 0, Report: models.StockReport{
		Key:   key,
		At:    firstTime(r.Now, at, signedTime(r.Header)),
		Items: items,
	}}, nil
}

// genericItems reads "data": an array of items, or one item.
func genericItems(body object, now time.Time) ([]models.StockItem, error) {
	if one, ok := body.fields["data"].(map[string]any); ok {
		item, err := genericItem("data", one, now)
		if err != nil {
			return nil, err
		}
		return []models.StockItem{item}, nil
	}
	data, err := body.list("data")
	if err != nil {
		return nil, err
	}
	items := make([]models.StockItem, len(data))
	for i, v := range data {
		if items[i], err = genericItem(fmt.Sprintf("data[%d]", i), v, now); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// genericItem reads one item. "available" is the absolute quantity ("quantity" is another name for it) and may be
// left out where "in_stock" says what is known; a Boolean "available" is read as "in_stock". Where the two
// disagree the item counts as sold out: a notification too late is better than one that promises what is gone.
func genericItem(path string, v any, now time.Time) (models.StockItem, error) {
	o, err := asObject(path, v)
	if err != nil {
		return models.StockItem{}, err
	}
	sku, err := o.sku("sku")
	switch {
	case err != nil:
		return models.StockItem{}, err
	case sku == "":
		return models.StockItem{}, invalid(o.at("sku"), "is missing")
	case !listable(sku):
		return models.StockItem{}, invalid(o.at("sku"), "is longer than %d characters, or holds a control character", models.MaxSKU)
	}
	at, err := genericTime(o)
	if err != nil {
		return models.StockItem{}, err
	}
	if !at.IsZero() {
		at = firstTime(now, at)
	}
	stock, err := genericStock(o)
	if err != nil {
		return models.StockItem{}, err
	}
	return models.StockItem{SKU: sku, Stock: stock, At: at}, nil
}

func genericStock(o object) (models.Stock, error) {
	number, flag := "available", "in_stock"
	if _, isFlag := o.fields["available"].(bool); isFlag {
		number = "quantity"
		if !o.has("in_stock") {
			flag = "available"
		}
	} else if !o.has("available") {
		number = "quantity"
	}
	if !o.has(number) && !o.has(flag) {
		return models.Stock{}, invalid(o.path, "needs \"available\", a number, or \"in_stock\", true or false")
	}
	inStock, counted := true, o.has(number)
	var err error
	if o.has(flag) {
		if inStock, err = o.boolean(flag); err != nil {
			return models.Stock{}, err
		}
	}
	var n int
	if counted {
		if n, err = o.quantity(number); err != nil {
			return models.Stock{}, err
		}
	}
	if !inStock {
		return models.Stock{Available: min(n, 0)}, nil
	}
	return models.Stock{Available: n, Unknown: !counted}, nil
}

// genericTime reads "timestamp": RFC 3339, or a number of seconds or milliseconds since 1970.
func genericTime(o object) (time.Time, error) {
	n, ok := o.fields["timestamp"].(json.Number)
	if !ok && o.fields["timestamp"] != "" {
		return o.moment("timestamp", time.RFC3339)
	}
	whole, err := strconv.ParseInt(n.String(), 10, 64)
	if err != nil || whole <= 0 {
		return time.Time{}, invalid(o.at("timestamp"), "%s is no time; write it like \"2026-11-22T10:00:00Z\"", show(o.fields["timestamp"]))
	}
	return models.EventTime(whole), nil
}

func (generic) Reply(r models.StockResult) Reply {
	unknown := r.Unknown
	if unknown == nil {
		unknown = []string{} // an array, never null
	}
	body, err := json.Marshal(struct {
		Accepted  int      `json:"accepted"`
		Stale     int      `json:"stale"`
		Duplicate int      `json:"duplicate"`
		Unknown   []string `json:"unknown"`
	}{r.Accepted, r.Stale, r.Duplicate, unknown})
	if err != nil { // numbers and strings always encode
		return Reply{Status: http.StatusAccepted}
	}
	return Reply{Status: http.StatusAccepted, ContentType: "application/json", Body: body}
}
