/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What root does with a worker's answer: nothing, unless all of it agrees. */
#include "fake-ops.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/deed.h"
#include "agent/errand.h"
#include "agent/order.h"
#include "base/json.h"
#include "fake-manifest.h"
#include "host/cache.h"
#include "host/journal.h"
#include "host/lock.h"

#define STORED CACHE_LEVELS_DIR "/" FAKE_BUILD_ID "/2"
#define MODULE "the module"

/* A host, an answer for it, and what may be done to both before the errand. */
struct scene {
	int root;
	struct settings settings;
	struct manifest *m;
	struct buf order, manifest, module;
	struct message_answer answer;
	int fds[MESSAGE_FDS];
	struct fake_ops kernel;
	struct errand errand;
};

static int file_of(const void *data, size_t len)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	EXPECT(fd >= 0 && write(fd, data, len) == (ssize_t)len);
	return fd;
}

static void scene_new(struct scene *s, const struct fake_level *level)
{
	struct oak_error err;

	*s = (struct scene){ .root = tree_new_host() };
	EXPECT(settings_init(&s->settings, &err) == 0);
	free(s->settings.hooks);
	s->settings.hooks = NULL;
	s->m = fake_manifest(level);
	s->kernel = (struct fake_ops){ .root = s->root, .level = level->level };
	message_answer_init(&s->answer);
	s->answer.action = MESSAGE_APPLY;
	s->answer.level = level->level;
	EXPECT(order_pack(s->m, &s->order, &err) == 0);
	EXPECT(buf_add_str(&s->manifest, "{\"the\": \"manifest\"}\n") == 0);
	EXPECT(buf_add_str(&s->module, level->module) == 0);
	sha256_hex(s->order.data, s->order.len, s->answer.order_sha256);
	sha256_hex(s->manifest.data, s->manifest.len, s->answer.manifest_sha256);
	s->fds[MESSAGE_FD_ORDER] = file_of(s->order.data, s->order.len);
	s->fds[MESSAGE_FD_MANIFEST] = file_of(s->manifest.data, s->manifest.len);
	s->fds[MESSAGE_FD_MODULE] = file_of(s->module.data, s->module.len);
	s->errand = (struct errand){ .kind = ERRAND_APPLY,
				     .by = JOURNAL_BY_AGENT,
				     .root = s->root,
				     .settings = &s->settings,
				     .answer = &s->answer,
				     .fds = s->fds };
}

static void scene_free(struct scene *s)
{
	for (size_t i = 0; i < MESSAGE_FDS; i++)
		closep(&s->fds[i]);
	buf_free(&s->order);
	buf_free(&s->manifest);
	buf_free(&s->module);
	manifest_free(s->m);
	settings_free(&s->settings);
	closep(&s->root);
}

static int run(struct scene *s, struct oak_error *err)
{
	struct module_ops ops = fake_ops(&s->kernel);
	int r;

	*err = (struct oak_error){ .code = OAK_OK };
	s->errand.ops = &ops;
	r = errand_run(&s->errand, err);
	s->errand.ops = NULL;
	return r;
}

static const struct fake_level level_2 = { .build_id = FAKE_BUILD_ID, .level = 2, .module = MODULE };

static json_t *report(int root)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	json_t *doc = NULL;
	struct oak_error err;

	EXPECT(file_read(root, DEED_REPORT_PATH, 1u << 20, &text, &err) == 0);
	EXPECT(json_parse(text.data, text.len, 1u << 20, "report", &doc, &err) == 0);
	return doc;
}

static int64_t number(const json_t *doc, const char *key)
{
	return json_integer_value(json_object_get(doc, key));
}

TEST(errand_applies)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	_cleanup_(buf_free) struct buf text = { 0 };
	_cleanup_(json_decrefp) json_t *doc = NULL;
	struct journal_view v;
	struct oak_error err;

	scene_new(&s, &level_2);
	tree_put_livepatch(s.root, "oakum_1", "syscall_trace_enter,1", "1\n", "0\n");
	EXPECT(run(&s, &err) == 0);
	EXPECT_STR(s.kernel.loaded, MODULE);
	/* Stored as it came: root does not read it. */
	EXPECT(file_read(s.root, STORED "/manifest.json", 4096, &text, &err) == 0);
	EXPECT(text.len == s.manifest.len && memcmp(text.data, s.manifest.data, text.len) == 0);
	text.len = 0;
	EXPECT(file_read(s.root, STORED "/oakum_2.ko", 4096, &text, &err) == 0);
	EXPECT_STR(buf_str(&text), MODULE);
	EXPECT(journal_read(s.root, FAKE_BUILD_ID, &v, &err) == 0);
	EXPECT(v.level == 2 && v.step == JOURNAL_APPLIED && v.by == JOURNAL_BY_AGENT);
	/* What was replaced is unloaded. */
	EXPECT(!file_exists(s.root, "sys/module/oakum_1"));
	doc = report(s.root);
	EXPECT(number(doc, "from") == 1 && number(doc, "level") == 2);
	EXPECT(json_is_true(json_object_get(doc, "done")) && !json_object_get(doc, "error"));
	EXPECT_STR(json_get_str(doc, "by"), "agent");
	EXPECT_STR(json_get_str(doc, "build_id"), FAKE_BUILD_ID);
}

