package inventory

import (
	"net/http"
	"time"
)

// NewAskerVia makes an asker that asks by another way than the network.
func NewAskerVia(now func() time.Time, way http.RoundTripper) *Asker {
	return &Asker{client: &http.Client{Transport: way}, now: now}
}
