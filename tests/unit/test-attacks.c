/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each attack on software updates that TUF names, over HTTP against the real client, and the
 * message that the owner of a host reads. The host follows a repository with an offline role
 * "targets" (2 of 3 keys) that delegates "deb/..." to "debian" and "rpm/..." to "fedora".
 *
 * The attack with the wrong kernel is one on levels: see test-wrong-kernel.c.
 */
#include "sim-server.h"

#define GENUINE "a genuine level"
#define FORGED  "an evil program" /* as long */
#define LEVEL   "deb/level"

static void plant(struct sim *s)
{
	sim_new(s);
	sim_signers(s, "targets", "abc", 2);
	sim_sigs(s, "targets", "ab");
	sim_bump(s, "root");
	sim_delegate(s, "targets", "debian",
		     &(struct sim_delegation){ .keys = "d", .paths = "[\"deb/*\"]" });
	sim_delegate(s, "targets", "fedora",
		     &(struct sim_delegation){ .keys = "f", .paths = "[\"rpm/*\"]" });
	sim_target(s, "debian", LEVEL, GENUINE);
	sim_publish(s); /* versions 2, delegated 1 */
	sim_publish(s); /* versions 3, delegated 2 */
}

/* An attack: what the server does, or the thief of some keys. */
struct attack {
	const char *name;
	void (*begin)(struct sim *s, struct sim_server *server);
	int64_t later_s;  /* how long the host has waited */
	const char *path; /* that is asked for; NULL: the level */
	int want;
	const char *message; /* how it ends, where it names the URL, else the whole */
};

static const char *level_path(const struct sim *s)
{
	for (size_t i = 0; i < s->n_files; i++)
		if (strncmp(s->files[i].path, "targets/", 8) == 0)
			return s->files[i].path;
	return NULL;
}

static void replace_level(struct sim *s, _unused_ struct sim_server *server)
{
	sim_serve(s, level_path(s), FORGED, strlen(FORGED));
}

static void forge_role(struct sim *s, _unused_ struct sim_server *server)
{
	sim_target(s, "debian", LEVEL, FORGED);
	sim_sigs(s, "debian", "x");
	sim_sigs(s, "snapshot", "x");
	sim_sigs(s, "timestamp", "x");
	sim_publish(s);
}

static void forge_root(struct sim *s, _unused_ struct sim_server *server)
{
	static const char *const roles[] = { "root", "timestamp", "snapshot", "targets" };

	for (size_t i = 0; i < 4; i++) {
		sim_signers(s, roles[i], "x", 1);
		sim_sigs(s, roles[i], "x");
	}
	sim_bump(s, "root");
	sim_publish(s);
}

static void back(struct sim *s, const char *role, json_int_t version)
{
	sim_set(s, role, "version", json_integer(version));
	sim_sign(s, role);
}

static void rollback_root(struct sim *s, _unused_ struct sim_server *server)
{
	const struct buf *old = sim_served(s, "1.root.json");

	EXPECT(old);
	sim_serve(s, "3.root.json", old->data, old->len);
}

static void rollback_timestamp(struct sim *s, _unused_ struct sim_server *server)
{
	back(s, "timestamp", 2);
}

static void rollback_snapshot(struct sim *s, _unused_ struct sim_server *server)
{
	back(s, "snapshot", 2);
	sim_link(s, "timestamp", "snapshot.json", "snapshot");
	sim_bump(s, "timestamp");
}

static void rollback_targets(struct sim *s, _unused_ struct sim_server *server)
{
	back(s, "targets", 2);
	sim_publish_links(s);
}

static void rollback_delegated(struct sim *s, _unused_ struct sim_server *server)
{
	back(s, "debian", 1);
	sim_publish_links(s);
}

static void freeze(_unused_ struct sim *s, _unused_ struct sim_server *server)
{
	/* The server goes on serving what was right once. */
}

static void freeze_snapshot(struct sim *s, _unused_ struct sim_server *server)
{
	sim_set(s, "snapshot", "expires", json_string("2027-01-20T00:00:00Z"));
	sim_publish_links(s);
}

static void withhold(struct sim *s, _unused_ struct sim_server *server)
{
	sim_publish(s);
	sim_lose(s, sim_path(s, "debian"));
}

static void endless_root(_unused_ struct sim *s, struct sim_server *server)
{
	server->endless = "3.root.json";
}

