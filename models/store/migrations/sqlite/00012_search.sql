-- What the team searches products by, and lists them in the order of, at a cost that hardly grows with how many there are.

-- +goose Up
-- The terms of each variant's title, option and SKU: in lower case and without accents. Migrate fills it.
CREATE TABLE variant_terms (
  term       TEXT NOT NULL,
  variant_id BIGINT NOT NULL REFERENCES variants(id) ON DELETE CASCADE,
  PRIMARY KEY (term, variant_id)
) WITHOUT ROWID;
CREATE INDEX variant_terms_variant ON variant_terms (variant_id, term);

-- What is listed, by availability, and by Page in every order.
CREATE INDEX variants_sold_out ON variants (title, id) WHERE deleted_at = 0 AND NOT quantity_unknown AND available <= 0;
CREATE INDEX variants_in_stock ON variants (title, id) WHERE deleted_at = 0 AND (quantity_unknown OR available >= 1);
CREATE INDEX variants_awaited ON variants (title, id) WHERE deleted_at = 0 AND waiting > 0;
CREATE INDEX variants_page_waiting ON variants (page_id, waiting, id) WHERE deleted_at = 0;
CREATE INDEX variants_page_updated ON variants (page_id, updated_at, id) WHERE deleted_at = 0;

-- The contacts of a Page, whoever acted last first.
CREATE INDEX contacts_page_recent ON contacts (page_id, last_action_at, id);
-- What nobody knows the product of.
CREATE INDEX tokens_unassigned ON tokens (id) WHERE variant_id = 0 AND state = 'waiting';
-- How many variants a Page lists.
INSERT INTO counters (page_id, name, n) SELECT page_id, 'variants', COUNT(*) FROM variants WHERE deleted_at = 0 GROUP BY page_id;

-- +goose Down
DELETE FROM counters WHERE name = 'variants';
DROP INDEX tokens_unassigned;
DROP INDEX contacts_page_recent;
DROP INDEX variants_page_updated;
DROP INDEX variants_page_waiting;
DROP INDEX variants_awaited;
DROP INDEX variants_in_stock;
DROP INDEX variants_sold_out;
DROP TABLE variant_terms;
