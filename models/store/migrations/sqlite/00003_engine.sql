-- What every token costs on its way through the engine is mostly the indexes it moves in: none keeps a token that is
-- under way for a second, or that no restock ever claimed. And what careful resuming of a paused Page needs.

-- +goose Up
DROP INDEX tokens_state;
CREATE INDEX tokens_state ON tokens (state, id) WHERE state <> 'claimed';
DROP INDEX tokens_restock;
CREATE INDEX tokens_restock ON tokens (restock_id, id) WHERE restock_id > 0;

CREATE TABLE attempts_by_token (
  token_id   BIGINT NOT NULL REFERENCES tokens(id),
  number     INTEGER NOT NULL,
  page_id    TEXT NOT NULL,
  restock_id BIGINT NOT NULL,
  state      TEXT NOT NULL,
  code       INTEGER NOT NULL DEFAULT 0,
  subcode    INTEGER NOT NULL DEFAULT 0,
  detail     TEXT NOT NULL DEFAULT '',
  message_id TEXT NOT NULL DEFAULT '',
  at         BIGINT NOT NULL,
  settled_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (token_id, number)
) WITHOUT ROWID;
INSERT INTO attempts_by_token SELECT token_id, number, page_id, restock_id, state, code, subcode, detail, message_id, at, settled_at FROM attempts;
DROP TABLE attempts;
ALTER TABLE attempts_by_token RENAME TO attempts;
CREATE INDEX attempts_restock ON attempts (restock_id, at);

-- A Page that the platform paused is asked after: when next, and how often that was in vain.
ALTER TABLE page_rates ADD COLUMN probe_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE page_rates ADD COLUMN probes INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE page_rates DROP COLUMN probes;
ALTER TABLE page_rates DROP COLUMN probe_at;
CREATE TABLE attempts_by_row (
  token_id   BIGINT NOT NULL REFERENCES tokens(id),
  number     INTEGER NOT NULL,
  page_id    TEXT NOT NULL,
  restock_id BIGINT NOT NULL,
  state      TEXT NOT NULL,
  code       INTEGER NOT NULL DEFAULT 0,
  subcode    INTEGER NOT NULL DEFAULT 0,
  detail     TEXT NOT NULL DEFAULT '',
  message_id TEXT NOT NULL DEFAULT '',
  at         BIGINT NOT NULL,
  settled_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (token_id, number)
);
INSERT INTO attempts_by_row SELECT token_id, number, page_id, restock_id, state, code, subcode, detail, message_id, at, settled_at FROM attempts;
DROP TABLE attempts;
ALTER TABLE attempts_by_row RENAME TO attempts;
CREATE INDEX attempts_restock ON attempts (restock_id, at);
DROP INDEX tokens_restock;
CREATE INDEX tokens_restock ON tokens (restock_id, id);
DROP INDEX tokens_state;
CREATE INDEX tokens_state ON tokens (state, id);