static void endless_timestamp(_unused_ struct sim *s, struct sim_server *server)
{
	server->endless = "timestamp.json";
}

static void endless_snapshot(struct sim *s, struct sim_server *server)
{
	s->bare = true;
	sim_publish(s);
	server->endless = "4.snapshot.json";
}

static void endless_targets(struct sim *s, struct sim_server *server)
{
	s->bare = true;
	sim_publish(s);
	server->endless = "4.targets.json";
}

static void endless_delegated(struct sim *s, struct sim_server *server)
{
	s->bare = true;
	sim_publish(s);
	server->endless = "3.debian.json";
}

static void endless_level(struct sim *s, struct sim_server *server)
{
	server->endless = level_path(s);
}

static void slow(_unused_ struct sim *s, struct sim_server *server)
{
	server->slow = "timestamp.json";
}

static void mix_snapshot(struct sim *s, _unused_ struct sim_server *server)
{
	sim_publish(s);
	back(s, "snapshot", 3); /* lists what it did not list then */
	sim_serve(s, "4.snapshot.json", sim_served(s, "3.snapshot.json")->data,
		  sim_served(s, "3.snapshot.json")->len);
}

static void mix_delegated(struct sim *s, _unused_ struct sim_server *server)
{
	s->bare = true;
	sim_publish(s);
	sim_serve(s, "3.debian.json", sim_served(s, "2.debian.json")->data,
		  sim_served(s, "2.debian.json")->len);
}

static void steal_one_targets_key(struct sim *s, _unused_ struct sim_server *server)
{
	sim_target(s, "targets", LEVEL, FORGED);
	sim_sigs(s, "targets", "a");
	sim_publish(s);
}

static void steal_one_twice(struct sim *s, struct sim_server *server)
{
	steal_one_targets_key(s, server);
	sim_sigs(s, "targets", "aa");
	sim_publish(s);
}

/* The keys on the web server, at their threshold: they vouch for no level. */
static void steal_online_keys(struct sim *s, _unused_ struct sim_server *server)
{
	sim_target(s, "targets", LEVEL, FORGED);
	sim_sigs(s, "targets", "23x");
	sim_publish(s);
}

/* Two of three: nothing tells the thief from the owner before new keys do. */
static void steal_threshold(struct sim *s, _unused_ struct sim_server *server)
{
	struct oak_error err;

	sim_target(s, "targets", LEVEL, FORGED);
	sim_publish(s);
	EXPECT(sim_get(s, LEVEL, FORGED, &err) == 0);
	sim_signers(s, "targets", "ghi", 2);
	sim_bump(s, "root");
	sim_publish(s);
}

/* A threshold of the old targets keys, after the owner of the root has replaced them. */
static void steal_replaced_keys(struct sim *s, _unused_ struct sim_server *server)
{
	sim_signers(s, "targets", "ghi", 2);
	sim_bump(s, "root");
	sim_target(s, "targets", LEVEL, FORGED);
	sim_publish(s);
}

static void steal_other_delegated_key(struct sim *s, _unused_ struct sim_server *server)
{
	sim_target(s, "fedora", "deb/other", FORGED);
	sim_publish(s);
}

static void steal_delegated_key_of_other(struct sim *s, _unused_ struct sim_server *server)
{
	sim_target(s, "debian", LEVEL, FORGED);
	sim_sigs(s, "debian", "f");
	sim_publish(s);
}

static void add_dependency(struct sim *s, _unused_ struct sim_server *server)
{
	/* It lies on the server, and a role that may not say so lists it. */
	sim_target(s, "debian", "rpm/library", FORGED);
	sim_publish(s);
}

static void add_unsigned_file(struct sim *s, _unused_ struct sim_server *server)
{
	sim_serve(s, "targets/deb/library", FORGED, strlen(FORGED));
}

static void run_ahead(struct sim *s, _unused_ struct sim_server *server)
{
	struct oak_error err;

	sim_set(s, "timestamp", "version", json_integer(1000000));
	sim_sign(s, "timestamp");
	EXPECT(sim_get(s, LEVEL, GENUINE, &err) == 0);
	back(s, "timestamp", 4); /* the owner's next, with the old key */
}

static void run_ahead_then_rotate(struct sim *s, struct sim_server *server)
{
	run_ahead(s, server);
	sim_signers(s, "timestamp", "t", 1);
	sim_sigs(s, "timestamp", "t");
	sim_bump(s, "root");
	sim_sign(s, "timestamp");
}

