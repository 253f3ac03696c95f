/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each attack that TUF names, against the real client: a host that trusts a good state meets a
 * repository that was forged, with the message it must give. See test-client-root.c for roots.
 */
#include "trust-fixture.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define PAST         "{\"expires\":\"2026-01-01T00:00:00Z\"}"
#define PAST_MESSAGE "expired 2026-01-01T00:00:00Z; the repository is frozen or your clock is wrong"

/* Three versions of everything are published and trusted. */
static void start(struct fixture *f)
{
	struct oak_error err;

	fixture_new(f);
	fixture_publish_level(f, 1, "edge");
	fixture_publish_level(f, 2, "edge");
	EXPECT(fixture_refresh(f, false, &err) == 1);
}

static void flip(const char *dir, const char *name, const char *at)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	char *p;

	fixture_read(dir, name, &b);
	p = strstr((char *)b.data, at);
	EXPECT(p);
	*p = (char)(*p ^ 1);
	fixture_write(dir, name, b.data, b.len);
}

static void cut(const char *dir, const char *name)
{
	_cleanup_(buf_free) struct buf b = { 0 };

	fixture_read(dir, name, &b);
	fixture_write(dir, name, b.data, b.len - 10);
}

static void grow(const char *dir, const char *name, size_t len)
{
	_cleanup_(freep) char *big = calloc(1, len);

	EXPECT(big);
	memset(big, ' ', len);
	fixture_write(dir, name, big, len);
}

static void lose(const char *dir, const char *name)
{
	_cleanup_(freep) char *path = path_join(dir, name);

	EXPECT(unlink(path) == 0);
}

enum harm {
	NONE,
	FLIP, /* a byte at .at of .file */
	CUT,
	GROW, /* to .bytes of spaces */
	LOSE
};

