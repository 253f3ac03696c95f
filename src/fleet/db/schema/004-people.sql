-- People, their sessions, wrong tries; whose a token and a rollout is.
-- A time is in seconds since the epoch, 0 where it never was.

-- password, totp, totp_next: '' where there is none. totp_next: set up, and no code of it was shown yet.
-- totp_step: of the last code that was accepted. issuer, subject: of OIDC.
CREATE TABLE users (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  role BIGINT NOT NULL,
  disabled BIGINT NOT NULL,
  password TEXT NOT NULL,
  must_change BIGINT NOT NULL,
  totp TEXT NOT NULL,
  totp_next TEXT NOT NULL,
  totp_step BIGINT NOT NULL,
  issuer TEXT,
  subject TEXT,
  created_s BIGINT NOT NULL,
  seen_s BIGINT NOT NULL,
  password_s BIGINT NOT NULL
);
CREATE UNIQUE INDEX users_subject ON users (issuer, subject) WHERE issuer IS NOT NULL;

-- code: a hash.
CREATE TABLE recovery_codes (
  person TEXT NOT NULL,
  code TEXT NOT NULL,
  PRIMARY KEY (person, code)
);

-- secret: a hash.
CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  secret TEXT NOT NULL UNIQUE,
  person TEXT NOT NULL,
  csrf TEXT NOT NULL,
  state BIGINT NOT NULL,
  peer TEXT NOT NULL,
  agent TEXT NOT NULL,
  made_s BIGINT NOT NULL,
  seen_s BIGINT NOT NULL,
  proved_s BIGINT NOT NULL
);
CREATE INDEX sessions_person ON sessions (person);
CREATE INDEX sessions_seen ON sessions (seen_s);

-- key: what is counted, with a name as a hash.
CREATE TABLE lockouts (
  key TEXT PRIMARY KEY,
  failures BIGINT NOT NULL,
  last_s BIGINT NOT NULL,
  until_s BIGINT NOT NULL
);
CREATE INDEX lockouts_last ON lockouts (last_s);

-- The id of a person; '' for nobody's: one that was made on the console.
ALTER TABLE api_tokens ADD COLUMN person TEXT NOT NULL DEFAULT '';
ALTER TABLE rollouts ADD COLUMN created_person TEXT NOT NULL DEFAULT '';
