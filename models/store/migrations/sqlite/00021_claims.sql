-- No list asks for the tokens of a restock, which its attempts tell; and every token moved in this index twice on its way.

-- +goose Up
DROP INDEX tokens_restock;

-- +goose Down
CREATE INDEX tokens_restock ON tokens (restock_id, id) WHERE restock_id > 0;