static const struct attack {
	const char *name;
	struct forge forge;
	enum harm harm;
	const char *file, *at;
	size_t bytes;
	enum tuf_role role; /* that the client refuses: its stored file must stay as it is */
	int want;
	const char *want_msg;
} attacks[] = {
	/* Arbitrary package: the mirror holds no key of the role. */
	{ .name = "timestamp by a foreign key",
	  .forge = { .by_root_key = { [TUF_TIMESTAMP] = true } },
	  .role = TUF_TIMESTAMP,
	  .want = -OAK_E_TRUST,
	  .want_msg = "timestamp.json: signed by 0 of 1 required keys" },
	{ .name = "snapshot by a foreign key",
	  .forge = { .by_root_key = { [TUF_SNAPSHOT] = true } },
	  .role = TUF_SNAPSHOT,
	  .want = -OAK_E_TRUST,
	  .want_msg = "snapshot.json: signed by 0 of 1 required keys" },
	{ .name = "targets by a foreign key",
	  .forge = { .by_root_key = { [TUF_TARGETS] = true } },
	  .role = TUF_TARGETS,
	  .want = -OAK_E_TRUST,
	  .want_msg = "targets.json: signed by 0 of 1 required keys" },
	{ .name = "one changed byte of timestamp",
	  .harm = FLIP,
	  .file = "timestamp.json",
	  .at = "1.0.31",
	  .role = TUF_TIMESTAMP,
	  .want = -OAK_E_FORMAT,
	  .want_msg = "timestamp.json: spec_version '0.0.31' is not 1.x" },
	{ .name = "one changed byte of the link",
	  .harm = FLIP,
	  .file = "timestamp.json",
	  .at = "length",
	  .role = TUF_TIMESTAMP,
	  .want = -OAK_E_TRUST,
	  .want_msg = "timestamp.json: signed by 0 of 1 required keys" },
	{ .name = "one changed byte of snapshot",
	  .harm = FLIP,
	  .file = "4.snapshot.json",
	  .at = "1.0.31",
	  .role = TUF_SNAPSHOT,
	  .want = -OAK_E_TRUST,
	  .want_msg = "snapshot.json: sha256 does not match timestamp.json" },
	{ .name = "one changed byte of targets",
	  .harm = FLIP,
	  .file = "4.targets.json",
	  .at = "1.0.31",
	  .role = TUF_TARGETS,
	  .want = -OAK_E_TRUST,
	  .want_msg = "targets.json: sha256 does not match snapshot.json" },
	{ .name = "one changed byte of targets, links without hashes",
	  .forge = { .bare_links = true },
	  .harm = FLIP,
	  .file = "4.targets.json",
	  .at = "edge",
	  .role = TUF_TARGETS,
	  .want = -OAK_E_TRUST,
	  .want_msg = "targets.json: signed by 0 of 1 required keys" },
	/* Rollback, of each role. */
	{ .name = "older timestamp",
	  .forge = { .overlay = { [TUF_TIMESTAMP] = "{\"version\":2}" } },
	  .role = TUF_TIMESTAMP,
	  .want = -OAK_E_TRUST,
	  .want_msg = "timestamp.json: version 2 is older than the trusted 3 (rollback)" },
	{ .name = "older snapshot",
	  .forge = { .overlay = { [TUF_SNAPSHOT] = "{\"version\":2}" } },
	  .role = TUF_TIMESTAMP,
	  .want = -OAK_E_TRUST,
	  .want_msg = "timestamp.json: snapshot.json version 2 is older than the trusted 3 "
		      "(rollback)" },
	{ .name = "older targets",
	  .forge = { .overlay = { [TUF_TARGETS] = "{\"version\":2}" } },
	  .role = TUF_SNAPSHOT,
	  .want = -OAK_E_TRUST,
	  .want_msg = "snapshot.json: targets.json version 2 is older than the trusted 3 "
		      "(rollback)" },
	{ .name = "targets vanish from the snapshot",
	  .forge = { .overlay = { [TUF_SNAPSHOT] = "{\"meta\":{\"other.json\":{\"version\":9}}}" } },
	  .role = TUF_SNAPSHOT,
	  .want = -OAK_E_TRUST,
	  .want_msg = "snapshot.json: targets.json is no longer listed (rollback)" },
	/* Indefinite freeze. */
	{ .name = "expired timestamp",
	  .forge = { .overlay = { [TUF_TIMESTAMP] = PAST } },
	  .role = TUF_TIMESTAMP,
	  .want = -OAK_E_TRUST,
	  .want_msg = "timestamp.json: " PAST_MESSAGE },
	{ .name = "expired snapshot",
	  .forge = { .overlay = { [TUF_SNAPSHOT] = PAST } },
	  .role = TUF_SNAPSHOT,
	  .want = -OAK_E_TRUST,
	  .want_msg = "snapshot.json: " PAST_MESSAGE },
	{ .name = "expired targets",
	  .forge = { .overlay = { [TUF_TARGETS] = PAST } },
	  .role = TUF_TARGETS,
	  .want = -OAK_E_TRUST,
	  .want_msg = "targets.json: " PAST_MESSAGE },
	/* Mix and match: files that are each genuine, but not of one publishing. */
	{ .name = "another snapshot than the timestamp says",
	  .forge = { .overlay = { [TUF_TIMESTAMP] =
					  "{\"meta\":{\"snapshot.json\":{\"version\":5}}}" } },
	  .harm = NONE,
	  .file = "4.snapshot.json", /* served as 5.snapshot.json */
	  .at = "5.snapshot.json",
	  .role = TUF_SNAPSHOT,
	  .want = -OAK_E_TRUST,
	  .want_msg = "snapshot.json: version 4, but timestamp.json says 5" },
	{ .name = "another targets than the snapshot says",
	  .forge = { .overlay = { [TUF_SNAPSHOT] =
					  "{\"meta\":{\"targets.json\":{\"version\":5}}}" } },
	  .file = "4.targets.json",
	  .at = "5.targets.json",
	  .role = TUF_TARGETS,
	  .want = -OAK_E_TRUST,
	  .want_msg = "targets.json: version 4, but snapshot.json says 5" },
	/* Endless data, truncation, loss. */
	{ .name = "endless timestamp",
	  .harm = GROW,
	  .file = "timestamp.json",
	  .bytes = TUF_TIMESTAMP_BYTES_MAX + 1,
	  .role = TUF_TIMESTAMP,
	  .want = -OAK_E_TOOLARGE,
	  .want_msg = "timestamp.json: larger than 16384 bytes" },
	{ .name = "endless targets, links without lengths",
	  .forge = { .bare_links = true },
	  .harm = GROW,
	  .file = "4.targets.json",
	  .bytes = TUF_TARGETS_BYTES_MAX + 1,
	  .role = TUF_TARGETS,
	  .want = -OAK_E_TOOLARGE,
	  .want_msg = "4.targets.json: larger than 5000000 bytes" },
	{ .name = "truncated timestamp",
	  .harm = CUT,
	  .file = "timestamp.json",
	  .role = TUF_TIMESTAMP,
	  .want = -OAK_E_FORMAT,
	  .want_msg = "timestamp.json: line 1: " },
	{ .name = "truncated snapshot",
	  .harm = CUT,
	  .file = "4.snapshot.json",
	  .role = TUF_SNAPSHOT,
	  .want = -OAK_E_TRUST,
	  .want_msg = " bytes, but timestamp.json says " },
	{ .name = "missing timestamp",
	  .harm = LOSE,
	  .file = "timestamp.json",
	  .role = TUF_TIMESTAMP,
	  .want = -OAK_E_NOTFOUND,
	  .want_msg = "timestamp.json: no such file" },
	{ .name = "missing snapshot",
	  .harm = LOSE,
	  .file = "4.snapshot.json",
	  .role = TUF_SNAPSHOT,
	  .want = -OAK_E_NOTFOUND,
	  .want_msg = "4.snapshot.json: no such file" },
	{ .name = "missing targets",
	  .harm = LOSE,
	  .file = "4.targets.json",
	  .role = TUF_TARGETS,
	  .want = -OAK_E_NOTFOUND,
	  .want_msg = "4.targets.json: no such file" },
};