TEST(errand_from_the_cache_stores_nothing)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	struct oak_error err;

	scene_new(&s, &level_2);
	s.errand.kind = ERRAND_CACHED;
	EXPECT(run(&s, &err) == 0);
	EXPECT(s.kernel.loads == 1 && !file_exists(s.root, STORED));
}

TEST(errand_waits_and_loads_nothing)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	struct oak_error err;

	scene_new(&s, &level_2);
	tree_put_livepatch(s.root, "oakum_2", "syscall_trace_enter,1", "1\n", "0\n");
	s.errand.kind = ERRAND_WAIT;
	EXPECT(run(&s, &err) == 0);
	EXPECT(s.kernel.loads == 0 && !file_exists(s.root, STORED));
}

TEST(errand_reverts_nothing)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	_cleanup_(json_decrefp) json_t *doc = NULL;
	struct oak_error err;

	scene_new(&s, &level_2);
	s.errand.kind = ERRAND_REVERT;
	s.errand.answer = NULL;
	s.errand.fds = NULL;
	EXPECT(run(&s, &err) == -OAK_E_NOTHING);
	EXPECT_STR(err.msg, "nothing to do: no level is applied");
	doc = report(s.root);
	EXPECT_STR(json_get_str(json_object_get(doc, "error"), "code"), "nothing");
}

static void other_order(struct scene *s)
{
	s->order.data[offsetof(struct order_head, release)] ^= 1;
	EXPECT(pwrite(s->fds[MESSAGE_FD_ORDER], s->order.data, s->order.len, 0) > 0);
}

static void other_manifest(struct scene *s)
{
	EXPECT(pwrite(s->fds[MESSAGE_FD_MANIFEST], "[", 1, 0) == 1);
}

static void other_module(struct scene *s)
{
	EXPECT(pwrite(s->fds[MESSAGE_FD_MODULE], "T", 1, 0) == 1);
}

static void longer_module(struct scene *s)
{
	EXPECT(pwrite(s->fds[MESSAGE_FD_MODULE], "x", 1, (off_t)s->module.len) == 1);
}

static void other_level(struct scene *s)
{
	s->answer.level = 3;
}

static void no_order(struct scene *s)
{
	closep(&s->fds[MESSAGE_FD_ORDER]);
	s->fds[MESSAGE_FD_ORDER] = -1;
}

static void empty_module(struct scene *s)
{
	EXPECT(ftruncate(s->fds[MESSAGE_FD_MODULE], 0) == 0);
}

static void huge_order(struct scene *s)
{
	EXPECT(ftruncate(s->fds[MESSAGE_FD_ORDER], ORDER_BYTES_MAX + 1) == 0);
}

static void huge_module(struct scene *s)
{
	EXPECT(ftruncate(s->fds[MESSAGE_FD_MODULE], (off_t)MANIFEST_MODULE_MAX + 1) == 0);
}

/* From which reading could last for ever. */
static void pipe_manifest(struct scene *s)
{
	int p[2];

	EXPECT(pipe2(p, O_CLOEXEC) == 0 && close(p[1]) == 0);
	closep(&s->fds[MESSAGE_FD_MANIFEST]);
	s->fds[MESSAGE_FD_MANIFEST] = p[0];
}

static void directory_module(struct scene *s)
{
	closep(&s->fds[MESSAGE_FD_MODULE]);
	s->fds[MESSAGE_FD_MODULE] = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void write_only_module(struct scene *s)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", s->fds[MESSAGE_FD_MODULE]);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	EXPECT(fd >= 0);
	closep(&s->fds[MESSAGE_FD_MODULE]);
	s->fds[MESSAGE_FD_MODULE] = fd;
}

/* Rightly hashed, and no order. */
static void nonsense_order(struct scene *s)
{
	EXPECT(ftruncate(s->fds[MESSAGE_FD_ORDER], 5) == 0);
	sha256_hex(s->order.data, 5, s->answer.order_sha256);
}

