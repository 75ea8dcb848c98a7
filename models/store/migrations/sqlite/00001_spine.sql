-- Times are unix milliseconds, 0 for never; booleans are 0 and 1 as gorm writes them.

-- +goose Up
CREATE TABLE pages (
  id           TEXT PRIMARY KEY,
  name         TEXT NOT NULL,
  sealed_token BLOB,
  rate         INTEGER NOT NULL,
  locale       TEXT NOT NULL,
  time_zone    TEXT NOT NULL,
  state        TEXT NOT NULL,
  pause_reason TEXT NOT NULL DEFAULT '',
  pause_detail TEXT NOT NULL DEFAULT '',
  paused_at    BIGINT NOT NULL DEFAULT 0,
  settings     TEXT NOT NULL,
  created_at   BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL
);

-- The Page's rate, shared by all processes: when the next slot is free, in microseconds, and for how long usage
-- headers or a limit slow it down (percent of the setting) or stop it.
CREATE TABLE page_rates (
  page_id    TEXT PRIMARY KEY REFERENCES pages(id) ON DELETE CASCADE,
  next_us    BIGINT NOT NULL DEFAULT 0,
  percent    INTEGER NOT NULL DEFAULT 100,
  percent_at BIGINT NOT NULL DEFAULT 0,
  hold_until BIGINT NOT NULL DEFAULT 0
);

-- Totals that screens show, kept in the transaction of each change.
CREATE TABLE counters (
  page_id TEXT NOT NULL,
  name    TEXT NOT NULL,
  n       BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (page_id, name)
);

CREATE TABLE contacts (
  id             INTEGER PRIMARY KEY,
  page_id        TEXT NOT NULL REFERENCES pages(id) ON DELETE CASCADE,
  psid           TEXT NOT NULL,
  name           TEXT NOT NULL DEFAULT '',
  locale         TEXT NOT NULL DEFAULT '',
  last_action_at BIGINT NOT NULL DEFAULT 0,
  stopped_at     BIGINT NOT NULL DEFAULT 0,
  notified_at    BIGINT NOT NULL DEFAULT 0,
  profile_at     BIGINT NOT NULL DEFAULT 0,
  erased_at      BIGINT NOT NULL DEFAULT 0,
  created_at     BIGINT NOT NULL
);
CREATE UNIQUE INDEX contacts_psid ON contacts (page_id, psid);
CREATE INDEX contacts_recent ON contacts (last_action_at, id);
CREATE INDEX contacts_profile ON contacts (id) WHERE profile_at = 0 AND erased_at = 0;

