-- One process at a time sends for a Page: which one, and until when no other does.

-- +goose Up
ALTER TABLE page_rates ADD COLUMN sender TEXT NOT NULL DEFAULT '';
ALTER TABLE page_rates ADD COLUMN sender_until BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE page_rates DROP COLUMN sender_until;
ALTER TABLE page_rates DROP COLUMN sender;
