/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * oakum-tuf as the conformance tests of TUF call a client: options before the verb, status 0 or 1,
 * trusted metadata and targets as files. Over HTTP, against the simulated repository.
 */
#include "sim-server.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"

struct host {
	struct sim sim;
	struct sim_server server;
	char program[PATH_MAX], metadata[128], targets[128], root[128], base[128];
	char said[OAK_ERROR_MSG_MAX]; /* on standard error, by the last run */
};

/* Beside us in the build: tests/unit/test-tuf-program, src/cli/oakum-tuf. */
static void find_program(char *ret, size_t size)
{
	char self[PATH_MAX - 64];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	EXPECT(n > 0);
	self[n] = '\0';
	for (int i = 0; i < 3; i++)
		*strrchr(self, '/') = '\0';
	(void)snprintf(ret, size, "%s/src/cli/oakum-tuf", self);
}

static void host_new(struct host *h)
{
	struct oak_error err;

	*h = (struct host){ 0 };
	sim_new(&h->sim);
	sim_server_start(&h->server, &h->sim);
	find_program(h->program, sizeof(h->program));
	(void)snprintf(h->metadata, sizeof(h->metadata), "%s-metadata", h->sim.state);
	(void)snprintf(h->targets, sizeof(h->targets), "%s-targets", h->sim.state);
	(void)snprintf(h->root, sizeof(h->root), "%s-root", h->sim.state);
	(void)snprintf(h->base, sizeof(h->base), "%s/targets/", h->server.url);
	EXPECT(dir_make(AT_FDCWD, h->metadata, &err) == 0);
	EXPECT(dir_make(AT_FDCWD, h->targets, &err) == 0);
	EXPECT(file_write(AT_FDCWD, h->root, sim_served(&h->sim, "1.root.json")->data,
			  sim_served(&h->sim, "1.root.json")->len, 0644, &err) == 0);
}

static void host_free(struct host *h)
{
	sim_server_stop(&h->server);
	sim_free(&h->sim);
}

static int run(struct host *h, const char *const *argv)
{
	_cleanup_(process_result_free) struct process_result result = { 0 };
	struct oak_error err;

	h->sim.log.len = 0;
	EXPECT(process_run(argv, NULL, &result, &err) == 0);
	(void)snprintf(h->said, sizeof(h->said), "%.*s", (int)strcspn(buf_str(&result.err), "\n"),
		       buf_str(&result.err));
	return result.status;
}

static int init(struct host *h)
{
	return run(h, (const char *const[]){ h->program, "--metadata-dir", h->metadata, "init",
					     h->root, NULL });
}

static int refresh(struct host *h)
{
	return run(h, (const char *const[]){ h->program, "--metadata-url", h->server.url,
					     "--metadata-dir", h->metadata, "refresh", NULL });
}

static int download(struct host *h, const char *target)
{
	return run(h, (const char *const[]){ h->program, "--metadata-url", h->server.url,
					     "--metadata-dir", h->metadata, "--target-name", target,
					     "--target-dir", h->targets, "--target-base-url",
					     h->base, "download", NULL });
}

static size_t count_files(const char *dir)
{
	_cleanup_(closedirp) DIR *d = opendir(dir);
	const struct dirent *e;
	size_t n = 0;

	EXPECT(d);
	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	return n;
}

static void expect_file(const char *dir, const char *name, const char *want)
{
	_cleanup_(freep) char *path = path_join(dir, name);
	_cleanup_(buf_free) struct buf bytes = { 0 };
	struct oak_error err;

	EXPECT(file_read(AT_FDCWD, path, 1u << 20, &bytes, &err) == 0);
	EXPECT_STR(buf_str(&bytes), want);
}

TEST(a_host_begins_and_refreshes)
{
	struct host h;

	host_new(&h);
	EXPECT(refresh(&h) == 1 && strstr(h.said, "no repository is trusted yet"));
	EXPECT_STR(buf_str(&h.sim.log), "");
	EXPECT(init(&h) == 0);
	EXPECT(refresh(&h) == 0);
	EXPECT_STR(h.said, "");
	EXPECT_STR(buf_str(&h.sim.log), "2.root.json timestamp.json 1.snapshot.json "
					"1.targets.json");
	EXPECT(count_files(h.metadata) == 4);
	expect_file(h.metadata, "timestamp.json", buf_str(sim_served(&h.sim, "timestamp.json")));
	expect_file(h.metadata, "targets.json", buf_str(sim_served(&h.sim, "1.targets.json")));
	host_free(&h);
}

