-- What kind of failure the latest question to a shop's system met with, for screens in another language than its sentence.

-- +goose Up
ALTER TABLE source_polls ADD COLUMN trouble TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE source_polls DROP COLUMN trouble;
