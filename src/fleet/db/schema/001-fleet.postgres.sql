-- Who is enrolled, what each said last, tokens, the log of actions, events. PostgreSQL.
-- Texts that are compared or sorted follow their bytes, as with SQLite.
-- A time is in seconds since the epoch, 0 where it never was. "n" is a host's number here, in the order of
-- enrolment: short, so that it can stand in every index.

CREATE TABLE enrol_tokens (
  id TEXT COLLATE "C" PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL,
  ring TEXT COLLATE "C" NOT NULL,
  tags TEXT COLLATE "C" NOT NULL,
  own_tags BIGINT NOT NULL,
  uses BIGINT NOT NULL,
  used BIGINT NOT NULL DEFAULT 0,
  created_s BIGINT NOT NULL,
  expires_s BIGINT NOT NULL,
  revoked_s BIGINT NOT NULL DEFAULT 0,
  secret TEXT COLLATE "C" NOT NULL,
  CHECK (uses = 0 OR used <= uses)
);

CREATE TABLE api_tokens (
  id TEXT COLLATE "C" PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL UNIQUE,
  scopes BIGINT NOT NULL,
  created_s BIGINT NOT NULL,
  expires_s BIGINT NOT NULL,
  revoked_s BIGINT NOT NULL DEFAULT 0,
  secret TEXT COLLATE "C" NOT NULL
);

-- tags: all of them, sorted, a blank between. fixed_tags: those that do not come from the host itself; a host
-- with own_tags has its own as well. facts: everything that counts or filters look at, as one text: a report
-- that leaves it as it was touches no index but that of seen_s.
CREATE TABLE hosts (
  n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id TEXT COLLATE "C" NOT NULL UNIQUE,
  key BYTEA NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  machine TEXT COLLATE "C" NOT NULL,
  token TEXT COLLATE "C" NOT NULL,
  ring TEXT COLLATE "C" NOT NULL,
  tags TEXT COLLATE "C" NOT NULL,
  fixed_tags TEXT COLLATE "C" NOT NULL,
  own_tags BIGINT NOT NULL,
  enrolled_s BIGINT NOT NULL,
  revoked_s BIGINT NOT NULL DEFAULT 0,
  cloned BIGINT NOT NULL DEFAULT 0,
  sequence BIGINT NOT NULL DEFAULT 0,
  report_sha256 TEXT COLLATE "C" NOT NULL DEFAULT '',
  seen_s BIGINT NOT NULL,
  history_s BIGINT NOT NULL DEFAULT 0,
  boot TEXT COLLATE "C" NOT NULL DEFAULT '',
  agent TEXT COLLATE "C" NOT NULL DEFAULT '',
  build_id TEXT COLLATE "C" NOT NULL DEFAULT '',
  release TEXT COLLATE "C" NOT NULL DEFAULT '',
  arch TEXT COLLATE "C" NOT NULL DEFAULT '',
  effective TEXT COLLATE "C" NOT NULL DEFAULT '',
  os_id TEXT COLLATE "C" NOT NULL DEFAULT '',
  os_version TEXT COLLATE "C" NOT NULL DEFAULT '',
  level BIGINT NOT NULL DEFAULT 0,
  newest BIGINT NOT NULL DEFAULT 0,
  behind BIGINT NOT NULL DEFAULT 0,
  state TEXT COLLATE "C" NOT NULL DEFAULT '',
  verdict TEXT COLLATE "C" NOT NULL DEFAULT '',
  cve_set BIGINT NOT NULL DEFAULT 0,
  cves_open BIGINT NOT NULL DEFAULT -1,
  containers BIGINT NOT NULL DEFAULT -1,
  audit_score BIGINT NOT NULL DEFAULT -1
) WITH (fillfactor = 80);
CREATE INDEX hosts_name ON hosts (name, n);
CREATE INDEX hosts_seen ON hosts (seen_s, n);
CREATE INDEX hosts_ring ON hosts (ring, n);
CREATE INDEX hosts_build_id ON hosts (build_id, n);
CREATE INDEX hosts_release ON hosts (release, n);
CREATE INDEX hosts_os ON hosts (os_id, os_version, n);
CREATE INDEX hosts_level ON hosts (level, n);
CREATE INDEX hosts_state ON hosts (state, n);
CREATE INDEX hosts_verdict ON hosts (verdict, n);
CREATE INDEX hosts_cve_set ON hosts (cve_set, n);
CREATE INDEX hosts_behind ON hosts (behind, n);
CREATE INDEX hosts_revoked ON hosts (revoked_s, n) WHERE revoked_s > 0;

CREATE TABLE host_tags (
  tag TEXT COLLATE "C" NOT NULL,
  host BIGINT NOT NULL,
  PRIMARY KEY (tag, host)
);

