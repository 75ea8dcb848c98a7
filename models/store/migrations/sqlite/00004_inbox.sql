-- The inbox: what of a conversation the team has still to look at or to answer, words to find it by, and replies that
-- are written once and used often. What is unread is unread for the whole team.

-- +goose Up
ALTER TABLE contacts ADD COLUMN unread BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE contacts ADD COLUMN unanswered BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX contacts_unread ON contacts (last_action_at, id) WHERE unread;
CREATE INDEX contacts_unanswered ON contacts (last_action_at, id) WHERE unanswered;
CREATE INDEX contacts_stopped ON contacts (last_action_at, id) WHERE stopped_at > 0;
ALTER TABLE messages ADD COLUMN attachments TEXT;

-- The stems of a contact's name, with 0 for the time, and of what was written in the conversation of late.
CREATE TABLE contact_words (
  contact_id BIGINT NOT NULL REFERENCES contacts(id) ON DELETE CASCADE,
  word       TEXT NOT NULL,
  at         BIGINT NOT NULL,
  PRIMARY KEY (contact_id, word)
);
CREATE INDEX contact_words_word ON contact_words (word, contact_id);
CREATE INDEX contact_words_name ON contact_words (word, contact_id) WHERE at = 0;
CREATE INDEX contact_words_at ON contact_words (at) WHERE at > 0;

CREATE TABLE saved_replies (
  id         INTEGER PRIMARY KEY,
  language   TEXT NOT NULL,
  title      TEXT NOT NULL,
  text       TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX saved_replies_title ON saved_replies (language, title);

-- Whoever is known by name can be found from the first day; the rest is found from the next message on.
INSERT INTO contact_words (contact_id, word, at)
WITH RECURSIVE pieces (contact_id, word, rest) AS (
  SELECT id, '', LOWER(name) || ' ' FROM contacts WHERE name <> '' AND erased_at = 0
  UNION ALL
  SELECT contact_id, SUBSTR(rest, 1, INSTR(rest, ' ') - 1), SUBSTR(rest, INSTR(rest, ' ') + 1) FROM pieces WHERE rest <> ''
)
SELECT DISTINCT contact_id, word, 0 FROM pieces WHERE LENGTH(word) > 1;

-- +goose Down
DROP TABLE saved_replies;
DROP TABLE contact_words;
ALTER TABLE messages DROP COLUMN attachments;
DROP INDEX contacts_stopped;
DROP INDEX contacts_unanswered;
DROP INDEX contacts_unread;
ALTER TABLE contacts DROP COLUMN unanswered;
ALTER TABLE contacts DROP COLUMN unread;
