-- What the admin's screens ask for again and again, at a cost that does not grow with what is on record.

-- +goose Up
-- Notifications sent and links clicked by day: unix milliseconds of the day's midnight in UTC.
CREATE TABLE page_days (
  page_id TEXT NOT NULL,
  day     BIGINT NOT NULL,
  sent    BIGINT NOT NULL DEFAULT 0,
  clicks  BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (page_id, day)
);
CREATE INDEX page_days_day ON page_days (day);
CREATE INDEX variants_listed ON variants (page_id, title, id) WHERE deleted_at = 0;

-- +goose Down
DROP INDEX variants_listed;
DROP TABLE page_days;