CREATE TABLE products (
  id         INTEGER PRIMARY KEY,
  page_id    TEXT NOT NULL REFERENCES pages(id) ON DELETE CASCADE,
  name       TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX products_name ON products (page_id, name) WHERE name <> '';

CREATE TABLE variants (
  id               INTEGER PRIMARY KEY,
  page_id          TEXT NOT NULL REFERENCES pages(id) ON DELETE CASCADE,
  product_id       BIGINT NOT NULL REFERENCES products(id),
  sku              TEXT NOT NULL,
  title            TEXT NOT NULL,
  option           TEXT NOT NULL DEFAULT '',
  price_minor      BIGINT NOT NULL DEFAULT 0,
  currency         TEXT NOT NULL DEFAULT '',
  url              TEXT NOT NULL DEFAULT '',
  image_url        TEXT NOT NULL DEFAULT '',
  ref              TEXT NOT NULL,
  available        BIGINT NOT NULL DEFAULT 0,
  quantity_unknown BOOLEAN NOT NULL DEFAULT FALSE,
  min_stock        INTEGER NOT NULL DEFAULT 1,
  tokens_per_unit  INTEGER NOT NULL DEFAULT 0,
  stock_at         BIGINT NOT NULL DEFAULT 0,
  sold_out_at      BIGINT NOT NULL DEFAULT 0,
  waiting          BIGINT NOT NULL DEFAULT 0,
  deleted_at       BIGINT NOT NULL DEFAULT 0,
  created_at       BIGINT NOT NULL,
  updated_at       BIGINT NOT NULL
);
CREATE UNIQUE INDEX variants_sku ON variants (page_id, sku);
CREATE INDEX variants_by_sku ON variants (sku);
CREATE UNIQUE INDEX variants_ref ON variants (ref);
CREATE INDEX variants_product ON variants (product_id);
CREATE INDEX variants_title ON variants (title, id);
CREATE INDEX variants_waiting ON variants (waiting, id);
CREATE INDEX variants_updated ON variants (updated_at, id);

-- The stems of each variant's title and option, by which free text finds it.
CREATE TABLE variant_words (
  variant_id BIGINT NOT NULL REFERENCES variants(id) ON DELETE CASCADE,
  page_id    TEXT NOT NULL,
  word       TEXT NOT NULL,
  words      INTEGER NOT NULL,
  PRIMARY KEY (variant_id, word)
);
CREATE INDEX variant_words_word ON variant_words (page_id, word);

CREATE TABLE interests (
  id         INTEGER PRIMARY KEY,
  page_id    TEXT NOT NULL,
  contact_id BIGINT NOT NULL REFERENCES contacts(id) ON DELETE CASCADE,
  variant_id BIGINT NOT NULL REFERENCES variants(id) ON DELETE CASCADE,
  source     TEXT NOT NULL,
  at         BIGINT NOT NULL
);
CREATE INDEX interests_variant ON interests (variant_id, contact_id, at);
CREATE INDEX interests_contact ON interests (contact_id, id);

CREATE TABLE optin_requests (
  id         INTEGER PRIMARY KEY,
  page_id    TEXT NOT NULL,
  contact_id BIGINT NOT NULL REFERENCES contacts(id) ON DELETE CASCADE,
  variant_id BIGINT NOT NULL,
  payload    TEXT NOT NULL,
  title      TEXT NOT NULL,
  state      TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  state_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX optin_requests_payload ON optin_requests (payload);
-- Rule 3.5, held by the database: one outstanding request for a contact and a variant.
CREATE UNIQUE INDEX optin_requests_outstanding ON optin_requests (contact_id, variant_id) WHERE state IN ('queued', 'sent');
CREATE INDEX optin_requests_contact ON optin_requests (contact_id, id);

CREATE TABLE tokens (
  id          INTEGER PRIMARY KEY,
  page_id     TEXT NOT NULL,
  contact_id  BIGINT NOT NULL REFERENCES contacts(id),
  variant_id  BIGINT NOT NULL DEFAULT 0,
  request_id  BIGINT NOT NULL DEFAULT 0,
  state       TEXT NOT NULL,
  reason      TEXT NOT NULL DEFAULT '',
  hash        BLOB,
  sealed      BLOB,
  granted_at  BIGINT NOT NULL,
  expires_at  BIGINT NOT NULL,
  state_at    BIGINT NOT NULL,
  attempts    INTEGER NOT NULL DEFAULT 0,
  next_at     BIGINT NOT NULL DEFAULT 0,
  lease_until BIGINT NOT NULL DEFAULT 0,
  restock_id  BIGINT NOT NULL DEFAULT 0,
  unsure      INTEGER NOT NULL DEFAULT 0,
  unanswered  INTEGER NOT NULL DEFAULT 0,
  suspect     BOOLEAN NOT NULL DEFAULT FALSE,
  suspected   INTEGER NOT NULL DEFAULT 0,
  unreachable INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX tokens_hash ON tokens (page_id, hash);
-- What waits, in the order of granting; what waits again; what is under way; what got no answer.
CREATE INDEX tokens_waiting ON tokens (variant_id, granted_at, id) WHERE state = 'waiting' AND next_at = 0;
CREATE INDEX tokens_released ON tokens (variant_id, next_at, id) WHERE state = 'waiting' AND next_at > 0;
CREATE INDEX tokens_claimed ON tokens (lease_until) WHERE state = 'claimed';
CREATE INDEX tokens_suspect ON tokens (restock_id) WHERE suspect;
CREATE INDEX tokens_unknown ON tokens (page_id, next_at) WHERE state = 'unknown';
CREATE INDEX tokens_ending ON tokens (expires_at) WHERE state = 'waiting';
CREATE INDEX tokens_contact ON tokens (contact_id, id);
CREATE INDEX tokens_variant ON tokens (variant_id, id);
CREATE INDEX tokens_state ON tokens (state, id);
CREATE INDEX tokens_restock ON tokens (restock_id, id);

CREATE TABLE attempts (
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
CREATE INDEX attempts_restock ON attempts (restock_id, at);

CREATE TABLE restocks (
  id               INTEGER PRIMARY KEY,
  page_id          TEXT NOT NULL,
  variant_id       BIGINT NOT NULL,
  state            TEXT NOT NULL,
  reason           TEXT NOT NULL DEFAULT '',
  quantity         BIGINT NOT NULL,
  quantity_unknown BOOLEAN NOT NULL DEFAULT FALSE,
  budget           BIGINT NOT NULL DEFAULT 0,
  wave             INTEGER NOT NULL DEFAULT 1,
  next_wave_at     BIGINT NOT NULL DEFAULT 0,
  start_at         BIGINT NOT NULL DEFAULT 0,
  newest_first     BOOLEAN NOT NULL DEFAULT FALSE,
  approved         BOOLEAN NOT NULL DEFAULT FALSE,
  claimed          BIGINT NOT NULL DEFAULT 0,
  sent             BIGINT NOT NULL DEFAULT 0,
  unknown          BIGINT NOT NULL DEFAULT 0,
  failed           BIGINT NOT NULL DEFAULT 0,
  clicks           BIGINT NOT NULL DEFAULT 0,
  cursor_at        BIGINT NOT NULL DEFAULT 0,
  cursor_id        BIGINT NOT NULL DEFAULT 0,
  claimed_at       BIGINT NOT NULL DEFAULT 0,
  refusals         INTEGER NOT NULL DEFAULT 0,
  refusal_code     TEXT NOT NULL DEFAULT '',
  created_at       BIGINT NOT NULL,
  state_at         BIGINT NOT NULL,
  first_sent_at    BIGINT NOT NULL DEFAULT 0,
  last_sent_at     BIGINT NOT NULL DEFAULT 0
);
-- A variant has at most one open restock.
CREATE UNIQUE INDEX restocks_open ON restocks (variant_id) WHERE state IN ('held', 'needs_ok', 'running', 'paused');
CREATE INDEX restocks_work ON restocks (page_id, claimed_at) WHERE state IN ('held', 'running');
CREATE INDEX restocks_variant ON restocks (variant_id, id);
CREATE INDEX restocks_state ON restocks (state, id);

CREATE TABLE clicks (
  token_id   BIGINT NOT NULL,
  restock_id BIGINT NOT NULL,
  at         BIGINT NOT NULL,
  PRIMARY KEY (token_id, at)
);

CREATE TABLE messages (
  id          INTEGER PRIMARY KEY,
  page_id     TEXT NOT NULL,
  contact_id  BIGINT NOT NULL REFERENCES contacts(id) ON DELETE CASCADE,
  incoming    BOOLEAN NOT NULL DEFAULT FALSE,
  kind        TEXT NOT NULL DEFAULT '',
  state       TEXT NOT NULL,
  reason      TEXT NOT NULL DEFAULT '',
  text        TEXT NOT NULL DEFAULT '',
  content     TEXT,
  mid         TEXT NOT NULL DEFAULT '',
  request_id  BIGINT NOT NULL DEFAULT 0,
  rank        INTEGER NOT NULL DEFAULT 1,
  typed_by    BIGINT NOT NULL DEFAULT 0,
  comment_id  TEXT NOT NULL DEFAULT '',
  comment_at  BIGINT NOT NULL DEFAULT 0,
  send_before BIGINT NOT NULL DEFAULT 0,
  next_at     BIGINT NOT NULL DEFAULT 0,
  lease_until BIGINT NOT NULL DEFAULT 0,
  attempts    INTEGER NOT NULL DEFAULT 0,
  at          BIGINT NOT NULL,
  state_at    BIGINT NOT NULL
);
-- Not unique: a platform that repeats an id must not keep us from writing down what it said.
CREATE INDEX messages_mid ON messages (page_id, mid) WHERE mid <> '';
CREATE UNIQUE INDEX messages_comment ON messages (page_id, comment_id) WHERE comment_id <> '';
CREATE INDEX messages_queue ON messages (page_id, rank, send_before, id) WHERE state = 'queued';
CREATE INDEX messages_claimed ON messages (lease_until) WHERE state = 'claimed';
CREATE INDEX messages_contact ON messages (contact_id, at, id);
CREATE INDEX messages_request ON messages (request_id) WHERE request_id > 0;

CREATE TABLE inbound_events (
  id          INTEGER PRIMARY KEY,
  key         TEXT NOT NULL,
  page_id     TEXT NOT NULL,
  psid        TEXT NOT NULL DEFAULT '',
  kind        TEXT NOT NULL,
  state       TEXT NOT NULL,
  reason      TEXT NOT NULL DEFAULT '',
  attempts    INTEGER NOT NULL DEFAULT 0,
  next_at     BIGINT NOT NULL DEFAULT 0,
  event_at    BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  sealed      BLOB
);
CREATE UNIQUE INDEX inbound_events_key ON inbound_events (key);
CREATE INDEX inbound_events_pending ON inbound_events (id) WHERE state = 'pending';
CREATE INDEX inbound_events_person ON inbound_events (page_id, psid);
CREATE INDEX inbound_events_received ON inbound_events (received_at);

-- A variant sold out: everyone inside the window is to be asked. Worked off in the background, from a cursor.
CREATE TABLE sellouts (
  id         INTEGER PRIMARY KEY,
  page_id    TEXT NOT NULL,
  variant_id BIGINT NOT NULL,
  at         BIGINT NOT NULL,
  done_at    BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX sellouts_open ON sellouts (id) WHERE done_at = 0;

CREATE TABLE sources (
  id            TEXT PRIMARY KEY,
  kind          TEXT NOT NULL,
  name          TEXT NOT NULL,
  page_id       TEXT NOT NULL DEFAULT '',
  sealed_secret BLOB,
  created_at    BIGINT NOT NULL,
  last_event_at BIGINT NOT NULL DEFAULT 0,
  refused       INTEGER NOT NULL DEFAULT 0,
  last_refusal  TEXT NOT NULL DEFAULT '',
  refused_at    BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE stock_reports (
  source_id   TEXT NOT NULL,
  key         TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (source_id, key)
);

CREATE TABLE source_events (
  id          INTEGER PRIMARY KEY,
  source_id   TEXT NOT NULL,
  report_key  TEXT NOT NULL,
  sku         TEXT NOT NULL,
  variant_id  BIGINT NOT NULL DEFAULT 0,
  available   BIGINT NOT NULL,
  unknown     BOOLEAN NOT NULL DEFAULT FALSE,
  outcome     TEXT NOT NULL,
  at          BIGINT NOT NULL,
  received_at BIGINT NOT NULL
);
CREATE INDEX source_events_source ON source_events (source_id, id);
CREATE INDEX source_events_variant ON source_events (variant_id, id);
CREATE INDEX source_events_received ON source_events (received_at);

CREATE TABLE users (
  id            INTEGER PRIMARY KEY,
  email         TEXT NOT NULL,
  role          TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  language      TEXT NOT NULL DEFAULT '',
  created_at    BIGINT NOT NULL,
  seen_at       BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX users_email ON users (email);

CREATE TABLE api_keys (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  role       TEXT NOT NULL,
  hash       BLOB NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at    BIGINT NOT NULL DEFAULT 0,
  revoked_at BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX api_keys_hash ON api_keys (hash);

CREATE TABLE sessions (
  hash       BLOB PRIMARY KEY,
  data       BLOB NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- The public status of an erasure, found by its code. It names no person.
CREATE TABLE erasures (
  code       TEXT PRIMARY KEY,
  at         BIGINT NOT NULL,
  contacts   INTEGER NOT NULL DEFAULT 0,
  done_at    BIGINT NOT NULL DEFAULT 0
);

-- +goose Down
DROP TABLE erasures;
DROP TABLE sessions;
DROP TABLE api_keys;
DROP TABLE users;
DROP TABLE source_events;
DROP TABLE stock_reports;
DROP TABLE sources;
DROP TABLE sellouts;
DROP TABLE inbound_events;
DROP TABLE messages;
DROP TABLE clicks;
DROP TABLE restocks;
DROP TABLE attempts;
DROP TABLE tokens;
DROP TABLE optin_requests;
DROP TABLE interests;
DROP TABLE variant_words;
DROP TABLE variants;
DROP TABLE products;
DROP TABLE contacts;
DROP TABLE counters;
DROP TABLE page_rates;
DROP TABLE pages;