TEST(errand_refuses_what_does_not_agree)
{
	static const struct {
		const char *name;
		void (*spoil)(struct scene *s);
		int want;
		const char *text;
	} cases[] = {
		{ "order", other_order, OAK_E_TRUST, "the worker's order is not what it said" },
		{ "manifest", other_manifest, OAK_E_TRUST,
		  "the worker's manifest is not what it said" },
		{ "module", other_module, OAK_E_TRUST, "level 2: the module's sha256 is " },
		{ "module, longer", longer_module, OAK_E_TRUST,
		  "level 2: the module has 11 bytes, its manifest says 10" },
		{ "level", other_level, OAK_E_TRUST, "the worker's order is for another level" },
		{ "no order", no_order, OAK_E_FORMAT, "the worker's order is malformed" },
		{ "nonsense", nonsense_order, OAK_E_FORMAT, "the worker's order is malformed" },
		{ "empty", empty_module, OAK_E_FORMAT, "the worker's module is malformed" },
		{ "huge order", huge_order, OAK_E_FORMAT, "the worker's order is malformed" },
		{ "huge module", huge_module, OAK_E_FORMAT, "the worker's module is malformed" },
		{ "pipe", pipe_manifest, OAK_E_FORMAT, "the worker's manifest is malformed" },
		{ "directory", directory_module, OAK_E_FORMAT, "the worker's module is malformed" },
		{ "write only", write_only_module, OAK_E_FORMAT,
		  "the worker's module cannot be read" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(scene_free) struct scene s = { 0 };
		_cleanup_(json_decrefp) json_t *doc = NULL;
		struct journal_view v;
		struct oak_error err;

		test_case = cases[i].name;
		scene_new(&s, &level_2);
		tree_put_livepatch(s.root, "oakum_1", "syscall_trace_enter,1", "1\n", "0\n");
		cases[i].spoil(&s);
		EXPECT(run(&s, &err) == -cases[i].want);
		EXPECT_CONTAINS(err.msg, cases[i].text);
		EXPECT(s.kernel.loads == 0 && !file_exists(s.root, STORED));
		EXPECT(journal_read(s.root, FAKE_BUILD_ID, &v, &err) == 0 && v.level == 0);
		doc = report(s.root);
		EXPECT(number(doc, "from") == 1);
		EXPECT(json_is_false(json_object_get(doc, "done")));
	}
}

TEST(errand_of_another_kernel)
{
	static const struct fake_level other = { .build_id = "ffffffffffffffffffff"
							     "ffffffffffffffffffff",
						 .level = 2,
						 .module = MODULE };
	_cleanup_(scene_free) struct scene s = { 0 };
	struct oak_error err;

	scene_new(&s, &other);
	EXPECT(run(&s, &err) == -OAK_E_REFUSED);
	EXPECT_STR(err.msg, "level 2 is for kernel ffffffffffffffffffffffffffffffffffffffff, "
			    "this host runs " FAKE_BUILD_ID);
	EXPECT(s.kernel.loads == 0);
	EXPECT(!file_exists(s.root, CACHE_LEVELS_DIR));
}

TEST(errand_that_the_kernel_refuses)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	_cleanup_(json_decrefp) json_t *doc = NULL;
	struct journal_view v;
	struct oak_error err;

	scene_new(&s, &level_2);
	s.kernel.load_error = EKEYREJECTED;
	EXPECT(run(&s, &err) < 0);
	EXPECT(journal_read(s.root, FAKE_BUILD_ID, &v, &err) == 0);
	EXPECT(v.level == 2 && v.step == JOURNAL_FAILED && v.failed == 1);
	doc = report(s.root);
	EXPECT(json_is_false(json_object_get(doc, "done")) && json_object_get(doc, "error"));
}

/* A socket that stands for the system's journal, and what came to it. */
static int journal_socket(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	EXPECT(strlen(path) < sizeof(to.sun_path));
	memcpy(to.sun_path, path, strlen(path));
	(void)unlink(path);
	EXPECT(fd >= 0 && bind(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
	return fd;
}

/* What has an id in the catalog is in the journal once; the caller need not say it again. */
TEST(errand_that_fails_says_whether_it_was_told)
{
	static const struct fake_level withdrawn = {
		.build_id = FAKE_BUILD_ID, .level = 2, .module = MODULE, .withdrawn = "{}"
	};
	char path[4300], got[4096] = "";
	struct oak_error err;

	(void)snprintf(path, sizeof(path), "%s/journal", test_dir());
	for (int refused = 0; refused < 2; refused++) {
		_cleanup_(closep) int fd = journal_socket(path);
		_cleanup_(scene_free) struct scene s = { 0 };
		bool told = false;

		scene_new(&s, refused ? &level_2 : &withdrawn);
		s.kernel.load_error = EKEYREJECTED;
		s.errand.journal = path;
		s.errand.told = &told;
		EXPECT(run(&s, &err) < 0);
		EXPECT(told == !refused);
		EXPECT((recv(fd, got, sizeof(got) - 1, 0) > 0) == told);
		EXPECT(recv(fd, got + sizeof(got) - 1, 1, 0) < 0);
	}
	EXPECT_CONTAINS(got, "OAKUM_EVENT=preflight-failed\n");
	EXPECT_CONTAINS(got, "level 2 was withdrawn by its publisher");
}

TEST(errand_one_at_a_time)
{
	_cleanup_(scene_free) struct scene s = { 0 };
	_cleanup_(closep) int lock = -1;
	struct oak_error err;

	scene_new(&s, &level_2);
	EXPECT(lock_take(s.root, &lock, &err) == 0);
	EXPECT(run(&s, &err) == -OAK_E_AGAIN);
	EXPECT_CONTAINS(err.msg, "is at work");
	EXPECT(s.kernel.loads == 0 && !file_exists(s.root, DEED_REPORT_PATH));
}