#define FROZEN "; the repository is frozen or your clock is wrong"
#define YEARS  (INT64_C(4) * 366 * 86400)

static const struct attack attacks[] = {
	{ .name = "arbitrary package: another file in place of the level",
	  .begin = replace_level,
	  .want = -OAK_E_TRUST,
	  .message = LEVEL ": sha256 does not match debian.json" },
	{ .name = "arbitrary package: metadata by keys of the attacker",
	  .begin = forge_role,
	  .want = -OAK_E_TRUST,
	  .message = "timestamp.json: signed by 0 of 1 required keys" },
	{ .name = "arbitrary package: a root of the attacker",
	  .begin = forge_root,
	  .want = -OAK_E_TRUST,
	  .message = "3.root.json: signed by 0 of 1 required keys" },
	{ .name = "rollback of root",
	  .begin = rollback_root,
	  .want = -OAK_E_TRUST,
	  .message = "3.root.json: version 1, not 3" },
	{ .name = "rollback of timestamp",
	  .begin = rollback_timestamp,
	  .want = -OAK_E_TRUST,
	  .message = "timestamp.json: version 2 is older than the trusted 3 (rollback)" },
	{ .name = "rollback of snapshot",
	  .begin = rollback_snapshot,
	  .want = -OAK_E_TRUST,
	  .message = "timestamp.json: snapshot.json version 2 is older than the trusted 3 "
		     "(rollback)" },
	{ .name = "rollback of targets",
	  .begin = rollback_targets,
	  .want = -OAK_E_TRUST,
	  .message = "snapshot.json: targets.json version 2 is older than the trusted 3 "
		     "(rollback)" },
	{ .name = "rollback of a delegated role",
	  .begin = rollback_delegated,
	  .want = -OAK_E_TRUST,
	  .message = "snapshot.json: debian.json version 1 is older than the trusted 2 "
		     "(rollback)" },
	{ .name = "indefinite freeze",
	  .begin = freeze,
	  .later_s = YEARS,
	  .want = -OAK_E_TRUST,
	  .message = "root.json: expired 2030-01-01T00:00:00Z" FROZEN },
	{ .name = "indefinite freeze: the snapshot behind a fresh timestamp",
	  .begin = freeze_snapshot,
	  .later_s = INT64_C(14) * 86400,
	  .want = -OAK_E_TRUST,
	  .message = "snapshot.json: expired 2027-01-20T00:00:00Z" FROZEN },
	{ .name = "freeze of one role: its file is withheld, which is not the same as no level",
	  .begin = withhold,
	  .want = -OAK_E_AGAIN,
	  .message = "/3.debian.json: no such file (HTTP 404)" },
	{ .name = "endless data: root",
	  .begin = endless_root,
	  .want = -OAK_E_TOOLARGE,
	  .message = "/3.root.json: larger than 512000 bytes" },
	{ .name = "endless data: timestamp",
	  .begin = endless_timestamp,
	  .want = -OAK_E_TOOLARGE,
	  .message = "/timestamp.json: larger than 16384 bytes" },
	{ .name = "endless data: snapshot",
	  .begin = endless_snapshot,
	  .want = -OAK_E_TOOLARGE,
	  .message = "/4.snapshot.json: larger than 2000000 bytes" },
	{ .name = "endless data: targets",
	  .begin = endless_targets,
	  .want = -OAK_E_TOOLARGE,
	  .message = "/4.targets.json: larger than 5000000 bytes" },
	{ .name = "endless data: a delegated role",
	  .begin = endless_delegated,
	  .want = -OAK_E_TOOLARGE,
	  .message = "/3.debian.json: larger than 5000000 bytes" },
	{ .name = "endless data: the level",
	  .begin = endless_level,
	  .want = -OAK_E_TOOLARGE,
	  .message = ".level: larger than 15 bytes" },
	{ .name = "slow retrieval",
	  .begin = slow,
	  .want = -OAK_E_AGAIN,
	  .message = "Operation too slow. Less than 100 bytes/sec transferred the last 30 "
		     "seconds" },
	{ .name = "mix and match: an old snapshot as the new",
	  .begin = mix_snapshot,
	  .want = -OAK_E_TRUST,
	  .message = "snapshot.json: sha256 does not match timestamp.json" },
	{ .name = "mix and match: an old delegated role as the new",
	  .begin = mix_delegated,
	  .want = -OAK_E_TRUST,
	  .message = "debian.json: version 2, but snapshot.json says 3" },
	{ .name = "key compromise below the threshold",
	  .begin = steal_one_targets_key,
	  .want = -OAK_E_TRUST,
	  .message = "targets.json: signed by 1 of 2 required keys" },
	{ .name = "key compromise below the threshold: one key signs twice",
	  .begin = steal_one_twice,
	  .want = -OAK_E_FORMAT,
	  .message = " is given twice" },
	{ .name = "key compromise of all keys that are online",
	  .begin = steal_online_keys,
	  .want = -OAK_E_TRUST,
	  .message = "targets.json: signed by 0 of 2 required keys" },
	{ .name = "key compromise at the threshold, after the root replaced the keys",
	  .begin = steal_replaced_keys,
	  .want = -OAK_E_TRUST,
	  .message = "targets.json: signed by 0 of 2 required keys" },
	{ .name = "key compromise at the threshold: the thief is the owner, until the root says no",
	  .begin = steal_threshold,
	  .want = -OAK_E_TRUST,
	  .message = "targets.json: signed by 0 of 2 required keys" },
	{ .name = "key compromise of a delegated role: paths of another",
	  .begin = steal_other_delegated_key,
	  .path = "deb/other",
	  .want = -OAK_E_NOTFOUND,
	  .message = "deb/other: no such target" },
	{ .name = "key compromise of a delegated role: files of another",
	  .begin = steal_delegated_key_of_other,
	  .want = -OAK_E_TRUST,
	  .message = "debian.json: signed by 0 of 1 required keys" },
	{ .name = "extraneous dependencies: listed by a role that may not",
	  .begin = add_dependency,
	  .path = "rpm/library",
	  .want = -OAK_E_NOTFOUND,
	  .message = "rpm/library: no such target" },
	{ .name = "extraneous dependencies: listed by nobody",
	  .begin = add_unsigned_file,
	  .path = "deb/library",
	  .want = -OAK_E_NOTFOUND,
	  .message = "deb/library: no such target" },
	{ .name = "fast-forward",
	  .begin = run_ahead,
	  .want = -OAK_E_TRUST,
	  .message = "timestamp.json: version 4 is older than the trusted 1000000 (rollback)" },
	{ .name = "fast-forward, recovered from with a new key", .begin = run_ahead_then_rotate },
};

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), len = strlen(end);

	return n >= len && strcmp(text + n - len, end) == 0;
}

