/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust-fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "trust/author/audit.h"
#include "trust/key-file.h"

/* Adds a level of fixture_level(); the result is repo_add()'s. */
static int add(const struct fixture *f, unsigned level, const char *channel, const char *keys,
	       struct oak_error *err)
{
	struct repo_options opt = f->opt;
	_cleanup_(repo_closep) struct repo *repo = NULL;
	const char *dir = fixture_level(f, level, channel);
	char module[600], manifest[600];
	struct repo_added added;
	int r;

	opt.keys = keys;
	(void)snprintf(module, sizeof(module), "%s/oakum_%u.ko", dir, level);
	(void)snprintf(manifest, sizeof(manifest), "%s/manifest.json", dir);
	r = repo_open(&opt, &repo, err);
	return r < 0 ? r : repo_add(repo, module, manifest, &added, err);
}

static int sign(const struct fixture *f, const char *keys, int64_t now_s, struct repo_outcome *ret,
		struct oak_error *err)
{
	struct repo_options opt = f->opt;
	_cleanup_(repo_closep) struct repo *repo = NULL;
	int r;

	opt.keys = keys;
	opt.now_s = now_s;
	r = repo_open(&opt, &repo, err);
	return r < 0 ? r : repo_sign(repo, ret, err);
}

TEST(author_publishes_and_verifies)
{
	struct repo_outcome p;
	struct repo_audit audit;
	struct oak_error err;
	struct fixture f;

	fixture_new(&f);
	EXPECT(repo_verify(&f.opt, &audit, &err) == 0);
	EXPECT(audit.targets == 0 && audit.timestamp_version == 1);
	EXPECT(sign(&f, f.keys_dir, FIXTURE_NOW, &p, &err) == -OAK_E_NOTHING);
	EXPECT_CONTAINS(err.msg, "/repo: nothing is staged");
	/* Staged without keys, and signed in another sitting: two levels at once. */
	EXPECT(add(&f, 1, "edge", NULL, &err) == 0);
	EXPECT(add(&f, 2, "edge", NULL, &err) == 0);
	EXPECT(repo_verify(&f.opt, &audit, &err) == 0);
	EXPECT(audit.targets == 0);
	EXPECT(sign(&f, f.keys_dir, FIXTURE_NOW, &p, &err) == 0);
	EXPECT(p.targets_version == 2 && p.snapshot_version == 2 && p.timestamp_version == 2);
	EXPECT_STR(p.expires, "2027-01-16T08:00:00Z");
	EXPECT(repo_verify(&f.opt, &audit, &err) == 0);
	/* Two levels and the list of them. */
	EXPECT(audit.targets == 3 && audit.levels == 2 && audit.kernels == 1);
	EXPECT(audit.targets_version == 2 && audit.bytes > 0);
	EXPECT_STR(audit.first_expired, "snapshot.json");
	EXPECT_STR(audit.first_expiry, "2027-01-22T08:00:00Z");
	fixture_free(&f);
}

TEST(author_refuses_what_would_break_a_rule)
{
	struct oak_error err;
	struct fixture f;
	const char *dir;

	fixture_new(&f);
	fixture_publish_level(&f, 1, "edge");
	EXPECT(add(&f, 1, "edge", f.keys_dir, &err) == -OAK_E_NOTHING);
	EXPECT_STR(err.msg, "level 1 of kernel " FIXTURE_BUILD_ID " is there already");
	EXPECT(repo_prepare(&f.opt, &err) == -OAK_E_REFUSED);
	EXPECT_CONTAINS(err.msg, "/repo: a repository is there already");
	fixture_free(&f);

	fixture_new(&f);
	dir = fixture_level(&f, 1, "edge");
	{
		_cleanup_(repo_closep) struct repo *repo = NULL;
		_cleanup_(buf_free) struct buf b = { 0 };
		struct repo_added added;
		char module[600], manifest[600];

		(void)snprintf(module, sizeof(module), "%s/oakum_1.ko", dir);
		(void)snprintf(manifest, sizeof(manifest), "%s/manifest.json", dir);
		fixture_read(dir, "oakum_1.ko", &b);
		EXPECT(repo_open(&f.opt, &repo, &err) == 0);
		b.data[9] ^= 1;
		fixture_write(dir, "oakum_1.ko", b.data, b.len);
		EXPECT(repo_add(repo, module, manifest, &added, &err) == -OAK_E_REFUSED);
		EXPECT_CONTAINS(err.msg, "; the module is not the one that was built with it");
		fixture_write(dir, "oakum_1.ko", b.data, b.len - 1);
		EXPECT(repo_add(repo, module, manifest, &added, &err) == -OAK_E_REFUSED);
		EXPECT_CONTAINS(err.msg, "oakum_1.ko: 4999 bytes, but the manifest says 5000");
		EXPECT(repo_add(repo, module, module, &added, &err) == -OAK_E_FORMAT);
	}
	fixture_free(&f);
}

