package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"bentornato/models"
)

// maxDiscard is how much of a body that is too long is read and thrown away, in bytes, so that its sender hears why
// instead of finding the connection cut.
const maxDiscard = 32 << 20

// readBody reads a raw body of at most limit bytes.
func readBody(r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength <= limit {
		body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
		if err != nil {
			var toobig *http.MaxBytesError
			if errors.As(err, &toobig) {
				return nil, err
			}
			return nil, models.Errorf(models.KindInvalid, "The body broke off: %w", err)
		}
		if int64(len(body)) <= limit {
			return body, nil
		}
	}
	_, _ = io.CopyN(io.Discard, r.Body, maxDiscard) // for the sender's sake; the answer is the same
	return nil, tooLarge(limit)
}

// pathParam returns a part of the path as it was meant. The router hands on the escaped form wherever it differs
// from the plain one, as for an SKU with a slash in it.
func pathParam(c echo.Context, name string) (string, error) {
	value := c.Param(name)
	if c.Request().URL.RawPath == "" {
		return value, nil
	}
	plain, err := url.PathUnescape(value)
	if err != nil {
		return "", models.Errorf(models.KindInvalid, "The address is not escaped as addresses are.")
	}
	return plain, nil
}
