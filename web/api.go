package web

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"bentornato/models"
)

// Limits of the API.
const (
	defaultLimit = 50
	maxLimit     = 500
	// maxAPIBody is the longest body that the API takes, in bytes.
	maxAPIBody = 256 << 10
)

// openAPI describes the API; the tests hold every answer to it.
//
//go:embed openapi.yaml
var openAPI []byte

// describeAPI answers GET /api/v1/openapi.yaml.
func describeAPI(c echo.Context) error {
	return c.Blob(http.StatusOK, "application/yaml", openAPI)
}

// list is one page of a list. NextCursor leads to the next, and is empty on the last.
type list[T any] struct {
	Items      []T    `json:"items"`
	NextCursor string `json:"next_cursor"`
}

// answerList answers with one page of a list; one with nothing in it is an array too.
func answerList[T any](c echo.Context, items []T, next string) error {
	if items == nil {
		items = []T{}
	}
	return c.JSON(http.StatusOK, list[T]{Items: items, NextCursor: next})
}

// moment writes a time as RFC 3339 in UTC, and the zero time as null.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// optional writes the zero value as null.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// limitOf reads ?limit=.
func limitOf(c echo.Context) (int, error) {
	text := c.QueryParam("limit")
	if text == "" {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLimit {
		return 0, models.FieldErrorf("limit", "The limit is a number from 1 to %d.", maxLimit)
	}
	return n, nil
}

// idOf reads the number in the path that names a thing.
func idOf(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil || id < 1 {
		return 0, models.Errorf(models.KindNotFound, "There is nothing with the id %q.", models.Shorten(c.Param("id"), 40))
	}
	return id, nil
}

// timeOf reads a time in a query: RFC 3339, or a day, which begins at midnight UTC.
func timeOf(c echo.Context, name string) (time.Time, error) {
	text := c.QueryParam(name)
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, models.FieldErrorf(name, "%q is no time; write it like 2026-11-22T10:00:00Z.", models.Shorten(text, 40))
}

// choiceOf reads a query value that must be one of a few; empty is any.
func choiceOf[T ~string](c echo.Context, name string, choices []T) (T, error) {
	v := T(c.QueryParam(name))
	if v == "" || slices.Contains(choices, v) {
		return v, nil
	}
	words := make([]string, len(choices))
	for i, choice := range choices {
		words[i] = string(choice)
	}
	return "", models.FieldErrorf(name, "%q is no %s; it is one of %s.", models.Shorten(string(v), 40), name, strings.Join(words, ", "))
}

// object is a JSON object as somebody sent it. A field that is null counts as left out.
type object map[string]json.RawMessage

// readObject reads a body that is one JSON object with no other fields than those named: a mistyped name must not
// pass for one that was left out.
func readObject(c echo.Context, fields ...string) (object, error) {
	body, err := readBody(c.Request(), maxAPIBody)
	if err != nil {
		return nil, err
	}
	var o object
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(&o); err != nil || o == nil {
		return nil, models.Errorf(models.KindInvalid, "The body is not a JSON object.")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, models.Errorf(models.KindInvalid, "The body goes on after its JSON object.")
	}
	var unknown []string
	for _, name := range slices.Sorted(maps.Keys(o)) {
		switch {
		case !slices.Contains(fields, name):
			unknown = append(unknown, fmt.Sprintf("%q", models.Shorten(name, 40)))
		case string(o[name]) == "null":
			delete(o, name)
		}
	}
	if len(unknown) > 0 {
		return nil, models.FieldErrorf(strings.Trim(unknown[0], `"`), "The body has fields that are not known here: %s. It may have %s.",
			strings.Join(unknown[:min(len(unknown), 10)], ", "), strings.Join(fields, ", "))
	}
	return o, nil
}

func (o object) has(name string) bool { return o[name] != nil }

// text reads a text, "" where it was left out.
func (o object) text(name string) (string, error) {
	var s string
	if o.has(name) && json.Unmarshal(o[name], &s) != nil {
		return "", models.FieldErrorf(name, "%s is a text, in quotes.", name)
	}
	return strings.TrimSpace(s), nil
}

// number reads a whole number, fallback where it was left out.
func (o object) number(name string, fallback int) (int, error) {
	n := fallback
	if o.has(name) && json.Unmarshal(o[name], &n) != nil {
		return 0, models.FieldErrorf(name, "%s is a whole number.", name)
	}
	return n, nil
}

// id reads an id, which some scripts write as a number.
func (o object) id(name string) (string, error) {
	var n json.Number
	if raw := o[name]; len(raw) > 0 && raw[0] != '"' && json.Unmarshal(raw, &n) == nil {
		return n.String(), nil
	}
	return o.text(name)
}

// stock reads a stock report by hand, nil where there is none: "available", a number, or "in_stock" where nobody knows
// how many.
func (o object) stock() (*models.Stock, error) {
	var in bool
	if o.has("in_stock") && json.Unmarshal(o["in_stock"], &in) != nil {
		return nil, models.FieldErrorf("in_stock", "in_stock is true or false.")
	}
	switch {
	case o.has("available"):
		n, err := o.number("available", 0)
		if err != nil {
			return nil, err
		}
		if o.has("in_stock") && in != (n > 0) {
			return nil, models.FieldErrorf("in_stock", "in_stock and available disagree; send one of them.")
		}
		return &models.Stock{Available: n}, models.CheckStock(n)
	case o.has("in_stock"):
		return &models.Stock{Unknown: in}, nil
	default:
		return nil, nil //nolint:nilnil // no report is an answer
	}
}

// price reads an amount as a text or a number, into the currency's smallest unit. Without an amount there is neither
// price nor currency.
func (o object) price() (minor int64, currency string, err error) {
	if currency, err = o.text("currency"); err != nil {
		return 0, "", err
	}
	if currency, err = models.ParseCurrency(currency); err != nil {
		return 0, "", err
	}
	if !o.has("price") {
		return 0, "", nil
	}
	var amount string
	if json.Unmarshal(o["price"], &amount) == nil {
		if strings.TrimSpace(amount) == "" {
			return 0, "", nil
		}
		minor, err = models.ParsePrice(amount, currency)
		return minor, currency, err
	}
	minor, err = numericPrice(string(o["price"]), currency)
	return minor, currency, err
}

// numericPrice reads an amount that JSON has as a number. Its point is a decimal point, whatever stands behind it,
// where the same text would be doubtful.
func numericPrice(literal, currency string) (int64, error) {
	whole, frac, _ := strings.Cut(literal, ".")
	frac = strings.TrimRight(frac, "0")
	if len(frac) > models.CurrencyExponent(currency) || strings.Trim(whole+frac, "0123456789") != "" {
		return 0, models.FieldErrorf("price", "%s is no price in %s; write it like \"12.50\".", models.Shorten(literal, 40), currency)
	}
	if frac != "" {
		whole += "." + frac
	}
	return models.ParsePrice(whole, currency)
}
