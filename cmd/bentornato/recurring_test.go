package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/web/sandbox"
)

// TestServeRecurring follows recurring notifications from the question to the end over the wire: asked for, given, used once a
// restock and not within the cap, stopped and resumed; and beside them those that the Page had before, taken in and taken out.
func TestServeRecurring(t *testing.T) {
	t.Parallel()
	inTown(t, 40, sandbox.Options{}, func(w *town) {
		t, m := w.t, w.messenger
		w.command("", "page", "add", "--id", townPage, "--opt-in", "both")
		w.serve()
		w.must(m.VerifyWebhook(t.Context()))
		ada := w.person(0, "Ada")
		w.says(ada, "Buongiorno, la tazza alba blu torna?")
		var value string
		w.until("Ada is asked for recurring notifications, and taps", func() bool {
			var err error
			value, err = m.TapGetUpdates(townPage, ada, "")
			return err == nil
		})
		w.until("her opt-in waits", func() bool { return w.tokens(models.TokenWaiting) == 1 })
		messages := func() int { return m.RecurringTokens(townPage)[0].Messages }

		w.stock("TAZZA-BLU", 10)
		w.until("Ada is told", func() bool { return messages() == 1 && w.tokens(models.TokenSent) == 1 })
		w.stock("TAZZA-BLU", 12)
		w.quiet()
		w.stock("TAZZA-BLU", 0)
		w.until("the opt-in waits again", func() bool { return w.tokens(models.TokenWaiting) == 1 })
		w.stock("TAZZA-BLU", 5)
		w.until("it waits for the cap", func() bool {
			rows, _, err := w.store.Tokens(t.Context(), models.TokenQuery{State: models.TokenWaiting, Limit: 5}, time.Now())
			w.must(err)
			return len(rows) == 1 && rows[0].Why == models.WaitCap
		})
		if n := messages(); n != 1 {
			t.Errorf("%d messages within the cap, want 1", n)
		}
		w.stock("TAZZA-BLU", 0)
		w.must(m.StopUpdates(townPage, ada, value, true))
		w.until("nothing waits once she stopped it", func() bool { return w.tokens(models.TokenWaiting) == 0 })
		w.must(m.StopUpdates(townPage, ada, value, false))
		w.until("it waits again once she resumed it", func() bool { return w.tokens(models.TokenWaiting) == 1 })

		// What the Page had before.
		for i := range 120 {
			psid := w.person(i+1, "P")
			_, err := m.AddRecurring(townPage, psid, "Updates and promotions", time.Now().Add(-100*time.Hour))
			w.must(err)
		}
		if out := w.command("", "page", "import-optins", "--id", townPage); out != "121 found, 120 of them new; 0 products are waited for by them\n" {
			t.Errorf("the import says %q", out)
		}
		if out := w.command("", "page", "import-optins", "--id", townPage); !strings.HasPrefix(out, "121 found, 0 of them new") {
			t.Errorf("the second import says %q", out)
		}
		lines := strings.Split(strings.TrimSpace(w.command("", "consents", "export", "--format", "jsonl", "--with-tokens")), "\n")
		var first models.Consent
		w.must(json.Unmarshal([]byte(lines[0]), &first))
		if len(lines) != 122 || first.Kind != models.ConsentRecurring || first.Token != value || first.PSID != ada || first.Question == "" || first.Uses != 1 {
			t.Errorf("%d lines, the first about %s with %d uses", len(lines), first.PSID, first.Uses)
		}
		if out := w.command("", "consents", "export"); strings.Contains(out, value) || strings.Count(out, "\n") != 123 {
			t.Errorf("the table has %d lines, or a token", strings.Count(out, "\n"))
		}
	})
}
