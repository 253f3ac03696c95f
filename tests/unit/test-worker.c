/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The worker's answers, of a real repository in a directory, and what root makes of them. */
#include "fake-ops.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

#include "agent/cves.h"
#include "agent/errand.h"
#include "agent/goods.h"
#include "agent/news.h"
#include "agent/order.h"
#include "agent/worker.h"
#include "base/hash.h"
#include "host/cache.h"
#include "host/cve/db.h"
#include "trust-fixture.h"
#include "trust/author/cves.h"
#include "trust/cve/compile.h"

#define FUNCTION "syscall_trace_enter.constprop.0,1"
#define YEAR_S   (366 * 86400)

struct scene {
	struct fixture f;
	int root;
	char root_path[300];
	struct settings settings;
	struct worker worker;
	struct message_ask ask;
	struct message_answer answer;
	int fds[MESSAGE_FDS];
};

/* A host whose kernel is the repository's, that trusts its root. */
static int new_host(const struct fixture *f)
{
	_cleanup_(buf_free) struct buf root_json = { 0 };
	uint8_t notes[64] = "\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU";
	struct oak_error err;
	int root = tree_new_host();

	EXPECT(hex_decode(FIXTURE_BUILD_ID, notes + 16, 20) == 20);
	tree_put_bytes(root, "sys/kernel/notes", notes, 36);
	fixture_read(f->repo, "1.root.json", &root_json);
	tree_put_bytes(root, "etc/oakum/root.json", root_json.data, root_json.len);
	EXPECT(dir_make(root, NEWS_DIR, &err) == 0);
	return root;
}

/* @age_s: of the repository. */
static void scene_new(struct scene *s, int64_t age_s, const char *more_settings)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err;

	*s = (struct scene){ .fds = { -1, -1, -1 } };
	fixture_new_at(&s->f, (int64_t)time(NULL) - age_s);
	s->root = new_host(&s->f);
	(void)snprintf(s->root_path, sizeof(s->root_path), "%s/root", test_dir());
	EXPECT(settings_init(&s->settings, &err) == 0);
	EXPECT(buf_printf(&text, "repository = file://%s\nchannel = edge\n%s", s->f.repo,
			  more_settings) == 0);
	EXPECT(settings_parse("f", text.data, text.len, &s->settings, &err) == 0);
	s->worker = (struct worker){
		.sock = -1, .root = s->root, .root_path = s->root_path, .settings = &s->settings
	};
	message_ask_init(&s->ask, &(const struct journal_view){ 0 });
}

static void drop_fds(struct scene *s)
{
	for (size_t i = 0; i < MESSAGE_FDS; i++)
		closep(&s->fds[i]);
}

static void scene_free(struct scene *s)
{
	drop_fds(s);
	settings_free(&s->settings);
	fixture_free(&s->f);
	closep(&s->root);
}

/* Every answer, also one that fails, is one that root takes. */
static void answer(struct scene *s)
{
	struct message_answer got;
	struct oak_error err = { .code = OAK_OK };

	drop_fds(s);
	worker_answer(&s->worker, &s->ask, &s->answer, s->fds);
	if (message_check_answer(&s->answer, sizeof(s->answer), &got, &err) < 0)
		test_fail(s->answer.text, __FILE__, __LINE__);
}

static void expect_nothing(struct scene *s, enum oak_code code, const char *text)
{
	answer(s);
	EXPECT_CONTAINS(s->answer.text, text);
	EXPECT(s->answer.action == MESSAGE_NOTHING && s->answer.level == 0);
	EXPECT(s->answer.code == code);
	EXPECT(s->fds[0] == -1 && s->fds[1] == -1 && s->fds[2] == -1);
}

static void put_level(const struct scene *s, unsigned level, const char *transition)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "oakum_%u", level);
	tree_put_livepatch(s->root, name, FUNCTION, "1\n", transition);
}

static void withdraw(const struct scene *s, uint32_t level, const char *why)
{
	struct repo_level l = { .arch = "x86_64", .build_id = FIXTURE_BUILD_ID, .level = level };
	_cleanup_(repo_closep) struct repo *repo = NULL;
	struct repo_outcome out;
	struct oak_error err;

	EXPECT(repo_open(&s->f.opt, &repo, &err) == 0);
	EXPECT(repo_withdraw(repo, &l, why, &err) == 0);
	EXPECT(repo_sign(repo, &out, &err) == 0 && out.published);
}

