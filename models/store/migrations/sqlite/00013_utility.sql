-- Utility messages: templates that Meta reviews, and what is known of the permissions of their kind.

-- +goose Up
CREATE TABLE utility_templates (
  id           INTEGER PRIMARY KEY,
  page_id      TEXT NOT NULL REFERENCES pages (id) ON DELETE CASCADE,
  platform_id  TEXT NOT NULL DEFAULT '',
  name         TEXT NOT NULL,
  language     TEXT NOT NULL,
  purpose      TEXT NOT NULL DEFAULT '',
  status       TEXT NOT NULL,
  reason       TEXT NOT NULL DEFAULT '',
  body         TEXT NOT NULL,
  examples     TEXT,
  buttons      TEXT,
  submitted_at BIGINT NOT NULL DEFAULT 0,
  reviewed_at  BIGINT NOT NULL DEFAULT 0,
  created_at   BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX utility_templates_name ON utility_templates (page_id, name, language);
CREATE INDEX utility_templates_page ON utility_templates (page_id, id);

ALTER TABLE page_health ADD COLUMN templates_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE page_health ADD COLUMN templates_problem TEXT NOT NULL DEFAULT '';
ALTER TABLE page_health ADD COLUMN human_refused_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE page_health ADD COLUMN human_refused_code INTEGER NOT NULL DEFAULT 0;
ALTER TABLE page_health ADD COLUMN human_refused_subcode INTEGER NOT NULL DEFAULT 0;
ALTER TABLE page_health ADD COLUMN utility_refused_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE page_health ADD COLUMN utility_refused_code INTEGER NOT NULL DEFAULT 0;
ALTER TABLE page_health ADD COLUMN utility_refused_subcode INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE page_health DROP COLUMN utility_refused_subcode;
ALTER TABLE page_health DROP COLUMN utility_refused_code;
ALTER TABLE page_health DROP COLUMN utility_refused_at;
ALTER TABLE page_health DROP COLUMN human_refused_subcode;
ALTER TABLE page_health DROP COLUMN human_refused_code;
ALTER TABLE page_health DROP COLUMN human_refused_at;
ALTER TABLE page_health DROP COLUMN templates_problem;
ALTER TABLE page_health DROP COLUMN templates_at;
DROP TABLE utility_templates;
