-- Rules of single products, what a team keeps for itself, and how many people ask from day to day.

-- +goose Up
-- What a product does otherwise than its Page, and its own opt-in question by language; JSON, nothing for neither.
ALTER TABLE variants ADD COLUMN rules TEXT;
ALTER TABLE variants ADD COLUMN request_title TEXT;

-- Named filters of the list of products, each its user's own.
CREATE TABLE saved_views (
  id         INTEGER PRIMARY KEY,
  user_id    BIGINT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  name       TEXT NOT NULL,
  query      TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX saved_views_name ON saved_views (user_id, name);

-- A file between its preview and the yes to it: one for a user, for an hour.
CREATE TABLE uploads (
  user_id BIGINT PRIMARY KEY REFERENCES users(id) ON DELETE CASCADE,
  code    TEXT NOT NULL,
  page_id TEXT NOT NULL,
  name    TEXT NOT NULL,
  content BLOB NOT NULL,
  at      BIGINT NOT NULL
);
CREATE INDEX uploads_at ON uploads (at);

-- Which contact of a Page a user is: to whom messages are sent to try them out.
CREATE TABLE testers (
  user_id    BIGINT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  page_id    TEXT NOT NULL,
  contact_id BIGINT NOT NULL REFERENCES contacts(id) ON DELETE CASCADE,
  PRIMARY KEY (user_id, page_id)
);

-- How many asked about a variant on a day of its Page's calendar (the unix milliseconds of that date's midnight in UTC), and
-- how many tapped Notify Me.
CREATE TABLE variant_days (
  variant_id BIGINT NOT NULL REFERENCES variants(id) ON DELETE CASCADE,
  day        BIGINT NOT NULL,
  asked      BIGINT NOT NULL DEFAULT 0,
  granted    BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (variant_id, day)
);
ALTER TABLE page_days ADD COLUMN asked BIGINT NOT NULL DEFAULT 0;
ALTER TABLE page_days ADD COLUMN granted BIGINT NOT NULL DEFAULT 0;

-- The days before this table are UTC's.
INSERT INTO variant_days (variant_id, day, asked, granted)
  SELECT variant_id, day, SUM(asked), SUM(granted) FROM (
    SELECT variant_id, at - at % 86400000 AS day, 1 AS asked, 0 AS granted FROM interests
    UNION ALL SELECT variant_id, granted_at - granted_at % 86400000, 0, 1 FROM tokens WHERE variant_id <> 0
  ) AS d WHERE variant_id IN (SELECT id FROM variants) GROUP BY variant_id, day;
INSERT INTO page_days (page_id, day, asked, granted)
  SELECT v.page_id, d.day, SUM(d.asked), SUM(d.granted) FROM variant_days d JOIN variants v ON v.id = d.variant_id WHERE true GROUP BY v.page_id, d.day
  ON CONFLICT (page_id, day) DO UPDATE SET asked = excluded.asked, granted = excluded.granted;

-- +goose Down
ALTER TABLE page_days DROP COLUMN granted;
ALTER TABLE page_days DROP COLUMN asked;
DROP TABLE variant_days;
DROP TABLE testers;
DROP TABLE uploads;
DROP TABLE saved_views;
ALTER TABLE variants DROP COLUMN request_title;
ALTER TABLE variants DROP COLUMN rules;
