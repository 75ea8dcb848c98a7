-- On which Pages a login or a key may look and work: their ids with commas between; empty is all.

-- +goose Up
ALTER TABLE users ADD COLUMN access TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN access TEXT NOT NULL DEFAULT '';

-- The restocks of a Page, the latest first.
CREATE INDEX restocks_page ON restocks (page_id, id);

-- +goose Down
DROP INDEX restocks_page;
ALTER TABLE api_keys DROP COLUMN access;
ALTER TABLE users DROP COLUMN access;
