package inventory

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"bentornato/models"
)

// object is a JSON object and the path that leads to it, so that an error can say where it is. Numbers are kept
// as they were written: ids above 2^53 and quantities are never squeezed through a float.
type object struct {
	path   string
	fields map[string]any
}

// parseObject reads a body that is one JSON object and nothing else. A byte order mark is passed over, since
// some scripts write one.
func parseObject(body []byte) (object, error) {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff"))))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		if errors.Is(err, io.EOF) {
			return object{}, invalid("body", "is empty")
		}
		return object{}, invalid("body", "is no JSON: %s", models.Shorten(err.Error(), 120))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return object{}, invalid("body", "goes on after its JSON object")
	}
	return asObject("", v)
}

func asObject(path string, v any) (object, error) {
	fields, ok := v.(map[string]any)
	if !ok {
		where := path
		if where == "" {
			where = "body"
		}
		return object{}, invalid(where, "%s is no JSON object", show(v))
	}
	return object{path: path, fields: fields}, nil
}

// at is the path of a field.
func (o object) at(name string) string {
	if o.path == "" {
		return name
	}
	return o.path + "." + name
}

// has reports whether a field is there and not null.
func (o object) has(name string) bool { return o.fields[name] != nil }

// text reads a field that holds a string; absent and null give "".
func (o object) text(name string) (string, error) {
	switch v := o.fields[name].(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	default:
		return "", invalid(o.at(name), "%s is no text", show(v))
	}
}

// list reads a field that must hold an array, of at most MaxItems.
func (o object) list(name string) ([]any, error) {
	if !o.has(name) {
		return nil, invalid(o.at(name), "is missing")
	}
	l, ok := o.fields[name].([]any)
	if !ok {
		return nil, invalid(o.at(name), "%s is no array", show(o.fields[name]))
	}
	if len(l) > MaxItems {
		return nil, invalid(o.at(name), "holds %d items; send at most %d at once", len(l), MaxItems)
	}
	return l, nil
}

// sku reads a field that holds a SKU: a string, or a number as it is written. Absent and null give "".
func (o object) sku(name string) (string, error) {
	if n, ok := o.fields[name].(json.Number); ok {
		return n.String(), nil
	}
	s, err := o.text(name)
	return strings.TrimSpace(s), err
}

// quantity reads a field that must hold a quantity: a number, or a string that holds one. Decimals are rounded
// down, since half an item cannot be sold; negative ones (oversold) stay. What is beyond the range of 32 bits
// becomes its end: no shop counts that far, and "unlimited" is written that way.
func (o object) quantity(name string) (int, error) {
	v := o.fields[name]
	var s string
	switch v := v.(type) {
	case nil:
		return 0, invalid(o.at(name), "is missing")
	case json.Number:
		s = v.String()
	case string:
		s = strings.TrimSpace(v)
	}
	// ParseFloat also reads "Inf", "NaN", "0x1p4" and, from some bases, underscores.
	if s == "" || strings.Trim(s, "0123456789+-.eE") != "" {
		return 0, invalid(o.at(name), "%s is no number", show(v))
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, invalid(o.at(name), "%s is no number", show(v))
	}
	return int(max(math.MinInt32, min(math.MaxInt32, math.Floor(f)))), nil
}

// unreserved reads what is free of a quantity: what is there, less "reserved_quantity" where that is told.
func (o object) unreserved(there string) (models.Stock, error) {
	n, err := o.quantity(there)
	if err != nil || !o.has("reserved_quantity") {
		return models.Stock{Available: n}, err
	}
	reserved, err := o.quantity("reserved_quantity")
	return models.Stock{Available: n - reserved}, err
}

// boolean reads a field that must hold true or false.
func (o object) boolean(name string) (bool, error) {
	b, ok := o.fields[name].(bool)
	if !ok {
		return false, invalid(o.at(name), "%s is neither true nor false", show(o.fields[name]))
	}
	return b, nil
}

// moment reads a field that holds a time, in one of the layouts; absent, null and empty give the zero time.
func (o object) moment(name string, layouts ...string) (time.Time, error) {
	s, err := o.text(name)
	if err != nil || s == "" {
		return time.Time{}, err
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, invalid(o.at(name), "%s is no time; write it like 2026-11-22T10:00:00Z", show(s))
}

// firstTime returns the first of the times that is set, but never one ahead of now; now where none is set.
func firstTime(now time.Time, times ...time.Time) time.Time {
	for _, t := range times {
		switch {
		case t.IsZero():
			continue
		case t.Before(now):
			return t.UTC()
		default:
			return now.UTC()
		}
	}
	return now.UTC()
}

// listable reports whether a SKU is one that a variant can have; see models.ValidateVariant.
func listable(sku string) bool {
	return sku != "" && utf8.RuneCountInString(sku) <= models.MaxSKU &&
		!strings.ContainsFunc(sku, func(r rune) bool { return r < ' ' })
}

// invalid says what is wrong, and where.
func invalid(path, format string, args ...any) error {
	return models.FieldErrorf(path, "%s: "+format, append([]any{path}, args...)...)
}

// show writes a value as it stood in the body, cut to what fits a sentence.
func show(v any) string {
	if v == nil {
		return "null"
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "it" // only values that were decoded come here
	}
	return models.Shorten(b.String(), 60)
}
