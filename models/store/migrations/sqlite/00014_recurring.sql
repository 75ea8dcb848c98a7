-- Recurring notifications (notification_messages), beside one-time ones: opt-ins that are used again and again, each use of
-- which is a row of tokens.

-- +goose Up
CREATE TABLE recurring_optins (
  id          INTEGER PRIMARY KEY,
  page_id     TEXT NOT NULL,
  contact_id  BIGINT NOT NULL REFERENCES contacts (id),
  variant_id  BIGINT NOT NULL DEFAULT 0,
  request_id  BIGINT NOT NULL DEFAULT 0,
  title       TEXT NOT NULL DEFAULT '',
  topic       TEXT NOT NULL DEFAULT '',
  frequency   TEXT NOT NULL DEFAULT '',
  time_zone   TEXT NOT NULL DEFAULT '',
  source      TEXT NOT NULL,
  status      TEXT NOT NULL,
  reason      TEXT NOT NULL DEFAULT '',
  hash        BLOB,
  sealed      BLOB,
  granted_at  BIGINT NOT NULL,
  expires_at  BIGINT NOT NULL,
  status_at   BIGINT NOT NULL,
  used_at     BIGINT NOT NULL DEFAULT 0,
  next_use_at BIGINT NOT NULL DEFAULT 0,
  uses        BIGINT NOT NULL DEFAULT 0,
  held_by     BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX recurring_optins_hash ON recurring_optins (page_id, hash);
CREATE INDEX recurring_optins_contact ON recurring_optins (contact_id, id);
CREATE INDEX recurring_optins_ending ON recurring_optins (expires_at) WHERE status = 'active';
CREATE INDEX recurring_optins_page ON recurring_optins (page_id, status);

-- optin_id: the row is one use of a recurring opt-in, and has no secret of its own. next_optin_id: what waits on for the same
-- product once this row is spent. retry_until: until when a second call cannot be a second message. not_restock: the restock
-- that the person is told of by another row.
ALTER TABLE tokens ADD COLUMN optin_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tokens ADD COLUMN next_optin_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tokens ADD COLUMN retry_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tokens ADD COLUMN not_restock BIGINT NOT NULL DEFAULT 0;
CREATE INDEX tokens_renew ON tokens (restock_id, id) WHERE next_optin_id > 0;
CREATE INDEX tokens_optin ON tokens (optin_id, id) WHERE optin_id > 0;
-- One live use for a person and a product, held by the database.
CREATE UNIQUE INDEX tokens_optin_live ON tokens (contact_id, variant_id) WHERE optin_id > 0 AND state IN ('waiting', 'claimed', 'unknown');

-- How often a variant came back; the restock's is the one it belongs to. renews: rows of it wait to be renewed.
ALTER TABLE variants ADD COLUMN episode BIGINT NOT NULL DEFAULT 0;
ALTER TABLE restocks ADD COLUMN episode BIGINT NOT NULL DEFAULT 0;
ALTER TABLE restocks ADD COLUMN renews BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX restocks_renew ON restocks (variant_id) WHERE renews;

-- When the platform last refused the Page recurring notifications, and in which words.
ALTER TABLE pages ADD COLUMN recurring_off_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE pages ADD COLUMN recurring_detail TEXT NOT NULL DEFAULT '';

-- Which product a person was asked with, and why that one; empty for the one-time notification of before.
ALTER TABLE optin_requests ADD COLUMN product TEXT NOT NULL DEFAULT '';
ALTER TABLE optin_requests ADD COLUMN why TEXT NOT NULL DEFAULT '';

-- How far the list of the tokens that a Page has already was read; read on from there after a stop.
CREATE TABLE optin_imports (
  page_id    TEXT PRIMARY KEY REFERENCES pages (id) ON DELETE CASCADE,
  state      TEXT NOT NULL,
  position   TEXT NOT NULL DEFAULT '',
  found      BIGINT NOT NULL DEFAULT 0,
  added      BIGINT NOT NULL DEFAULT 0,
  waiting    BIGINT NOT NULL DEFAULT 0,
  problem    TEXT NOT NULL DEFAULT '',
  started_at BIGINT NOT NULL,
  state_at   BIGINT NOT NULL
);

-- +goose Down
DROP TABLE optin_imports;
ALTER TABLE optin_requests DROP COLUMN why;
ALTER TABLE optin_requests DROP COLUMN product;
ALTER TABLE pages DROP COLUMN recurring_detail;
ALTER TABLE pages DROP COLUMN recurring_off_at;
DROP INDEX restocks_renew;
ALTER TABLE restocks DROP COLUMN renews;
ALTER TABLE restocks DROP COLUMN episode;
ALTER TABLE variants DROP COLUMN episode;
DROP INDEX tokens_optin_live;
DROP INDEX tokens_optin;
DROP INDEX tokens_renew;
ALTER TABLE tokens DROP COLUMN not_restock;
ALTER TABLE tokens DROP COLUMN retry_until;
ALTER TABLE tokens DROP COLUMN next_optin_id;
ALTER TABLE tokens DROP COLUMN optin_id;
DROP TABLE recurring_optins;