-- The worst CVEs of hosts. Many hosts have the same ones: a set is kept once, its number is a hash of it.
CREATE TABLE cve_sets (
  cve TEXT COLLATE "C" NOT NULL,
  cve_set BIGINT NOT NULL,
  PRIMARY KEY (cve, cve_set)
);

CREATE TABLE reports (
  host BIGINT PRIMARY KEY,
  document TEXT COLLATE "C" NOT NULL
);

-- What a host was: a row where something changed, and one a day. A partition is a month, so that an old one
-- goes at once; history_rest takes what comes where the months ahead were not made.
CREATE TABLE history (
  host BIGINT NOT NULL,
  at_s BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  build_id TEXT COLLATE "C" NOT NULL,
  release TEXT COLLATE "C" NOT NULL,
  level BIGINT NOT NULL,
  newest BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  verdict TEXT COLLATE "C" NOT NULL,
  cves_open BIGINT NOT NULL,
  audit_score BIGINT NOT NULL,
  boot TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (host, at_s, sequence)
) PARTITION BY RANGE (at_s);

CREATE TABLE history_rest PARTITION OF history DEFAULT;

-- Makes the partitions of the month of @at_s and of the two that follow. One that cannot be made, as
-- history_rest has rows of it already, is left out.
CREATE FUNCTION history_ahead(at_s BIGINT) RETURNS BIGINT LANGUAGE plpgsql AS $$
DECLARE
  month TIMESTAMP;
  made BIGINT := 0;
BEGIN
  FOR i IN 0..2 LOOP
    month := date_trunc('month', to_timestamp(at_s) AT TIME ZONE 'UTC') + i * INTERVAL '1 month';
    CONTINUE WHEN to_regclass('history_' || to_char(month, 'YYYYMM')) IS NOT NULL;
    BEGIN
      EXECUTE format('CREATE TABLE %I PARTITION OF history FOR VALUES FROM (%s) TO (%s)',
        'history_' || to_char(month, 'YYYYMM'),
        extract(epoch FROM month)::BIGINT,
        extract(epoch FROM month + INTERVAL '1 month')::BIGINT);
      made := made + 1;
    EXCEPTION WHEN check_violation THEN
      NULL;
    END;
  END LOOP;
  RETURN made;
END $$;

-- Drops the partitions that end before @before_s.
CREATE FUNCTION history_drop(before_s BIGINT) RETURNS BIGINT LANGUAGE plpgsql AS $$
DECLARE
  part RECORD;
  dropped BIGINT := 0;
BEGIN
  FOR part IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'history'::regclass AND c.relname ~ '^history_[0-9]{6}$' LOOP
    IF extract(epoch FROM to_timestamp(substr(part.relname, 9) || '01', 'YYYYMMDD')
        AT TIME ZONE 'UTC' + INTERVAL '1 month') <= before_s THEN
      EXECUTE format('DROP TABLE %I', part.relname);
      dropped := dropped + 1;
    END IF;
  END LOOP;
  RETURN dropped;
END $$;

SELECT history_ahead(extract(epoch FROM now())::BIGINT);

-- How many hosts have which value; revoked ones are not counted.
CREATE TABLE host_counts (
  facet TEXT COLLATE "C" NOT NULL,
  value TEXT COLLATE "C" NOT NULL,
  n BIGINT NOT NULL,
  PRIMARY KEY (facet, value)
);

-- What is to be added to host_counts: servers only append here, so that none waits for another; one at a
-- time adds it up.
CREATE TABLE host_count_changes (
  facet TEXT COLLATE "C" NOT NULL,
  value TEXT COLLATE "C" NOT NULL,
  n BIGINT NOT NULL
);

-- The last entry of each list that must have no hole; when it was tidied last.
CREATE TABLE heads (
  list TEXT COLLATE "C" PRIMARY KEY,
  sequence BIGINT NOT NULL,
  hash TEXT COLLATE "C" NOT NULL
);
INSERT INTO heads (list, sequence, hash) VALUES ('audit', 0, ''), ('events', 0, ''), ('tidied', 0, '');

CREATE TABLE audit (
  sequence BIGINT PRIMARY KEY,
  at_s BIGINT NOT NULL,
  who TEXT COLLATE "C" NOT NULL,
  action TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  detail TEXT COLLATE "C" NOT NULL,
  hash TEXT COLLATE "C" NOT NULL
);
CREATE INDEX audit_subject ON audit (subject, sequence);

CREATE TABLE events (
  sequence BIGINT PRIMARY KEY,
  at_s BIGINT NOT NULL,
  type TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  data TEXT COLLATE "C" NOT NULL
);
