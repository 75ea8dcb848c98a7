-- The stock that a source told of each of its own items: where several of them share a SKU, what a shopper asks for is any of
-- them, and news of one alone must not stand for all. told_at is 0 where it never said, or does not have the item any more.

-- +goose Up
ALTER TABLE source_items ADD COLUMN available INTEGER NOT NULL DEFAULT 0;
ALTER TABLE source_items ADD COLUMN unknown BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE source_items ADD COLUMN told_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX source_items_sku ON source_items (source_id, sku);

-- +goose Down
DROP INDEX source_items_sku;
ALTER TABLE source_items DROP COLUMN told_at;
ALTER TABLE source_items DROP COLUMN unknown;
ALTER TABLE source_items DROP COLUMN available;