static void expect_news(const struct scene *s, struct news *ret)
{
	struct oak_error err = { .code = OAK_OK };

	if (news_read(s->root, ret, &err) < 0)
		test_fail(err.msg, __FILE__, __LINE__);
	EXPECT(ret->tried_s > 0 && ret->tried_s <= (int64_t)time(NULL));
}

TEST(worker_hands_over_a_level)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	_cleanup_(news_clear) struct news n = { 0 };
	struct oak_error err;

	scene_new(&s, 0, "");
	fixture_publish_level(&s.f, 1, "edge");
	answer(&s);
	EXPECT_STR(s.answer.text, "");
	EXPECT(s.answer.action == MESSAGE_APPLY && s.answer.level == 1 && s.answer.code == OAK_OK);
	for (size_t i = 0; i < MESSAGE_FDS; i++) {
		int seals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;

		EXPECT(fcntl(s.fds[i], F_GET_SEALS) == seals);
		EXPECT(fcntl(s.fds[i], F_GETFD) == FD_CLOEXEC);
	}
	/* It changed nothing on the host but the trust and the news. */
	EXPECT(!file_exists(s.root, CACHE_LEVELS_DIR));
	expect_news(&s, &n);
	EXPECT(n.checked_s == n.tried_s && n.newest == 1 && !n.no_level && !n.error[0]);
	EXPECT(n.expires_s > n.tried_s && n.n_withheld == 0);
	EXPECT(journal_read(s.root, FIXTURE_BUILD_ID, &(struct journal_view){ 0 }, &err) == 0);
}

/* From the repository into the (fake) kernel, and from there into the local cache and back. */
TEST(worker_and_errand)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	_cleanup_(manifest_freep) struct manifest *m = NULL;
	struct fake_ops kernel;
	struct module_ops ops = fake_ops(&kernel);
	struct errand e = { .kind = ERRAND_APPLY, .by = JOURNAL_BY_AGENT, .ops = &ops };
	struct oak_error err = { .code = OAK_OK };

	scene_new(&s, 0, "");
	fixture_publish_level(&s.f, 2, "edge");
	answer(&s);
	kernel = (struct fake_ops){ .root = s.root, .level = 2 };
	e.root = s.root;
	e.settings = &s.settings;
	e.answer = &s.answer;
	e.fds = s.fds;
	if (errand_run(&e, &err) < 0)
		test_fail(err.msg, __FILE__, __LINE__);
	EXPECT(kernel.loads == 1);
	EXPECT(cache_manifest(s.root, FIXTURE_BUILD_ID, 2, &m, &err) == 0);
	EXPECT_STR(m->fixes[0].title, "flags");
	/* As at the next boot: nothing of the network is there. */
	tree_drop(s.root, "sys/kernel/livepatch/oakum_2");
	EXPECT(tree_remove(AT_FDCWD, s.f.repo, &err) == 0);
	s.ask.cached = 2;
	answer(&s);
	EXPECT(s.answer.action == MESSAGE_APPLY && s.answer.level == 2);
	e.kind = ERRAND_CACHED;
	e.by = JOURNAL_BY_BOOT;
	EXPECT(errand_run(&e, &err) == 0);
	EXPECT(kernel.loads == 2);
}

TEST(worker_has_no_such_level_in_the_cache)
{
	_cleanup_(scene_free) struct scene s = { 0 };

	scene_new(&s, 0, "");
	s.ask.cached = 7;
	expect_nothing(&s, OAK_E_NOTFOUND,
		       "level 7 of kernel " FIXTURE_BUILD_ID " is not on this host");
	/* No check: no news of one. */
	EXPECT(!file_exists(s.root, NEWS_PATH));
}

TEST(worker_finds_nothing_newer)
{
	_cleanup_(scene_free) struct scene s = { 0 };

	scene_new(&s, 0, "");
	fixture_publish_level(&s.f, 1, "edge");
	put_level(&s, 1, "0\n");
	expect_nothing(&s, OAK_OK, "nothing to do: level 1 is applied");
}

TEST(worker_waits_for_a_transition)
{
	_cleanup_(scene_free) struct scene s = { 0 };

	scene_new(&s, 0, "");
	fixture_publish_level(&s.f, 1, "edge");
	put_level(&s, 1, "1\n");
	answer(&s);
	EXPECT(s.answer.action == MESSAGE_WAIT && s.answer.level == 1 && s.fds[0] >= 0);
}

