-- The token wallet: what ends when. The list of what ends first is paged, so its index is in the list's whole order. How many
-- end in each month is counted in the background where there are too many to count while somebody waits.

-- +goose Up
DROP INDEX tokens_ending;
CREATE INDEX tokens_ending ON tokens (expires_at, id) WHERE state = 'waiting';
CREATE TABLE token_months (
  starts_at  BIGINT PRIMARY KEY,
  n          BIGINT NOT NULL,
  counted_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE token_months;
DROP INDEX tokens_ending;
CREATE INDEX tokens_ending ON tokens (expires_at) WHERE state = 'waiting';
