-- Rollouts, their hosts, and the decisions that come of them. Times of rollouts are those of the fleet's clock,
-- see fleet/store/fleet-clock.h; "created", "started" and "ended" are those of the wall.

-- One row. fleet_s 0: the clock was never read.
CREATE TABLE fleet_state (
  id BIGINT PRIMARY KEY,
  fleet_s BIGINT NOT NULL,
  wall_s BIGINT NOT NULL,
  stop_why TEXT,
  stop_who TEXT,
  stop_s BIGINT NOT NULL
);
INSERT INTO fleet_state (id, fleet_s, wall_s, stop_s) VALUES (1, 0, 0, 0);

-- live: from its being scheduled until it is cancelled, or another one has taken its place.
-- assigned: its hosts stand in rollout_hosts.
CREATE TABLE rollouts (
  number BIGINT PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  document TEXT NOT NULL,
  levels TEXT NOT NULL,
  created_by TEXT NOT NULL,
  approved_by TEXT,
  created_s BIGINT NOT NULL,
  started_s BIGINT NOT NULL,
  ended_s BIGINT NOT NULL,
  live BIGINT NOT NULL,
  assigned BIGINT NOT NULL,
  phase BIGINT NOT NULL,
  stage BIGINT NOT NULL,
  allowed TEXT NOT NULL,
  took BIGINT NOT NULL,
  moved_s BIGINT NOT NULL,
  stepped_s BIGINT NOT NULL,
  done_s BIGINT NOT NULL,
  forgiven BIGINT NOT NULL,
  passed BIGINT NOT NULL,
  take_back BIGINT NOT NULL,
  why TEXT NOT NULL
);
CREATE INDEX rollouts_live ON rollouts (number) WHERE live = 1;

-- class: the outcome as it was when the host spoke last (enum rollout_outcome; never "silent").
CREATE TABLE rollout_hosts (
  host TEXT NOT NULL,
  rollout BIGINT NOT NULL,
  place BIGINT NOT NULL,
  stage BIGINT NOT NULL,
  rank BIGINT NOT NULL,
  domain BIGINT NOT NULL,
  class BIGINT NOT NULL,
  report BIGINT NOT NULL,
  granted_s BIGINT NOT NULL,
  applied_s BIGINT NOT NULL,
  seen_s BIGINT NOT NULL,
  transition_ms BIGINT NOT NULL,
  gap_us BIGINT NOT NULL,
  why TEXT NOT NULL,
  PRIMARY KEY (rollout, host)
);
CREATE INDEX rollout_hosts_class ON rollout_hosts (rollout, class, host) WHERE class > 0;
CREATE INDEX rollout_hosts_seen ON rollout_hosts (rollout, stage, class, seen_s) WHERE class > 0;
CREATE INDEX rollout_hosts_domain ON rollout_hosts (rollout, domain, class, seen_s) WHERE domain > 0;

-- placed: hosts of the stage when the rollout began, and the place of the last of them.
CREATE TABLE rollout_stages (
  rollout BIGINT NOT NULL,
  stage BIGINT NOT NULL,
  placed BIGINT NOT NULL,
  last_place BIGINT NOT NULL,
  PRIMARY KEY (rollout, stage)
);

-- The places of some ranks of a stage, a thousand or all.
CREATE TABLE rollout_marks (
  rollout BIGINT NOT NULL,
  stage BIGINT NOT NULL,
  rank BIGINT NOT NULL,
  place BIGINT NOT NULL,
  PRIMARY KEY (rollout, stage, rank)
);

-- So many hosts of a stage are of a class: kept by whoever changes one.
CREATE TABLE rollout_counts (
  rollout BIGINT NOT NULL,
  stage BIGINT NOT NULL,
  class BIGINT NOT NULL,
  n BIGINT NOT NULL,
  PRIMARY KEY (rollout, stage, class)
);

-- The newest decision of each ring. content: a hash of what it says; gates: the same with the gates.
CREATE TABLE decisions (
  ring TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  issued_s BIGINT NOT NULL,
  expires_s BIGINT NOT NULL,
  content TEXT NOT NULL,
  gates TEXT NOT NULL,
  body TEXT NOT NULL
);

-- What the repository has, as it was seen last. channel "": the level itself, in none.
CREATE TABLE levels (
  build_id TEXT NOT NULL,
  level BIGINT NOT NULL,
  channel TEXT NOT NULL,
  since_s BIGINT NOT NULL,
  effective TEXT NOT NULL,
  withdrawn TEXT,
  held TEXT,
  cves TEXT NOT NULL,
  PRIMARY KEY (build_id, level, channel)
);