/* Somebody loaded something else under the level's name. */
TEST(worker_refuses_an_impostor)
{
	_cleanup_(scene_free) struct scene s = { 0 };

	scene_new(&s, 0, "");
	fixture_publish_level(&s.f, 1, "edge");
	tree_put_livepatch(s.root, "oakum_1", "another,1", "1\n", "0\n");
	expect_nothing(&s, OAK_E_REFUSED,
		       "oakum_1 is in the kernel but redirects only 0 of the 1 functions of level 1");
}

TEST(worker_has_none_for_this_kernel)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	_cleanup_(news_clear) struct news n = { 0 };

	scene_new(&s, 0, "");
	expect_nothing(&s, OAK_OK,
		       "nothing to do: no level for kernel " FIXTURE_BUILD_ID
		       " (6.1.0-50-amd64) in channel edge");
	expect_news(&s, &n);
	EXPECT(n.no_level && n.newest == 0);
}

TEST(worker_heeds_what_the_host_knows)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	_cleanup_(news_clear) struct news n = { 0 };

	scene_new(&s, 0, "");
	fixture_publish_level(&s.f, 1, "edge");
	s.ask.n_quarantined = 1;
	s.ask.quarantined[0] = 1;
	expect_nothing(&s, OAK_OK,
		       "nothing to do: level 1 is not taken: quarantined on this host: "
		       "it did harm here");
	expect_news(&s, &n);
	EXPECT(n.newest == 1 && n.n_withheld == 1 && n.withheld[0].level == 1);
	EXPECT(n.withheld[0].n_cves == 1);
	EXPECT_STR(n.withheld[0].cves[0], "CVE-2026-89603");
	EXPECT_STR(n.withheld[0].why, "quarantined on this host: it did harm here");
	s.ask.n_quarantined = 0;
	s.ask.reverted_by_hand = 1;
	expect_nothing(&s, OAK_OK, "level 1 was reverted by hand; 'oakum update' takes it");
	/* It is that which somebody waits for. */
	s.ask.by_hand = 1;
	answer(&s);
	EXPECT(s.answer.action == MESSAGE_APPLY && s.answer.level == 1);
}

TEST(worker_delays)
{
	_cleanup_(scene_free) struct scene s = { 0 };

	scene_new(&s, 0, "delay = 24h\n");
	fixture_publish_level(&s.f, 1, "edge");
	expect_nothing(&s, OAK_OK, "level 1 is not taken: ");
	EXPECT(s.answer.again_s > (int64_t)time(NULL) + (int64_t)23 * 3600);
	EXPECT(s.answer.again_s <= (int64_t)time(NULL) + (int64_t)24 * 3600 + 60);
}

TEST(worker_pins_downwards)
{
	_cleanup_(scene_free) struct scene s = { 0 };

	scene_new(&s, 0, "pin = 1\n");
	fixture_publish_level(&s.f, 1, "edge");
	fixture_publish_level(&s.f, 2, "edge");
	put_level(&s, 2, "0\n");
	answer(&s);
	EXPECT(s.answer.action == MESSAGE_APPLY && s.answer.level == 1);
	EXPECT_STR(s.answer.text, "pinned to level 1");
}

TEST(worker_leaves_what_was_withdrawn)
{
	_cleanup_(scene_free) struct scene s = { 0 };

	scene_new(&s, 0, "");
	fixture_publish_level(&s.f, 1, "edge");
	fixture_publish_level(&s.f, 2, "edge");
	put_level(&s, 2, "0\n");
	withdraw(&s, 2, "it hangs");
	answer(&s);
	EXPECT(s.answer.action == MESSAGE_APPLY && s.answer.level == 1);
	EXPECT_STR(s.answer.text, "level 2 was withdrawn: it hangs");
	/* None is left to take its place. */
	withdraw(&s, 1, "it hangs as well");
	answer(&s);
	EXPECT(s.answer.action == MESSAGE_REVERT && s.answer.level == 2 && s.fds[0] == -1);
	EXPECT_STR(s.answer.text, "level 2 was withdrawn: it hangs");
}

TEST(worker_only_reports)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	_cleanup_(news_clear) struct news n = { 0 };

	scene_new(&s, 0, "apply = report\n");
	fixture_publish_level(&s.f, 1, "edge");
	expect_nothing(&s, OAK_OK, "nothing to do: level 1 is not taken: ");
	expect_news(&s, &n);
	EXPECT(n.n_withheld == 1 && n.withheld[0].until_s == 0);
}

