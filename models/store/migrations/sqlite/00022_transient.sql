-- How often Messenger asked to try a token again later: the wait grows with that, and not with calls that were never made.

-- +goose Up
ALTER TABLE tokens ADD COLUMN transient INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE tokens DROP COLUMN transient;