TEST(author_keeps_keys_off_the_web_root)
{
	struct repo_options opt = { .now_s = FIXTURE_NOW };
	char dir[300], keys[300];
	struct oak_error err;

	(void)snprintf(dir, sizeof(dir), "%s/web", test_dir());
	(void)snprintf(keys, sizeof(keys), "%s/web/keys", test_dir());
	opt.dir = dir;
	opt.keys = keys;
	EXPECT(repo_prepare(&opt, &err) == -OAK_E_REFUSED);
	EXPECT_CONTAINS(err.msg, "where a web server would hand the keys out; choose a directory "
				 "elsewhere");
	opt.keys = dir;
	EXPECT(repo_prepare(&opt, &err) == -OAK_E_REFUSED);
}

/* Takes ROLE.pem away and brings it back. */
static void move_key(const struct fixture *f, const char *role, bool away)
{
	char there[300], hidden[300];

	(void)snprintf(there, sizeof(there), "%s/%s.pem", f->keys_dir, role);
	(void)snprintf(hidden, sizeof(hidden), "%s/%s.away", f->keys_dir, role);
	EXPECT(rename(away ? there : hidden, away ? hidden : there) == 0);
}

TEST(author_without_the_online_keys_publishes_nothing)
{
	static const char *const roles[] = { "snapshot", "timestamp" };

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		struct repo_outcome p;
		struct repo_audit audit;
		struct oak_error err;
		char want[128], path[300];
		struct fixture f;

		test_case = roles[i];
		fixture_new(&f);
		move_key(&f, roles[i], true);
		EXPECT(add(&f, 1, "edge", f.keys_dir, &err) == 0);
		EXPECT(sign(&f, f.keys_dir, FIXTURE_NOW, &p, &err) == -OAK_E_REFUSED);
		(void)snprintf(want, sizeof(want), "%s needs the signatures of 1 of its keys; ",
			       roles[i]);
		EXPECT_CONTAINS(err.msg, want);
		EXPECT(repo_verify(&f.opt, &audit, &err) == 0);
		EXPECT(audit.timestamp_version == 1);
		(void)snprintf(path, sizeof(path), "%s/2.targets.json", f.repo);
		EXPECT(!file_exists(AT_FDCWD, path));
		move_key(&f, roles[i], false);
		EXPECT(sign(&f, f.keys_dir, FIXTURE_NOW, &p, &err) == 0);
		EXPECT(p.published);
		fixture_free(&f);
	}
}

/* The offline key signs in a sitting of its own, before or after the online ones are there. */
TEST(author_waits_for_the_offline_keys)
{
	struct repo_outcome p;
	struct repo_audit audit;
	struct oak_error err;
	struct fixture f;

	fixture_new(&f);
	move_key(&f, "targets", true);
	EXPECT(add(&f, 1, "edge", f.keys_dir, &err) == 0);
	EXPECT(sign(&f, f.keys_dir, FIXTURE_NOW, &p, &err) == 0);
	EXPECT(!p.published && p.n_waiting == 1);
	EXPECT_STR(p.waiting[0].role, "targets");
	EXPECT(p.waiting[0].have == 0 && p.waiting[0].need == 1);
	EXPECT(repo_verify(&f.opt, &audit, &err) == 0);
	EXPECT(audit.timestamp_version == 1);
	move_key(&f, "targets", false);
	EXPECT(sign(&f, f.keys_dir, FIXTURE_NOW, &p, &err) == 0);
	EXPECT(p.published && p.targets_version == 2);
	fixture_free(&f);
}