static void attack(const struct attack *a)
{
	struct sim s = { 0 };
	struct sim_server server;
	struct oak_error err;

	plant(&s);
	sim_server_start(&server, &s);
	EXPECT(sim_get(&s, LEVEL, GENUINE, &err) == 0);
	a->begin(&s, &server);
	s.now_s += a->later_s;
	EXPECT(sim_get(&s, a->path ? a->path : LEVEL, GENUINE, &err) == a->want);
	if (!ends_with(a->want ? err.msg : "", a->message ? a->message : ""))
		EXPECT_STR(err.msg, a->message);
	sim_server_stop(&server);
	sim_free(&s);
}

TEST(attacks_fail_and_say_which)
{
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		test_case = attacks[i].name;
		attack(&attacks[i]);
	}
}

/* Whatever was tried, an honest repository is followed again afterwards. */
TEST(after_an_attack_the_host_goes_on)
{
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		const struct attack *a = &attacks[i];
		struct sim s = { 0 }, honest = { 0 };
		struct sim_server server = { 0 };
		struct oak_error err;

		test_case = a->name;
		/* After these the owner must replace keys, or is not there, or it takes long. */
		if (a->begin == slow || a->begin == run_ahead || a->begin == freeze ||
		    a->begin == run_ahead_then_rotate || a->begin == steal_replaced_keys ||
		    a->begin == steal_threshold)
			continue;
		plant(&honest);
		plant(&s);
		(void)snprintf(s.state, sizeof(s.state), "%s", honest.state);
		EXPECT(sim_get(&honest, LEVEL, GENUINE, &err) == 0);
		a->begin(&s, &server);
		(void)sim_get(&s, a->path ? a->path : LEVEL, NULL, &err);
		for (int n = 0; n < 9; n++)
			sim_publish(&honest);
		EXPECT(sim_get(&honest, LEVEL, GENUINE, &err) == 0);
		sim_free(&s);
		sim_free(&honest);
	}
}
