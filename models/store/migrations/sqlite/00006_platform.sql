-- +goose Up

-- What the last look at a Page's connection to Messenger found.
CREATE TABLE page_health (
  page_id TEXT PRIMARY KEY REFERENCES pages (id) ON DELETE CASCADE,
  checked_at BIGINT NOT NULL DEFAULT 0,
  problem TEXT NOT NULL DEFAULT '',
  token_expires_at BIGINT NOT NULL DEFAULT 0,
  data_access_until BIGINT NOT NULL DEFAULT 0,
  missing_permissions TEXT,
  missing_fields TEXT,
  scopes TEXT,
  features TEXT,
  resubscribed_at BIGINT NOT NULL DEFAULT 0,
  connected_at BIGINT NOT NULL DEFAULT 0,
  last_event_at BIGINT NOT NULL DEFAULT 0,
  connected_by TEXT NOT NULL DEFAULT ''
);

-- A person who signed in with Facebook and has not chosen Pages yet. The id is a digest of what finds it again.
CREATE TABLE page_logins (
  id TEXT PRIMARY KEY,
  user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  sealed BLOB NOT NULL,
  expires_at BIGINT NOT NULL
);

-- A person who asked in the chat to be forgotten is told so first, and then forgotten.
ALTER TABLE contacts ADD COLUMN erase_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE contacts ADD COLUMN erase_code TEXT NOT NULL DEFAULT '';
CREATE INDEX contacts_erase ON contacts (erase_at) WHERE erase_at > 0;

-- +goose Down
DROP INDEX contacts_erase;
ALTER TABLE contacts DROP COLUMN erase_code;
ALTER TABLE contacts DROP COLUMN erase_at;
DROP TABLE page_logins;
DROP TABLE page_health;
