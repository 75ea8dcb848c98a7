package store

import (
	"context"
	"fmt"
)

// Audit counts what counters and columns claim to count, and says where they disagree. It reads every token, so it
// is for tests and for doctor, not for screens.
func (r Reader) Audit(ctx context.Context) ([]string, error) {
	var wrong []string
	for what, sql := range map[string]string{
		"tokens by state": `SELECT page_id || ' ' || name AS place, n AS counted, (SELECT COUNT(*) FROM tokens k WHERE k.page_id = c.page_id AND 'token:' || k.state = c.name) AS found
			FROM counters c WHERE name LIKE 'token:%'`,
		"contacts": `SELECT page_id AS place, n AS counted, (SELECT COUNT(*) FROM contacts k WHERE k.page_id = c.page_id AND k.erased_at = 0) AS found
			FROM counters c WHERE name = 'contacts'`,
		"variants": `SELECT page_id AS place, n AS counted, (SELECT COUNT(*) FROM variants v WHERE v.page_id = c.page_id AND v.deleted_at = 0) AS found
			FROM counters c WHERE name = 'variants'`,
		"waiting of variants": `SELECT sku AS place, waiting AS counted, (SELECT COUNT(*) FROM tokens k WHERE k.variant_id = v.id AND k.state = 'waiting') AS found FROM variants v`,
		"claimed of restocks": `SELECT 'restock ' || id AS place, claimed AS counted, (SELECT COUNT(*) FROM tokens k WHERE k.restock_id = s.id AND k.restock_id > 0 AND k.state = 'claimed') AS found FROM restocks s`,
		"unknown of restocks": `SELECT 'restock ' || id AS place, unknown AS counted, (SELECT COUNT(*) FROM tokens k WHERE k.restock_id = s.id AND k.restock_id > 0 AND k.state = 'unknown') AS found FROM restocks s`,
		"sent of restocks":    `SELECT 'restock ' || id AS place, sent AS counted, (SELECT COUNT(*) FROM tokens k WHERE k.restock_id = s.id AND k.restock_id > 0 AND k.state = 'sent') AS found FROM restocks s`,
		"orders of restocks":  `SELECT 'restock ' || id AS place, orders AS counted, (SELECT COUNT(*) FROM orders o WHERE o.restock_id = s.id AND o.void_at = 0) AS found FROM restocks s`,
		"failed of restocks":  `SELECT 'restock ' || id AS place, failed AS counted, (SELECT COUNT(*) FROM tokens k WHERE k.restock_id = s.id AND k.restock_id > 0 AND k.state = 'failed') AS found FROM restocks s`,
	} {
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
