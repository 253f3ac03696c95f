-- Idempotency keys, webhooks and their deliveries.
-- A time is in seconds since the epoch, 0 where it never was.

-- status 0: the request is being answered by another transaction.
CREATE TABLE idempotency (
  who TEXT NOT NULL,
  key TEXT NOT NULL,
  digest TEXT NOT NULL,
  status BIGINT NOT NULL,
  answer TEXT NOT NULL,
  at_s BIGINT NOT NULL,
  PRIMARY KEY (who, key)
);
CREATE INDEX idempotency_at ON idempotency (at_s);

-- events: a JSON list of types. after_sequence: events up to this one have their deliveries.
CREATE TABLE webhooks (
  id TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  events TEXT NOT NULL,
  secret TEXT NOT NULL,
  active BIGINT NOT NULL,
  who TEXT NOT NULL,
  created_s BIGINT NOT NULL,
  after_sequence BIGINT NOT NULL
);

-- next_s: when it is to be sent; 0: done or given up. While it is sent, when another may take it over.
CREATE TABLE deliveries (
  id TEXT PRIMARY KEY,
  webhook TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  type TEXT NOT NULL,
  body TEXT NOT NULL,
  created_s BIGINT NOT NULL,
  next_s BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  status BIGINT NOT NULL,
  why TEXT NOT NULL,
  state TEXT NOT NULL,
  done_s BIGINT NOT NULL
);
CREATE INDEX deliveries_webhook ON deliveries (webhook, id);
CREATE INDEX deliveries_next ON deliveries (next_s) WHERE next_s > 0;
CREATE INDEX deliveries_done ON deliveries (done_s) WHERE done_s > 0;
