-- Who is enrolled, what each said last, tokens, the log of actions, events. SQLite.
-- A time is in seconds since the epoch, 0 where it never was. "n" is a host's number here, in the order of
-- enrolment: short, so that it can stand in every index.

CREATE TABLE enrol_tokens (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  ring TEXT NOT NULL,
  tags TEXT NOT NULL,
  own_tags BIGINT NOT NULL,
  uses BIGINT NOT NULL,
  used BIGINT NOT NULL DEFAULT 0,
  created_s BIGINT NOT NULL,
  expires_s BIGINT NOT NULL,
  revoked_s BIGINT NOT NULL DEFAULT 0,
  secret TEXT NOT NULL,
  CHECK (uses = 0 OR used <= uses)
);

CREATE TABLE api_tokens (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  scopes BIGINT NOT NULL,
  created_s BIGINT NOT NULL,
  expires_s BIGINT NOT NULL,
  revoked_s BIGINT NOT NULL DEFAULT 0,
  secret TEXT NOT NULL
);

-- tags: all of them, sorted, a blank between. fixed_tags: those that do not come from the host itself; a host
-- with own_tags has its own as well. facts: everything that counts or filters look at, as one text: a report
-- that leaves it as it was touches no index but that of seen_s.
CREATE TABLE hosts (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  key BYTEA NOT NULL,
  name TEXT NOT NULL,
  machine TEXT NOT NULL,
  token TEXT NOT NULL,
  ring TEXT NOT NULL,
  tags TEXT NOT NULL,
  fixed_tags TEXT NOT NULL,
  own_tags BIGINT NOT NULL,
  enrolled_s BIGINT NOT NULL,
  revoked_s BIGINT NOT NULL DEFAULT 0,
  cloned BIGINT NOT NULL DEFAULT 0,
  sequence BIGINT NOT NULL DEFAULT 0,
  report_sha256 TEXT NOT NULL DEFAULT '',
  seen_s BIGINT NOT NULL,
  history_s BIGINT NOT NULL DEFAULT 0,
  boot TEXT NOT NULL DEFAULT '',
  agent TEXT NOT NULL DEFAULT '',
  build_id TEXT NOT NULL DEFAULT '',
  release TEXT NOT NULL DEFAULT '',
  arch TEXT NOT NULL DEFAULT '',
  effective TEXT NOT NULL DEFAULT '',
  os_id TEXT NOT NULL DEFAULT '',
  os_version TEXT NOT NULL DEFAULT '',
  level BIGINT NOT NULL DEFAULT 0,
  newest BIGINT NOT NULL DEFAULT 0,
  behind BIGINT NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT '',
  verdict TEXT NOT NULL DEFAULT '',
  cve_set BIGINT NOT NULL DEFAULT 0,
  cves_open BIGINT NOT NULL DEFAULT -1,
  containers BIGINT NOT NULL DEFAULT -1,
  audit_score BIGINT NOT NULL DEFAULT -1
);
CREATE INDEX hosts_name ON hosts (name);
CREATE INDEX hosts_seen ON hosts (seen_s);
CREATE INDEX hosts_ring ON hosts (ring);
CREATE INDEX hosts_build_id ON hosts (build_id);
CREATE INDEX hosts_release ON hosts (release);
CREATE INDEX hosts_os ON hosts (os_id, os_version);
CREATE INDEX hosts_level ON hosts (level);
CREATE INDEX hosts_state ON hosts (state);
CREATE INDEX hosts_verdict ON hosts (verdict);
CREATE INDEX hosts_cve_set ON hosts (cve_set);
CREATE INDEX hosts_behind ON hosts (behind);
CREATE INDEX hosts_revoked ON hosts (revoked_s) WHERE revoked_s > 0;

CREATE TABLE host_tags (
  tag TEXT NOT NULL,
  host BIGINT NOT NULL,
  PRIMARY KEY (tag, host)
) WITHOUT ROWID;

-- The worst CVEs of hosts. Many hosts have the same ones: a set is kept once, its number is a hash of it.
CREATE TABLE cve_sets (
  cve TEXT NOT NULL,
  cve_set BIGINT NOT NULL,
  PRIMARY KEY (cve, cve_set)
) WITHOUT ROWID;

CREATE TABLE reports (
  host INTEGER PRIMARY KEY,
  document TEXT NOT NULL
);

-- What a host was: a row where something changed, and one a day.
CREATE TABLE history (
  host BIGINT NOT NULL,
  at_s BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  build_id TEXT NOT NULL,
  release TEXT NOT NULL,
  level BIGINT NOT NULL,
  newest BIGINT NOT NULL,
  state TEXT NOT NULL,
  verdict TEXT NOT NULL,
  cves_open BIGINT NOT NULL,
  audit_score BIGINT NOT NULL,
  boot TEXT NOT NULL,
  PRIMARY KEY (host, at_s, sequence)
) WITHOUT ROWID;

-- How many hosts have which value; revoked ones are not counted.
CREATE TABLE host_counts (
  facet TEXT NOT NULL,
  value TEXT NOT NULL,
  n BIGINT NOT NULL,
  PRIMARY KEY (facet, value)
) WITHOUT ROWID;

-- The last entry of each list that must have no hole; when it was tidied last.
CREATE TABLE heads (
  list TEXT PRIMARY KEY,
  sequence BIGINT NOT NULL,
  hash TEXT NOT NULL
);
INSERT INTO heads (list, sequence, hash) VALUES ('audit', 0, ''), ('events', 0, ''), ('tidied', 0, '');

CREATE TABLE audit (
  sequence BIGINT PRIMARY KEY,
  at_s BIGINT NOT NULL,
  who TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE INDEX audit_subject ON audit (subject, sequence);

CREATE TABLE events (
  sequence BIGINT PRIMARY KEY,
  at_s BIGINT NOT NULL,
  type TEXT NOT NULL,
  subject TEXT NOT NULL,
  data TEXT NOT NULL
);
