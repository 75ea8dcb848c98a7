-- What a token costs on its way through the engine, again.

-- +goose Up
-- No list asks for the tokens of a restock, which its attempts tell; and every token moved in this index twice on its way.
DROP INDEX tokens_restock;
-- An attempt is written in the transaction that holds its token, and goes before it: to look each token up once more, and
-- lock it again, took as long as the writing.
ALTER TABLE attempts DROP CONSTRAINT attempts_token_id_fkey;
-- A restock writes to many of the people on the same page of the table at once, when it was not long ago that they came.
ALTER TABLE contacts SET (fillfactor = 50);

-- +goose Down
ALTER TABLE contacts SET (fillfactor = 80);
ALTER TABLE attempts ADD CONSTRAINT attempts_token_id_fkey FOREIGN KEY (token_id) REFERENCES tokens (id);
CREATE INDEX tokens_restock ON tokens (restock_id, id) WHERE restock_id > 0;
