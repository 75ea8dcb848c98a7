-- Setting up, who changed what, how long things are kept, and what protects a login.

-- +goose Up
-- What there is one of in an installation: a setting, or a thing that happened once.
CREATE TABLE installation (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL DEFAULT '',
  at    BIGINT NOT NULL
);

-- Hashes of the codes with which the first owner is made. None is left once there is one.
CREATE TABLE setup_codes (
  hash BLOB PRIMARY KEY,
  at   BIGINT NOT NULL
);

-- What people and keys changed: what was there before and what after, as JSON, and never a secret. Whoever did it is
-- written with the name of then, since logins and keys go.
CREATE TABLE audit_entries (
  id         INTEGER PRIMARY KEY,
  at         BIGINT NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id   BIGINT NOT NULL DEFAULT 0,
  actor_name TEXT NOT NULL DEFAULT '',
  thing      TEXT NOT NULL,
  thing_id   TEXT NOT NULL DEFAULT '',
  thing_name TEXT NOT NULL DEFAULT '',
  page_id    TEXT NOT NULL DEFAULT '',
  act        TEXT NOT NULL,
  changes    TEXT
);
CREATE INDEX audit_entries_actor ON audit_entries (actor_kind, actor_id, id);
CREATE INDEX audit_entries_thing ON audit_entries (thing, id);
CREATE INDEX audit_entries_both ON audit_entries (actor_kind, actor_id, thing, id);
CREATE INDEX audit_entries_at ON audit_entries (at);

-- epoch ends the sessions begun before it was raised. A second factor is the sealed key, the time step that was used last,
-- and the hashes of the recovery codes that are left, as JSON.
ALTER TABLE users ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN sealed_factor BLOB;
ALTER TABLE users ADD COLUMN factor_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN factor_step BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN recovery TEXT;

-- What is kept for a time is found by its age. Most attempts have nothing to forget.
CREATE INDEX messages_at ON messages (at);
CREATE INDEX clicks_at ON clicks (at);
CREATE INDEX attempts_detail ON attempts (at) WHERE detail <> '';

-- +goose Down
DROP INDEX attempts_detail;
DROP INDEX clicks_at;
DROP INDEX messages_at;
ALTER TABLE users DROP COLUMN recovery;
ALTER TABLE users DROP COLUMN factor_step;
ALTER TABLE users DROP COLUMN factor_at;
ALTER TABLE users DROP COLUMN sealed_factor;
ALTER TABLE users DROP COLUMN epoch;
DROP TABLE audit_entries;
DROP TABLE setup_codes;
DROP TABLE installation;
