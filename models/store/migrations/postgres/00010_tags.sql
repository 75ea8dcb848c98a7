-- Every way a window opens: posts and ads tied to products, the ad that led to an interest, and who has the conversation.

-- +goose Up
CREATE TABLE ties (
  page_id    TEXT NOT NULL REFERENCES pages (id) ON DELETE CASCADE,
  kind       TEXT NOT NULL,
  ref        TEXT NOT NULL,
  variant_id BIGINT NOT NULL REFERENCES variants (id) ON DELETE CASCADE,
  found      BOOLEAN NOT NULL DEFAULT FALSE,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (page_id, kind, ref, variant_id)
);
CREATE INDEX ties_variant ON ties (variant_id);
CREATE INDEX ties_recent ON ties (page_id, created_at, ref, variant_id);
CREATE INDEX variants_url ON variants (page_id, url) WHERE url <> '';

ALTER TABLE interests ADD COLUMN ad_id TEXT NOT NULL DEFAULT '';
ALTER TABLE interests ADD COLUMN ad TEXT;
ALTER TABLE contacts ADD COLUMN thread_owner TEXT NOT NULL DEFAULT '';
ALTER TABLE contacts ADD COLUMN disclosed_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX messages_private ON messages (page_id, state_at) WHERE kind = 'private_reply';

-- +goose Down
DROP INDEX messages_private;
ALTER TABLE contacts DROP COLUMN disclosed_at;
ALTER TABLE contacts DROP COLUMN thread_owner;
ALTER TABLE interests DROP COLUMN ad;
ALTER TABLE interests DROP COLUMN ad_id;
DROP INDEX variants_url;
DROP TABLE ties;