static void harm(const struct fixture *f, const struct attack *a)
{
	_cleanup_(buf_free) struct buf b = { 0 };

	switch (a->harm) {
	case FLIP:
		flip(f->repo, a->file, a->at);
		return;
	case CUT:
		cut(f->repo, a->file);
		return;
	case GROW:
		grow(f->repo, a->file, a->bytes);
		return;
	case LOSE:
		lose(f->repo, a->file);
		return;
	case NONE:
		if (!a->file)
			return;
		fixture_read(f->repo, a->file, &b);
		fixture_write(f->repo, a->at, b.data, b.len);
	}
}

static void run_attack(const struct attack *a, bool quick)
{
	struct buf before[TUF_ROLES] = { 0 };
	_cleanup_(buf_free) struct buf after = { 0 };
	struct oak_error err;
	struct fixture f;

	start(&f);
	for (enum tuf_role role = TUF_ROOT; role < TUF_ROLES; role++)
		fixture_read(f.state, tuf_role_file(role), &before[role]);
	fixture_forge(&f, &a->forge);
	harm(&f, a);
	EXPECT(fixture_refresh(&f, quick, &err) == a->want);
	EXPECT_CONTAINS(err.msg, a->want_msg);
	for (enum tuf_role role = a->role; role < TUF_ROLES; role++) {
		fixture_read(f.state, tuf_role_file(role), &after);
		EXPECT(after.len == before[role].len &&
		       memcmp(after.data, before[role].data, after.len) == 0);
	}
	for (enum tuf_role role = TUF_ROOT; role < TUF_ROLES; role++)
		buf_free(&before[role]);
	fixture_free(&f);
}

TEST(client_refuses_each_attack)
{
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		test_case = attacks[i].name;
		run_attack(&attacks[i], false);
	}
}

/* The short way for a host that is up to date must not be a way around any check. */
TEST(client_refuses_each_attack_quickly_too)
{
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		test_case = attacks[i].name;
		run_attack(&attacks[i], true);
	}
}

TEST(client_keeps_the_trusted_timestamp_of_an_equal_version)
{
	const struct forge same = {
		.overlay = { [TUF_TIMESTAMP] =
				     "{\"version\":3,\"expires\":\"2030-01-01T00:00:00Z\"}" }
	};
	_cleanup_(buf_free) struct buf before = { 0 }, after = { 0 };
	struct oak_error err;
	struct fixture f;

	start(&f);
	fixture_read(f.state, "timestamp.json", &before);
	fixture_forge(&f, &same);
	EXPECT(fixture_refresh(&f, false, &err) == 0);
	fixture_read(f.state, "timestamp.json", &after);
	EXPECT_STR(buf_str(&after), buf_str(&before));
	fixture_free(&f);
}

/* What the wire carried: names of the files asked for. */
struct counted {
	const struct fetcher *inner;
	char log[512];
};

static int count_fetch(void *ctx, const char *path, size_t max, struct buf *ret,
		       struct oak_error *err)
{
	struct counted *c = ctx;
	size_t len = strlen(c->log);

	(void)snprintf(c->log + len, sizeof(c->log) - len, "%s%s", len ? " " : "", path);
	return c->inner->fetch(c->inner->ctx, path, max, ret, err);
}

static const char *requests(const struct fixture *f, bool quick, struct counted *c)
{
	const struct tuf_refresh how = { .now_s = FIXTURE_NOW, .quick = quick };
	const struct fetcher fetcher = { .fetch = count_fetch, .ctx = c };
	_cleanup_(tuf_client_closep) struct tuf_client *client = fixture_open(f);
	struct tuf_target_iter it = { 0 };
	struct tuf_target target;
	struct oak_error err;

	*c = (struct counted){ .inner = &f->fetcher };
	EXPECT(tuf_client_refresh(client, &fetcher, &how, &err) >= 0);
	EXPECT(target_next(metadata_targets(tuf_client_metadata(client, TUF_TARGETS)), &it,
			   &target));
	return c->log;
}