TEST(author_refreshes_and_so_heals_expiry)
{
	const int64_t day = 86400;
	static const struct {
		int64_t later_days;
		uint64_t want_snapshot;
	} cases[] = { { 1, 2 }, { 3, 2 }, { 4, 3 }, { 30, 4 } };
	struct repo_audit audit;
	struct oak_error err;
	struct fixture f;

	fixture_new(&f);
	fixture_publish_level(&f, 1, "edge");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct repo_options opt = f.opt;
		_cleanup_(repo_closep) struct repo *repo = NULL;
		struct repo_outcome p;

		opt.now_s = FIXTURE_NOW + cases[i].later_days * day;
		EXPECT(repo_verify(&opt, &audit, &err) == -OAK_E_TRUST);
		EXPECT_CONTAINS(err.msg, "timestamp.json: expired ");
		EXPECT(repo_open(&opt, &repo, &err) == 0);
		EXPECT(repo_refresh(repo, 0, &p, &err) == 0);
		EXPECT(p.timestamp_version == 3 + i);
		EXPECT(p.snapshot_version == cases[i].want_snapshot);
		EXPECT(p.targets_version == 2);
		EXPECT(repo_verify(&opt, &audit, &err) == 0);
	}
	fixture_free(&f);
}

/* The life of what nobody has signed begins when it is signed. */
TEST(author_dates_what_is_staged_when_signing)
{
	_cleanup_(json_decrefp) json_t *targets = NULL;
	struct repo_outcome p;
	struct oak_error err;
	struct fixture f;

	fixture_new(&f);
	EXPECT(add(&f, 1, "edge", NULL, &err) == 0);
	EXPECT(sign(&f, f.keys_dir, FIXTURE_NOW + 86400, &p, &err) == 0);
	targets = fixture_signed(&f, TUF_TARGETS);
	EXPECT_STR(json_get_str(targets, "expires"), "2027-04-16T08:00:00Z");
	fixture_free(&f);
}

TEST(author_waits_for_another_publisher_or_says_so)
{
	_cleanup_(freep) char *path = NULL;
	_cleanup_(closep) int fd = -1;
	struct repo *repo = NULL;
	struct oak_error err;
	struct fixture f;

	fixture_new(&f);
	path = path_join(f.repo, ".lock");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	EXPECT(fd >= 0 && flock(fd, LOCK_EX) == 0);
	EXPECT(repo_open(&f.opt, &repo, &err) == -OAK_E_AGAIN);
	EXPECT_CONTAINS(err.msg, "/repo: another publisher is at work; try again later");
	fixture_free(&f);
}

/* Drops the files of publishing from step @crash on; those before it are there. */
static void undo(const struct fixture *f, const char *const *steps, size_t n, size_t crash,
		 const struct buf *old_timestamp)
{
	for (size_t i = crash; i < n; i++) {
		_cleanup_(freep) char *path = path_join(f->repo, steps[i]);

		if (strcmp(steps[i], "timestamp.json") == 0)
			fixture_write(f->repo, steps[i], old_timestamp->data, old_timestamp->len);
		else
			EXPECT(unlink(path) == 0);
	}
}

/*
 * A crash before the journal of publishing is written: what is staged is still staged, and signing
 * again publishes it. tests/cli/fault.test.sh kills the real program at every write.
 */
