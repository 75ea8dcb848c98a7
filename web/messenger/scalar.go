package messenger

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"bentornato/models"
)

// The platform's scalars do not keep to one JSON type: ids come as strings and as numbers, times quoted and
// bare, an opt-in's payload as the string it is or, from some senders, as an object. These types take all of
// them, so that a harmless difference does not cost an event.

// maxID is the longest id that is believed to be one, in bytes. Those seen have up to 120 (message ids).
const maxID = 512

// id is an identifier: a JSON string or number. Anything else, and anything with control characters or of absurd
// length, is an error, since ids end up in keys and indexes.
type id string

func (v *id) UnmarshalJSON(b []byte) error {
	var s string
	switch {
	case bytes.Equal(b, []byte("null")):
	case b[0] == '"':
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
	case b[0] == '-' || '0' <= b[0] && b[0] <= '9':
		s = string(b) // the digits as they stand: ids go beyond what a float64 holds
	default:
		return models.Errorf(models.KindInvalid, "An id is a string or a number.")
	}
	if len(s) > maxID || strings.ContainsFunc(s, unicode.IsControl) {
		return models.Errorf(models.KindInvalid, "That is no id.")
	}
	*v = id(s)
	return nil
}

// text is a string; any other JSON value is taken as its own compact source. NUL characters are dropped, because
// PostgreSQL refuses them in text and one such event would otherwise block its webhook for ever.
type text string

func (v *text) UnmarshalJSON(b []byte) error {
	var s string
	switch {
	case bytes.Equal(b, []byte("null")):
	case b[0] == '"':
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
	default:
		var compact bytes.Buffer
		if err := json.Compact(&compact, b); err != nil {
			return err
		}
		s = strings.ToValidUTF8(compact.String(), "\uFFFD")
	}
	*v = text(strings.ReplaceAll(s, "\x00", ""))
	return nil
}

// integer is a whole number, bare or quoted; anything else counts as absent, which is 0.
type integer int64

func (v *integer) UnmarshalJSON(b []byte) error {
	*v = 0
	s := strings.Trim(string(b), `"`)
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		*v = integer(n)
		return nil
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && math.Abs(f) < 1<<53 {
		*v = integer(f)
	}
	return nil
}

// time reads a platform timestamp; see models.EventTime. One after the year 9999, which RFC 3339 cannot write, is
// no time at all.
func (v integer) time() time.Time {
	t := models.EventTime(int64(v))
	if t.Year() > 9999 {
		return time.Time{}
	}
	return t
}

// flag is a truth value, which some senders quote.
type flag bool

func (v *flag) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	*v = s == "true" || s == "1"
	return nil
}

// list is an array; a lone value counts as an array of it.
type list []json.RawMessage

func (v *list) UnmarshalJSON(b []byte) error {
	if b[0] == '[' {
		return json.Unmarshal(b, (*[]json.RawMessage)(v))
	}
	*v = nil
	if present(b) {
		*v = list{bytes.Clone(b)}
	}
	return nil
}

// present reports whether a member stood in the JSON with a value.
func present(raw json.RawMessage) bool {
	return len(raw) > 0 && !bytes.Equal(raw, []byte("null"))
}