TEST(client_asks_for_no_more_than_it_needs)
{
	struct counted c;
	struct fixture f;

	fixture_new(&f);
	fixture_publish_level(&f, 1, "edge");
	EXPECT_STR(requests(&f, false, &c),
		   "2.root.json timestamp.json 2.snapshot.json 2.targets.json");
	EXPECT_STR(requests(&f, true, &c), "timestamp.json");
	EXPECT_STR(requests(&f, false, &c), "2.root.json timestamp.json");
	fixture_publish_level(&f, 2, "edge");
	EXPECT_STR(requests(&f, true, &c),
		   "timestamp.json 2.root.json 3.snapshot.json 3.targets.json");
	fixture_free(&f);
}

TEST(client_that_cannot_store_keeps_its_state)
{
	static const char *const names[] = { ".timestamp.json.tmp", ".snapshot.json.tmp",
					     ".targets.json.tmp" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		_cleanup_(freep) char *block = NULL;
		struct oak_error err;
		struct fixture f;

		test_case = names[i];
		start(&f);
		fixture_publish_level(&f, 3, "edge");
		/* A directory where the temporary file should be: open() fails, as a full disk. */
		block = path_join(f.state, names[i]);
		EXPECT(mkdir(block, 0755) == 0);
		EXPECT(fixture_refresh(&f, false, &err) == -OAK_E_IO);
		EXPECT_CONTAINS(err.msg, "cannot store what was verified: ");
		EXPECT(rmdir(block) == 0);
		EXPECT(fixture_refresh(&f, true, &err) == 1);
		EXPECT(fixture_refresh(&f, true, &err) == 0);
		fixture_free(&f);
	}
}

TEST(client_recovers_from_damaged_state)
{
	static const char *const names[] = { "timestamp.json", "snapshot.json", "targets.json" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct oak_error err;
		struct fixture f;

		test_case = names[i];
		start(&f);
		cut(f.state, names[i]);
		EXPECT(fixture_refresh(&f, true, &err) == 1);
		EXPECT(fixture_refresh(&f, true, &err) == 0);
		fixture_free(&f);
	}
}

TEST(client_refuses_expired_state_without_network)
{
	_cleanup_(tuf_client_closep) struct tuf_client *c = NULL;
	struct oak_error err;
	struct fixture f;

	start(&f);
	c = fixture_open(&f);
	EXPECT(tuf_client_load(c, FIXTURE_NOW, &err) == 0);
	EXPECT(metadata_version(tuf_client_metadata(c, TUF_TARGETS)) == 3);
	EXPECT(tuf_client_load(c, FIXTURE_NOW + 86400, &err) == -OAK_E_TRUST);
	EXPECT_CONTAINS(err.msg, "timestamp.json: expired 2027-01-16T08:00:00Z; ");
	EXPECT(!tuf_client_metadata(c, TUF_TARGETS));
	EXPECT(tuf_client_load(c, -1, &err) == 0);
	fixture_free(&f);
}

TEST(client_lets_one_refresh_run)
{
	_cleanup_(closep) int fd = -1;
	struct oak_error err;
	struct fixture f;

	start(&f);
	fd = open(f.state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	EXPECT(fd >= 0 && flock(fd, LOCK_EX) == 0);
	EXPECT(fixture_refresh(&f, true, &err) == -OAK_E_AGAIN);
	EXPECT_STR(err.msg, "another refresh is running; try again later");
	fixture_free(&f);
}

TEST(client_starts_from_a_root_once)
{
	_cleanup_(buf_free) struct buf root = { 0 }, other = { 0 };
	struct tuf_client *c = NULL;
	struct oak_error err;
	struct fixture f, g;

	fixture_new(&f);
	fixture_new(&g);
	fixture_read(f.repo, "1.root.json", &root);
	fixture_read(g.repo, "1.root.json", &other);
	EXPECT(tuf_client_init(f.state, root.data, root.len, &err) == 0);
	EXPECT(tuf_client_init(f.state, other.data, other.len, &err) == -OAK_E_REFUSED);
	EXPECT_CONTAINS(err.msg, "/state already trusts another root; remove that directory to "
				 "start over");
	flip((const char *)f.repo, "1.root.json", "2028");
	fixture_read(f.repo, "1.root.json", &root);
	EXPECT(tuf_client_init(g.state, root.data, root.len, &err) == -OAK_E_TRUST);
	EXPECT_STR(err.msg, "root.json: signed by 0 of 1 required keys");
	EXPECT(tuf_client_open("/nonexistent", NULL, &c, &err) == -OAK_E_NOTFOUND);
	EXPECT_STR(err.msg, "/nonexistent: no repository is trusted yet");
	fixture_free(&f);
	fixture_free(&g);
}
