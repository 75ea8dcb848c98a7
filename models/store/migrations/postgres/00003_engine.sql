-- What every token costs on its way through the engine is mostly the indexes it moves in: none keeps a token that is
-- under way for a second, or that no restock ever claimed. And what careful resuming of a paused Page needs.

-- +goose Up
DROP INDEX tokens_state;
CREATE INDEX tokens_state ON tokens (state, id) WHERE state <> 'claimed';
DROP INDEX tokens_restock;
CREATE INDEX tokens_restock ON tokens (restock_id, id) WHERE restock_id > 0;

-- Rows that are written twice within a second, or a thousand times an hour, find room beside their old selves, and no
-- index is told. What is dead is swept up before it is a fifth of a large table.
ALTER TABLE attempts SET (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE tokens SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE contacts SET (fillfactor = 80);
ALTER TABLE restocks SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
ALTER TABLE page_rates SET (fillfactor = 30, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
ALTER TABLE counters SET (fillfactor = 30, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

-- A Page that the platform paused is asked after: when next, and how often that was in vain.
ALTER TABLE page_rates ADD COLUMN probe_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE page_rates ADD COLUMN probes INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE page_rates DROP COLUMN probes;
ALTER TABLE page_rates DROP COLUMN probe_at;
ALTER TABLE counters RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
ALTER TABLE page_rates RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
ALTER TABLE restocks RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
ALTER TABLE contacts RESET (fillfactor);
ALTER TABLE tokens RESET (autovacuum_vacuum_scale_factor);
ALTER TABLE attempts RESET (fillfactor, autovacuum_vacuum_scale_factor);
DROP INDEX tokens_restock;
CREATE INDEX tokens_restock ON tokens (restock_id, id);
DROP INDEX tokens_state;
CREATE INDEX tokens_state ON tokens (state, id);
