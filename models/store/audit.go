package store

import (
	"context"
	"fmt"
)

// Audit counts what counters and columns claim to count, and says where they disagree. It reads every token, so it
// is for tests and for doctor, not for screens.
func (r Reader) Audit(ctx context.Context) ([]string, error) {
	var wrong []string
	counts := map[string]string{
		"tokens by state": `SELECT page_id || ' ' || name AS place, n AS counted, (SELECT COUNT(*) FROM tokens k WHERE k.page_id = c.page_id AND 'token:' || k.state = c.name) AS found
			FROM counters c WHERE name LIKE 'token:%'`,
		"contacts": `SELECT page_id AS place, n AS counted, (SELECT COUNT(*) FROM contacts k WHERE k.page_id = c.page_id AND k.erased_at = 0) AS found
			FROM counters c WHERE name = 'contacts'`,
		"variants": `SELECT page_id AS place, n AS counted, (SELECT COUNT(*) FROM variants v WHERE v.page_id = c.page_id AND v.deleted_at = 0) AS found
			FROM counters c WHERE name = 'variants'`,
		"waiting of variants": `SELECT sku AS place, waiting AS counted, (SELECT COUNT(*) FROM tokens k WHERE k.variant_id = v.id AND k.state = 'waiting') AS found FROM variants v`,
		"orders of restocks":  `SELECT 'restock ' || id AS place, orders AS counted, (SELECT COUNT(*) FROM orders o WHERE o.restock_id = s.id AND o.void_at = 0) AS found FROM restocks s`,
	}
	for _, state := range []string{"claimed", "unknown", "sent", "failed"} {
		counts[state+" of restocks"] = "SELECT 'restock ' || s.id AS place, s." + state + ` AS counted, COALESCE(k.n, 0) AS found FROM restocks s
			LEFT JOIN (SELECT restock_id, COUNT(*) AS n FROM tokens WHERE state = '` + state + `' GROUP BY restock_id) k ON k.restock_id = s.id`
	}
	for what, sql := range counts {
		var rows []struct {
			Place          string
			Counted, Found int
		}
		if err := r.with(ctx).Raw("SELECT * FROM (" + sql + ") AS t WHERE counted <> found LIMIT 10").Scan(&rows).Error; err != nil {
			return nil, translate(err)
		}
		for _, row := range rows {
			wrong = append(wrong, fmt.Sprintf("%s, %s: counted %d, found %d", what, row.Place, row.Counted, row.Found))
		}
	}
	return wrong, nil
}