TEST(author_survives_a_crash_between_steps)
{
	static const char *const steps[] = { "2.targets.json", "2.snapshot.json", "timestamp.json" };

	for (size_t crash = 0; crash < 3; crash++) {
		_cleanup_(buf_free) struct buf old = { 0 }, staged = { 0 };
		struct repo_outcome p;
		struct repo_audit audit;
		struct oak_error err;
		struct fixture f;

		test_case = steps[crash];
		fixture_new(&f);
		fixture_read(f.repo, "timestamp.json", &old);
		EXPECT(add(&f, 1, "edge", f.keys_dir, &err) == 0);
		fixture_read(f.repo, ".staged.json", &staged);
		EXPECT(sign(&f, f.keys_dir, FIXTURE_NOW, &p, &err) == 0);
		undo(&f, steps, 3, crash, &old);
		fixture_write(f.repo, ".staged.json", staged.data, staged.len);
		EXPECT(repo_verify(&f.opt, &audit, &err) == 0);
		EXPECT(audit.targets == 0);
		EXPECT(sign(&f, f.keys_dir, FIXTURE_NOW, &p, &err) == 0);
		EXPECT(repo_verify(&f.opt, &audit, &err) == 0);
		EXPECT(audit.levels == 1);
		/* After the last step only the staged file is left over, and known as stale. */
		fixture_write(f.repo, ".staged.json", staged.data, staged.len);
		EXPECT(sign(&f, f.keys_dir, FIXTURE_NOW, &p, &err) == -OAK_E_NOTHING);
		fixture_free(&f);
	}
}

struct reader {
	const struct fixture *f;
	atomic_bool stop;
	unsigned seen;  /* refreshes that succeeded */
	unsigned wrong; /* that did not */
	char msg[OAK_ERROR_MSG_MAX];
};

/* A host that refreshes as fast as it can while levels are published. */
static void *read_on(void *ctx)
{
	struct reader *r = ctx;

	do {
		struct repo_options opt = r->f->opt;
		struct repo_audit audit;
		struct oak_error err;

		if (repo_verify(&opt, &audit, &err) == 0) {
			r->seen++;
			continue;
		}
		r->wrong++;
		(void)snprintf(r->msg, sizeof(r->msg), "%s", err.msg);
	} while (!atomic_load(&r->stop)); /* at least once, however busy the machine is */
	return NULL;
}

TEST(author_shows_readers_the_old_or_the_new)
{
	struct reader r = { 0 };
	pthread_t thread;
	struct fixture f;

	fixture_new(&f);
	r.f = &f;
	EXPECT(pthread_create(&thread, NULL, read_on, &r) == 0);
	for (unsigned level = 1; level <= 12; level++)
		fixture_publish_level(&f, level, "edge");
	atomic_store(&r.stop, true);
	EXPECT(pthread_join(thread, NULL) == 0);
	EXPECT_STR(r.msg, "");
	EXPECT(r.wrong == 0 && r.seen > 0);
	fixture_free(&f);
}

TEST(author_audit_finds_what_is_wrong)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	struct repo_options nowhere = { .dir = "/nonexistent", .now_s = FIXTURE_NOW };
	struct repo_audit audit;
	struct repo *repo = NULL;
	struct oak_error err;
	struct fixture f;

	fixture_new(&f);
	fixture_publish_level(&f, 1, "edge");
	fixture_read(f.repo, "2.targets.json", &b);
	fixture_write(f.repo, "2.targets.json", b.data, b.len - 1);
	EXPECT(repo_verify(&f.opt, &audit, &err) == -OAK_E_TRUST);
	EXPECT_CONTAINS(err.msg, " bytes, but snapshot.json says ");
	EXPECT(repo_open(&f.opt, &repo, &err) == -OAK_E_TRUST);
	EXPECT(repo_verify(&nowhere, &audit, &err) == -OAK_E_NOTFOUND);
	EXPECT_STR(err.msg, "/nonexistent: no such directory");
	nowhere.dir = f.keys_dir;
	EXPECT(repo_open(&nowhere, &repo, &err) == -OAK_E_NOTFOUND);
	EXPECT_CONTAINS(err.msg, "/keys: not a repository (no 1.root.json); make one with: "
				 "oakum-repo init");
	fixture_free(&f);
}