TEST(worker_finds_the_repository_expired)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	_cleanup_(news_clear) struct news n = { 0 };

	scene_new(&s, 10 * (int64_t)YEAR_S, "");
	expect_nothing(&s, OAK_E_TRUST, "expired");
	expect_news(&s, &n);
	EXPECT_STR(n.error, s.answer.text);
	EXPECT(n.checked_s == 0 && !n.no_level);
}

/* The news of before stay, with the reason why there are no others. */
TEST(worker_cannot_reach_the_repository)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	_cleanup_(news_clear) struct news n = { 0 };
	struct oak_error err;

	scene_new(&s, 0, "apply = report\n");
	fixture_publish_level(&s.f, 1, "edge");
	answer(&s);
	EXPECT(tree_remove(AT_FDCWD, s.f.repo, &err) == 0);
	answer(&s);
	EXPECT(s.answer.action == MESSAGE_NOTHING && s.answer.code != OAK_OK && s.answer.text[0]);
	expect_news(&s, &n);
	EXPECT_STR(n.error, s.answer.text);
	EXPECT(n.checked_s && n.newest == 1 && n.n_withheld == 1);
}

TEST(worker_without_trust_or_repository)
{
	_cleanup_(scene_free) struct scene s = { 0 };

	scene_new(&s, 0, "");
	tree_drop(s.root, "etc/oakum/root.json");
	expect_nothing(&s, OAK_E_NOTFOUND, "/etc/oakum/root.json: no such file");
	free(s.settings.repository);
	s.settings.repository = NULL;
	expect_nothing(&s, OAK_E_NOTFOUND, "no repository is set");
}

TEST(worker_on_a_host_that_tells_nothing)
{
	_cleanup_(scene_free) struct scene s = { 0 };

	scene_new(&s, 0, "");
	tree_put(s.root, "sys/kernel/notes", "garbage of a kernel");
	answer(&s);
	EXPECT(s.answer.action == MESSAGE_NOTHING && s.answer.code != OAK_OK && s.answer.text[0]);
}

struct server {
	struct worker worker;
	int r;
	struct oak_error err;
};

static void *serve(void *arg)
{
	struct server *s = arg;

	s->r = worker_run(&s->worker, &s->err);
	return NULL;
}

/* Starts a worker; returns our end. */
static int serve_begin(struct scene *s, struct server *ret, pthread_t *thread)
{
	int pair[2];

	EXPECT(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
	*ret = (struct server){ .worker = s->worker };
	ret->worker.sock = pair[1];
	EXPECT(pthread_create(thread, NULL, serve, ret) == 0);
	return pair[0];
}

static void serve_end(struct server *s, pthread_t thread)
{
	EXPECT(pthread_join(thread, NULL) == 0);
	EXPECT(close(s->worker.sock) == 0);
}

/* A database of the records below @records, published. */
static void publish_cves(const struct scene *s, const char *records, struct repo_cves_added *ret)
{
	_cleanup_(repo_closep) struct repo *repo = NULL;
	struct cve_compile_report report;
	struct repo_outcome out;
	char file[320];
	const struct cve_compile_options opt = { .records = records, .output = file };
	struct oak_error err = { .code = OAK_OK };

	(void)snprintf(file, sizeof(file), "%s/published.db", test_dir());
	if (cve_compile(&opt, &report, &err) < 0 || repo_open(&s->f.opt, &repo, &err) < 0 ||
	    repo_add_cves(repo, file, NULL, ret, &err) < 0 || repo_sign(repo, &out, &err) < 0)
		test_fail(err.msg, __FILE__, __LINE__);
	EXPECT(out.published);
}

/* As root takes it. */
static void store_cves(const struct scene *s)
{
	_cleanup_(buf_free) struct buf db = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(s->answer.action == MESSAGE_CVES && s->answer.code == OAK_OK);
	if (goods_copy(s->fds[MESSAGE_FD_CVES], CVE_FILE_MAX, "database", &db, &err) < 0 ||
	    goods_check(&db, s->answer.cves_sha256, "database", &err) < 0 ||
	    cves_store(s->root, &db, &err) < 0)
		test_fail(err.msg, __FILE__, __LINE__);
}

TEST(worker_brings_the_cve_database_and_then_what_is_new)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	_cleanup_(news_clear) struct news n = { 0 };
	_cleanup_(cve_db_close) struct cve_db db = { 0 };
	struct repo_cves_added added;
	struct cves_head head;
	char few[320], text[64];
	struct oak_error err;

	scene_new(&s, 0, "");
	s.ask.cves = 1;
	/* A repository without one is in order. */
	answer(&s);
	EXPECT(s.answer.action == MESSAGE_NOTHING && s.answer.code == OAK_OK);
	EXPECT_STR(s.answer.text, "");
	(void)snprintf(few, sizeof(few), "%s/few", test_dir());
	EXPECT(mkdir(few, 0755) == 0);
	(void)snprintf(few, sizeof(few), "%s/few/CVE-2024-26581.json", test_dir());
	EXPECT(link("tests/cves/records/CVE-2024-26581.json", few) == 0 ||
	       symlink("tests/cves/records/CVE-2024-26581.json", few) == 0);
	publish_cves(&s, "tests/cves/records", &added);
	EXPECT(added.delegated && added.delta == 0 && added.deltas == 0);
	answer(&s);
	EXPECT_CONTAINS(s.answer.text, "17 records: fetched ");
	EXPECT_CONTAINS(s.answer.text, "as a whole");
	store_cves(&s);
	expect_nothing(&s, OAK_OK, "the CVE database is the newest");
	cves_head_read(s.root, &head);
	EXPECT(head.records == 17 && head.as_of_s > 0);
	/* The next one is another compilation, of fewer records. */
	(void)snprintf(few, sizeof(few), "%s/few", test_dir());
	publish_cves(&s, few, &added);
	EXPECT(!added.delegated && added.delta > 0 && added.delta < added.bytes);
	answer(&s);
	(void)snprintf(text, sizeof(text), " 1 records: fetched %d bytes, by 1 delta",
		       (int)added.delta);
	EXPECT_CONTAINS(s.answer.text, text);
	store_cves(&s);
	EXPECT(cve_db_open(s.root, CVE_DB_PATH, &db, &err) == 0 && db.n == 1);
	/* One that is damaged is fetched as a whole. */
	tree_put(s.root, CVE_DB_PATH, "damaged");
	answer(&s);
	EXPECT_CONTAINS(s.answer.text, "as a whole");
	store_cves(&s);
	EXPECT(news_read(s.root, &n, &err) == 0 && n.cves_checked_s > 0);
	EXPECT_STR(n.cves_error, "");
}

