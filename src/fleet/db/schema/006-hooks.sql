-- What webhooks are told in: the formats of src/fleet/hooks/format.h. Those from before have the event itself.
ALTER TABLE webhooks ADD COLUMN format TEXT NOT NULL DEFAULT 'event';