static struct repo *open_repo(const struct fixture *f)
{
	struct repo *repo = NULL;
	struct oak_error err;

	EXPECT(repo_open(&f->opt, &repo, &err) == 0);
	return repo;
}

static int rotate(const struct fixture *f, const struct repo_rotation *what, struct oak_error *err)
{
	_cleanup_(repo_closep) struct repo *repo = open_repo(f);

	return repo_rotate(repo, what, err);
}

/* Every role's key gives way to another; a host that knows the first root follows. */
TEST(author_rotates_every_role)
{
	for (enum tuf_role role = TUF_ROOT; role < TUF_ROLES; role++) {
		_cleanup_(tuf_key_freep) struct tuf_key *key = NULL;
		struct repo_rotation what = { .role = role, .add = &key, .n_add = 1 };
		const char *old;
		struct repo_outcome p;
		struct repo_audit audit;
		struct oak_error err;
		struct fixture f;
		char path[300];

		test_case = tuf_role_name(role);
		fixture_new_with_bins(&f, 1);
		fixture_publish_level(&f, 1, "edge");
		EXPECT(fixture_refresh(&f, false, &err) == 1);
		(void)snprintf(path, sizeof(path), "%s/new.pem", f.keys_dir);
		EXPECT(tuf_key_generate(&key, &err) == 0);
		EXPECT(key_file_write(key, AT_FDCWD, path, NULL, &err) == 0);
		old = tuf_key_id(f.keys[role]);
		what.remove = &old;
		what.n_remove = 1;
		EXPECT(rotate(&f, &what, &err) == 0);
		EXPECT(sign(&f, f.keys_dir, FIXTURE_NOW, &p, &err) == 0);
		EXPECT(p.published && p.root_version == 2);
		EXPECT(repo_verify(&f.opt, &audit, &err) == 0);
		EXPECT(audit.levels == 1 && audit.roles == 16);
		EXPECT(fixture_refresh(&f, true, &err) == 1);
		EXPECT(fixture_refresh(&f, true, &err) == 0);
		fixture_free(&f);
	}
}

TEST(author_refuses_impossible_signers)
{
	const char *unknown = "0123";
	struct oak_error err;
	struct fixture f;

	fixture_new(&f);
	EXPECT(rotate(&f, &(struct repo_rotation){ .role = TUF_TARGETS, .threshold = 2 }, &err) ==
	       -OAK_E_REFUSED);
	EXPECT_STR(err.msg, "targets: a threshold of 2 needs as many keys, and it would have 1");
	EXPECT(rotate(&f,
		      &(struct repo_rotation){ .role = TUF_ROOT, .remove = &unknown, .n_remove = 1 },
		      &err) == -OAK_E_REFUSED);
	EXPECT_STR(err.msg, "root: has no key 0123");
	EXPECT(rotate(&f,
		      &(struct repo_rotation){
			      .role = TUF_ROOT, .add = &f.keys[TUF_ROOT], .n_add = 1 },
		      &err) == -OAK_E_REFUSED);
	EXPECT_CONTAINS(err.msg, " is given twice, or there already");
	fixture_free(&f);
}

TEST(author_renews_what_is_past_half_of_its_life)
{
	struct repo_outcome p;
	struct oak_error err;
	struct fixture f;
	size_t n;

	fixture_new_with_bins(&f, 1);
	{
		_cleanup_(repo_closep) struct repo *repo = open_repo(&f);

		EXPECT(repo_renew(repo, &n, &err) == 0);
		EXPECT(n == 0);
	}
	f.opt.now_s += 50 * INT64_C(86400);
	{
		_cleanup_(repo_closep) struct repo *repo = open_repo(&f);

		EXPECT(repo_renew(repo, &n, &err) == 0);
		EXPECT(n == 17);
	}
	EXPECT(sign(&f, f.keys_dir, f.opt.now_s, &p, &err) == 0);
	EXPECT(p.published && p.targets_version == 2);
	fixture_free(&f);
}
