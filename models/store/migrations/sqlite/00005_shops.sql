-- What shop systems say beside stock (orders, products), how they are asked for it, and what each of their calls did. An
-- order is counted once, whoever reports it how often.

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

-- How a source's products come in, and what it was told to be. currency is that of prices which a system sends without.
ALTER TABLE sources ADD COLUMN adds_products BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE sources ADD COLUMN currency TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN rotated_at BIGINT NOT NULL DEFAULT 0;
UPDATE sources SET adds_products = TRUE WHERE page_id <> '';

-- What a person set is never overwritten by a source: one bit a field (models.Edited). Everything there was until now
-- was set by people or their scripts. source_id is the source that added the variant, if one did.
ALTER TABLE variants ADD COLUMN edited INTEGER NOT NULL DEFAULT 0;
ALTER TABLE variants ADD COLUMN source_id TEXT NOT NULL DEFAULT '';
UPDATE variants SET edited = 1 + CASE WHEN option <> '' THEN 2 ELSE 0 END + CASE WHEN currency <> '' THEN 4 ELSE 0 END
  + CASE WHEN url <> '' THEN 8 ELSE 0 END + CASE WHEN image_url <> '' THEN 16 ELSE 0 END + CASE WHEN deleted_at > 0 THEN 32 ELSE 0 END;

-- What a source told of: its own ids of what we know by SKU. counted_at is when the stock of all its places was told.
CREATE TABLE source_items (
  id          INTEGER PRIMARY KEY,
  source_id   TEXT NOT NULL,
  external_id TEXT NOT NULL,
  stock_id    TEXT NOT NULL DEFAULT '',
  product_id  TEXT NOT NULL DEFAULT '',
  sku         TEXT NOT NULL DEFAULT '',
  seen_at     BIGINT NOT NULL,
  counted_at  BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX source_items_external ON source_items (source_id, external_id);
CREATE INDEX source_items_stock ON source_items (source_id, stock_id);
CREATE INDEX source_items_product ON source_items (source_id, product_id);
CREATE INDEX source_items_seen ON source_items (source_id, seen_at);

-- The stock of one item in one place.
CREATE TABLE source_levels (
  source_id   TEXT NOT NULL,
  stock_id    TEXT NOT NULL,
  location_id TEXT NOT NULL,
  available   BIGINT NOT NULL,
  at          BIGINT NOT NULL,
  PRIMARY KEY (source_id, stock_id, location_id)
);

-- Ids that a source named and whose stock only its system can tell. They wait to be asked about.
CREATE TABLE source_lookups (
  id         INTEGER PRIMARY KEY,
  source_id  TEXT NOT NULL,
  product_id TEXT NOT NULL DEFAULT '',
  variant_id TEXT NOT NULL DEFAULT '',
  stock_id   TEXT NOT NULL DEFAULT '',
  at         BIGINT NOT NULL
);
CREATE UNIQUE INDEX source_lookups_what ON source_lookups (source_id, product_id, variant_id, stock_id);

-- An unknown SKU that somebody tied to a product.
CREATE TABLE source_aliases (
  source_id  TEXT NOT NULL,
  sku        TEXT NOT NULL,
  variant_id BIGINT NOT NULL REFERENCES variants(id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (source_id, sku)
);

-- How a source's system is asked, how far that has come, and what it brought. lease_until is held by the process that asks.
CREATE TABLE source_polls (
  source_id     TEXT PRIMARY KEY,
  address       TEXT NOT NULL,
  account       TEXT NOT NULL DEFAULT '',
  sealed_access BLOB,
  minutes       INTEGER NOT NULL,
  locations     TEXT NOT NULL DEFAULT '[]',
  due_at        BIGINT NOT NULL DEFAULT 0,
  next_at       BIGINT NOT NULL DEFAULT 0,
  lease_until   BIGINT NOT NULL DEFAULT 0,
  started_at    BIGINT NOT NULL DEFAULT 0,
  position      TEXT NOT NULL DEFAULT '',
  checked       INTEGER NOT NULL DEFAULT 0,
  found         INTEGER NOT NULL DEFAULT 0,
  done_at       BIGINT NOT NULL DEFAULT 0,
  done_checked  INTEGER NOT NULL DEFAULT 0,
  done_found    INTEGER NOT NULL DEFAULT 0,
  failures      INTEGER NOT NULL DEFAULT 0,
  failure       TEXT NOT NULL DEFAULT '',
  failed_at     BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX source_polls_due ON source_polls (next_at) WHERE next_at > 0;

-- The last calls of each source, with what each did. sealed holds what was sent, so that it can be applied again.
CREATE TABLE source_deliveries (
  id          INTEGER PRIMARY KEY,
  source_id   TEXT NOT NULL,
  origin      TEXT NOT NULL,
  outcome     TEXT NOT NULL,
  why         TEXT NOT NULL DEFAULT '',
  topic       TEXT NOT NULL DEFAULT '',
  report_key  TEXT NOT NULL DEFAULT '',
  replay_of   BIGINT NOT NULL DEFAULT 0,
  items       INTEGER NOT NULL DEFAULT 0,
  accepted    INTEGER NOT NULL DEFAULT 0,
  stale       INTEGER NOT NULL DEFAULT 0,
  unknown     INTEGER NOT NULL DEFAULT 0,
  waiting     INTEGER NOT NULL DEFAULT 0,
  added       INTEGER NOT NULL DEFAULT 0,
  changed     INTEGER NOT NULL DEFAULT 0,
  removed     INTEGER NOT NULL DEFAULT 0,
  orders      INTEGER NOT NULL DEFAULT 0,
  size        INTEGER NOT NULL DEFAULT 0,
  received_at BIGINT NOT NULL,
  sealed      BLOB
);
CREATE INDEX source_deliveries_source ON source_deliveries (source_id, id);
CREATE INDEX source_deliveries_refused ON source_deliveries (source_id, id) WHERE outcome = 'refused';

ALTER TABLE source_events ADD COLUMN origin TEXT NOT NULL DEFAULT '';
ALTER TABLE source_events ADD COLUMN delivery_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE source_events ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
CREATE INDEX source_events_delivery ON source_events (delivery_id, id) WHERE delivery_id > 0;
CREATE INDEX source_events_unknown ON source_events (source_id, sku, id) WHERE outcome = 'unknown_sku';

-- +goose Down
DROP INDEX source_events_unknown;
DROP INDEX source_events_delivery;
ALTER TABLE source_events DROP COLUMN kept;
ALTER TABLE source_events DROP COLUMN delivery_id;
ALTER TABLE source_events DROP COLUMN origin;
DROP TABLE source_deliveries;
DROP TABLE source_polls;
DROP TABLE source_aliases;
DROP TABLE source_lookups;
DROP TABLE source_levels;
DROP TABLE source_items;
ALTER TABLE variants DROP COLUMN source_id;
ALTER TABLE variants DROP COLUMN edited;
ALTER TABLE sources DROP COLUMN rotated_at;
ALTER TABLE sources DROP COLUMN currency;
ALTER TABLE sources DROP COLUMN adds_products;
ALTER TABLE page_days DROP COLUMN orders;
ALTER TABLE restocks DROP COLUMN orders;
DROP TABLE orders;