TEST(a_bad_first_root_is_refused_without_a_request)
{
	static const struct {
		const char *name, *text, *want_msg;
	} cases[] = {
		{ "not JSON", "x", "oakum-tuf: root.json: line 1: " },
		{ "no version",
		  "{\"signatures\":[],\"signed\":{\"_type\":\"root\",\"spec_version\":\"1.0\"}}",
		  "oakum-tuf: root.json: version: not a number from 1 up" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct oak_error err;
		struct host h;

		test_case = cases[i].name;
		host_new(&h);
		EXPECT(file_write(AT_FDCWD, h.root, cases[i].text, strlen(cases[i].text), 0644,
				  &err) == 0);
		EXPECT(init(&h) == 1);
		EXPECT_CONTAINS(h.said, cases[i].want_msg);
		EXPECT(refresh(&h) == 1);
		EXPECT_STR(buf_str(&h.sim.log), "");
		host_free(&h);
	}
}

TEST(targets_are_stored_under_safe_names)
{
	struct host h;

	host_new(&h);
	EXPECT(init(&h) == 0);
	sim_target(&h.sim, "targets", "file.txt", "plain");
	sim_target(&h.sim, "targets", "path/to/a file", "deep");
	sim_target(&h.sim, "targets", ".hidden", "seen");
	sim_publish(&h.sim);
	EXPECT(download(&h, "file.txt") == 0);
	EXPECT(download(&h, "path/to/a file") == 0);
	EXPECT(download(&h, ".hidden") == 0);
	expect_file(h.targets, "file.txt", "plain");
	expect_file(h.targets, "path%2Fto%2Fa%20file", "deep");
	expect_file(h.targets, "%2Ehidden", "seen");
	EXPECT(count_files(h.targets) == 3);
	EXPECT(download(&h, "nobody") == 1);
	EXPECT_STR(h.said, "oakum-tuf: nobody: no such target");
	host_free(&h);
}

/* What is there and right is not asked for; what is not is, and replaced only by what is right. */
TEST(a_target_is_cached_and_never_replaced_by_a_wrong_one)
{
	const char *path = NULL;
	struct host h;

	host_new(&h);
	EXPECT(init(&h) == 0);
	sim_target(&h.sim, "targets", "file", "one");
	sim_publish(&h.sim);
	EXPECT(download(&h, "file") == 0);
	EXPECT_CONTAINS(buf_str(&h.sim.log), "targets/");
	EXPECT(download(&h, "file") == 0);
	EXPECT_STR(buf_str(&h.sim.log), "2.root.json timestamp.json");
	sim_target(&h.sim, "targets", "file", "two");
	sim_publish(&h.sim);
	for (size_t i = 0; i < h.sim.n_files; i++)
		if (strncmp(h.sim.files[i].path, "targets/", 8) == 0)
			path = h.sim.files[i].path; /* the last: of "two" */
	EXPECT(path);
	sim_serve(&h.sim, path, "bad", 3);
	EXPECT(download(&h, "file") == 1);
	EXPECT_STR(h.said, "oakum-tuf: file: sha256 does not match targets.json");
	expect_file(h.targets, "file", "one");
	sim_serve(&h.sim, path, "two", 3);
	EXPECT(download(&h, "file") == 0);
	expect_file(h.targets, "file", "two");
	EXPECT(count_files(h.targets) == 1);
	host_free(&h);
}

/* The names that the conformance tests try: one request each, quoted, and a fifth file. */
TEST(names_of_roles_are_quoted)
{
	static const struct {
		const char *role, *asked, *stored;
	} cases[] = {
		{ "?", "1.%3F.json", "%3F.json" },
		{ "#", "1.%23.json", "%23.json" },
		{ "/delegatedrole", "1.%2Fdelegatedrole.json", "%2Fdelegatedrole.json" },
		{ "../delegatedrole", "1...%2Fdelegatedrole.json", "%2E.%2Fdelegatedrole.json" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct host h;

		test_case = cases[i].role;
		host_new(&h);
		sim_delegate(&h.sim, "targets", cases[i].role, &(struct sim_delegation){ 0 });
		sim_publish(&h.sim);
		EXPECT(init(&h) == 0);
		EXPECT(download(&h, "nonexistent target") == 1);
		EXPECT_STR(sim_log_delegated(&h.sim), cases[i].asked);
		EXPECT(count_files(h.metadata) == 5);
		expect_file(h.metadata, cases[i].stored,
			    buf_str(sim_served(&h.sim, cases[i].asked)));
		host_free(&h);
	}
}

/* Files of other repositories: keyids of any kind, members that nobody knows. */
TEST(keyids_of_any_kind_are_taken)
{
	struct host h;
	json_t *key;

	host_new(&h);
	EXPECT(init(&h) == 0);
	/* The keyid was the hash of the key, before somebody added this. */
	key = json_object_get(json_object_get(sim_role(&h.sim, "root"), "keys"),
			      tuf_key_id(sim_key('2')));
	EXPECT(json_object_set_new(key, "keyid_hash_algorithms", json_pack("[s]", "md5")) == 0);
	sim_bump(&h.sim, "root");
	sim_publish(&h.sim);
	EXPECT(refresh(&h) == 0);
	EXPECT_STR(h.said, "");
	expect_file(h.metadata, "root.json", buf_str(sim_served(&h.sim, "2.root.json")));
	host_free(&h);
}

TEST(what_is_missing_is_said)
{
	struct host h;

	host_new(&h);
	EXPECT(run(&h, (const char *const[]){ h.program, "refresh", NULL }) == 1);
	EXPECT_STR(h.said, "oakum-tuf: --metadata-dir is required");
	EXPECT(run(&h, (const char *const[]){ h.program, "--metadata-dir", h.metadata, "refresh",
					      NULL }) == 1);
	EXPECT_STR(h.said, "oakum-tuf: --metadata-url is required");
	EXPECT(run(&h, (const char *const[]){ h.program, "--metadata-dir", h.metadata, "fly",
					      NULL }) == 1);
	EXPECT_STR(h.said, "oakum-tuf: unknown verb 'fly'; one of init, refresh, download");
	host_free(&h);
}
