-- What the dashboard looks at: CVEs and findings of the whole fleet, how long hosts are up, what wants a reboot, the
-- fleet over time, views that people keep.
-- A time is in seconds since the epoch, 0 where it never was.

-- uptime: a band, see fleet/store/facts.h. reboot: why one is wanted; "-": none is; '': not said.
-- cve_list: 'all': cve_set holds every CVE that is open; 'worst': it holds the worst.
-- open_*: so many CVEs of each severity are open.
ALTER TABLE hosts ADD COLUMN uptime TEXT NOT NULL DEFAULT '';
ALTER TABLE hosts ADD COLUMN reboot TEXT NOT NULL DEFAULT '';
ALTER TABLE hosts ADD COLUMN cve_list TEXT NOT NULL DEFAULT '';
ALTER TABLE hosts ADD COLUMN finding_set BIGINT NOT NULL DEFAULT 0;
ALTER TABLE hosts ADD COLUMN open_critical BIGINT NOT NULL DEFAULT 0;
ALTER TABLE hosts ADD COLUMN open_high BIGINT NOT NULL DEFAULT 0;
ALTER TABLE hosts ADD COLUMN open_medium BIGINT NOT NULL DEFAULT 0;
ALTER TABLE hosts ADD COLUMN open_low BIGINT NOT NULL DEFAULT 0;
ALTER TABLE hosts ADD COLUMN open_unknown BIGINT NOT NULL DEFAULT 0;
CREATE INDEX hosts_finding_set ON hosts (finding_set);
CREATE INDEX hosts_reboot ON hosts (reboot, n) WHERE reboot > '-';

-- Of a set: enum report_severity and report_reach, as those hosts say it.
ALTER TABLE cve_sets ADD COLUMN severity BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cve_sets ADD COLUMN reach BIGINT NOT NULL DEFAULT 0;

-- Failed checks of audits, kept as the sets of CVEs are.
CREATE TABLE finding_sets (
  finding TEXT NOT NULL,
  finding_set BIGINT NOT NULL,
  severity BIGINT NOT NULL,
  PRIMARY KEY (finding, finding_set)
);

-- Sets that are written already, of CVEs ('cve') and of findings ('finding').
CREATE TABLE set_heads (
  kind TEXT NOT NULL,
  number BIGINT NOT NULL,
  PRIMARY KEY (kind, number)
);

-- What the leader adds up of the sets and of host_counts now and then. hosts 0: none has it any more.
CREATE TABLE cves (
  cve TEXT PRIMARY KEY,
  severity BIGINT NOT NULL,
  reach BIGINT NOT NULL,
  hosts BIGINT NOT NULL,
  containers BIGINT NOT NULL,
  first_s BIGINT NOT NULL,
  closed_s BIGINT NOT NULL
);
CREATE TABLE findings (
  finding TEXT PRIMARY KEY,
  severity BIGINT NOT NULL,
  hosts BIGINT NOT NULL,
  first_s BIGINT NOT NULL,
  closed_s BIGINT NOT NULL
);

-- The fleet over time: each five minutes, each hour, each day (step_s).
CREATE TABLE samples (
  step_s BIGINT NOT NULL,
  name TEXT NOT NULL,
  at_s BIGINT NOT NULL,
  n BIGINT NOT NULL,
  PRIMARY KEY (step_s, name, at_s)
);
CREATE INDEX samples_at ON samples (step_s, at_s);

-- owner: a person, or the token that has none behind it.
CREATE TABLE saved_views (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  name TEXT NOT NULL,
  page TEXT NOT NULL,
  query TEXT NOT NULL,
  created_s BIGINT NOT NULL,
  UNIQUE (owner, page, name)
);
