package inventory_test

import (
	"io"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/web/inventory"
)

// TestTestCall has every system's test event pass the door of its own adapter, and no other secret's.
func TestTestCall(t *testing.T) {
	now := time.Now()
	for _, kind := range inventory.Kinds() {
		if !inventory.Testable(kind) {
			if _, err := inventory.TestCall(t.Context(), kind, "https://bentornato.test/x", "s", now); models.KindOf(err) != models.KindInvalid {
				t.Errorf("%s: a test event that nobody can sign: %v", kind, err)
			}
			continue
		}
		secret, err := inventory.NewSecret(kind)
		if err != nil {
			t.Fatal(err)
		}
		other, err := inventory.NewSecret(kind)
		if err != nil {
			t.Fatal(err)
		}
		r, err := inventory.TestCall(t.Context(), kind, "https://bentornato.test/webhooks/inventory/x", secret, now)
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		adapter, _ := inventory.For(kind)
		call := inventory.Request{Method: r.Method, URL: "https://bentornato.test/webhooks/inventory/x", Header: r.Header, Query: r.URL.Query(), Body: body, Secrets: []string{secret}, Now: now}
		if err := adapter.Verify(call); err != nil {
			t.Errorf("%s: its own door refuses it: %v", kind, err)
		}
		said, err := adapter.Parse(call)
		if err != nil {
			t.Errorf("%s: it cannot be read: %v", kind, err)
		}
		for _, i := range said.Report.Items {
			if i.SKU != inventory.TestSKU {
				t.Errorf("%s: it speaks of %q", kind, i.SKU)
			}
		}
		// What is kept of it is read the same, and proves nothing.
		again, err := adapter.Parse(inventory.Read(*inventory.Keep(call), now))
		if err != nil || len(again.Report.Items) != len(said.Report.Items) || again.Report.Key != said.Report.Key {
			t.Errorf("%s: read again it says %+v (%v), first %+v", kind, again, err, said)
		}
		kept := inventory.Read(*inventory.Keep(call), now)
		kept.Secrets = []string{secret}
		if adapter.Verify(kept) == nil {
			t.Errorf("%s: what is kept would pass the door", kind)
		}
		call.Secrets = []string{other}
		if adapter.Verify(call) == nil {
			t.Errorf("%s: it passes with another secret", kind)
		}
	}
}
