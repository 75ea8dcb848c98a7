-- What shop systems say beside stock: orders that notifications led to. An order is counted once, whoever reports it how
-- often.

-- +goose Up
CREATE TABLE orders (
  id           INTEGER PRIMARY KEY,
  source_id    TEXT NOT NULL,
  external_id  TEXT NOT NULL,
  page_id      TEXT NOT NULL,
  restock_id   BIGINT NOT NULL,
  variant_id   BIGINT NOT NULL,
  token_id     BIGINT NOT NULL,
  contact_id   BIGINT NOT NULL,
  amount_minor BIGINT NOT NULL DEFAULT 0,
  currency     TEXT NOT NULL DEFAULT '',
  at           BIGINT NOT NULL,
  received_at  BIGINT NOT NULL,
  void_at      BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX orders_external ON orders (source_id, external_id);
CREATE INDEX orders_restock ON orders (restock_id, currency, amount_minor) WHERE void_at = 0;
CREATE INDEX orders_contact ON orders (contact_id);
ALTER TABLE restocks ADD COLUMN orders BIGINT NOT NULL DEFAULT 0;
ALTER TABLE page_days ADD COLUMN orders BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE page_days DROP COLUMN orders;
ALTER TABLE restocks DROP COLUMN orders;
DROP TABLE orders;