TEST(worker_keeps_what_it_said_of_the_cve_database)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	_cleanup_(news_clear) struct news n = { 0 };
	struct repo_cves_added added;
	struct oak_error err;
	char gone[300];

	scene_new(&s, 0, "");
	publish_cves(&s, "tests/cves/records", &added);
	(void)snprintf(gone, sizeof(gone), "%s/targets/cves", s.f.repo);
	EXPECT(tree_remove(AT_FDCWD, gone, &err) == 0);
	s.ask.cves = 1;
	expect_nothing(&s, OAK_E_NOTFOUND, "cves.db.zst");
	s.ask.cves = 0;
	answer(&s);
	EXPECT(news_read(s.root, &n, &err) == 0 && n.checked_s > 0 && n.cves_checked_s == 0);
	EXPECT_CONTAINS(n.cves_error, "cves.db.zst");
}

TEST(worker_serves_until_the_other_end_is_gone)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	struct message_answer got;
	struct server server;
	pthread_t thread;
	struct oak_error err;
	int sock;

	scene_new(&s, 0, "");
	fixture_publish_level(&s.f, 1, "edge");
	sock = serve_begin(&s, &server, &thread);
	for (int i = 0; i < 2; i++) {
		drop_fds(&s);
		EXPECT(message_send(sock, &s.ask, sizeof(s.ask), NULL, 0, &err) == 0);
		EXPECT(message_receive(sock, &got, sizeof(got), s.fds, &err) == (int)sizeof(got));
		EXPECT(message_check_answer(&got, sizeof(got), &s.answer, &err) == 0);
		EXPECT(got.action == MESSAGE_APPLY && s.fds[2] >= 0);
	}
	EXPECT(close(sock) == 0);
	serve_end(&server, thread);
	EXPECT(server.r == 0);
}

TEST(worker_ends_at_nonsense)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	struct server server;
	pthread_t thread;
	struct oak_error err;
	int sock;

	scene_new(&s, 0, "");
	sock = serve_begin(&s, &server, &thread);
	EXPECT(message_send(sock, "what?", 5, NULL, 0, &err) == 0);
	serve_end(&server, thread);
	EXPECT(server.r == -OAK_E_FORMAT);
	EXPECT_STR(server.err.msg, "the question to the worker is malformed");
	EXPECT(close(sock) == 0);
}
