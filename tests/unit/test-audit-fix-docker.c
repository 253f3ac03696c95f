/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fixes in docker's settings; hands that come between; files that are not what they seem. */
#include <errno.h>
#include <unistd.h>

#include "audit-fixture.h"
#include "audit/fix/apply.h"
#include "audit/fix/outputs.h"
#include "fake-docker.h"

/* The check alone, asked for by its id. */
static void audit_id(int root, const char *id, struct audit *a, struct fix_plan *ret)
{
	const char *const only[] = { id, NULL };
	const struct audit_options opt = { .only = only, .now = AUDIT_NOW };
	const struct fix_options fix = { .only = only, .least = AUDIT_LOW };
	struct oak_error err;

	EXPECT(audit_run(root, &opt, a, &err) == 0);
	EXPECT(fix_plan_make(a, &fix, ret, &err) == 0);
}

static int apply(int root, const struct fix_plan *p, struct oak_error *err)
{
	const struct fix_doing d = { .root = root, .now_s = AUDIT_NOW };

	return fix_apply(&d, p, err);
}

static int undo(int root, struct oak_error *err)
{
	const struct fix_doing d = { .root = root };

	return fix_undo(&d, err);
}

static void expect_text(int root, const char *path, const char *want)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err;

	EXPECT(file_read(root, path, 4u << 20, &text, &err) == 0);
	EXPECT_STR(buf_str(&text), want);
}

static void expect_left(int root, const char *id, const char *reason)
{
	_cleanup_(fix_plan_clear) struct fix_plan p = { .n = 0 };
	_cleanup_(audit_clear) struct audit a = { .n = 0 };

	test_case = reason;
	audit_id(root, id, &a, &p);
	EXPECT(p.n == 0 && p.n_left == 1);
	EXPECT_STR(fix_left_why_name(p.left[0].why), "by hand");
	EXPECT_STR(p.left[0].reason, reason);
	test_case = NULL;
}

#define RESTART "systemctl restart docker, which stops containers unless live-restore is in force"
#define RELOAD  "systemctl reload docker"

TEST(keys_are_merged)
{
	static const struct {
		const char *id, *before, *after, *needs;
	} cases[] = {
		{ "2.2", "{}\n", "{\n    \"icc\": false\n}\n", RESTART },
		{ "2.2", NULL, "{\n    \"icc\": false\n}\n", RESTART },
		{ "2.3", "{\n  \"z\": 1,\n  \"log-level\": \"debug\",\n  \"a\": [2, 1]\n}",
		  "{\n  \"z\": 1,\n  \"log-level\": \"info\",\n  \"a\": [\n    2,\n    1\n  ]\n}\n",
		  RESTART },
		{ "2.4", "{\"iptables\": false, \"b\": true}\n", "{\n    \"b\": true\n}\n",
		  RESTART },
		{ "2.14", "{\n\t\"x\": 0.5\n}\n",
		  "{\n    \"x\": 0.5,\n    \"no-new-privileges\": true\n}\n", RESTART },
		{ "2.15", "{\n \"x\": \"\xc3\xa9\"\n}\n",
		  "{\n \"x\": \"\xc3\xa9\",\n \"live-restore\": true\n}\n", RELOAD },
		{ "2.16", "{}", "{\n    \"userland-proxy\": false\n}\n", RESTART },
		{ "2.17", "{\"seccomp-profile\": \"unconfined\"}\n", "{}\n", RESTART },
		{ "2.18", "{\"experimental\": true}\n", "{}\n", RESTART },
		{ "C.2", "{\"disable-legacy-registry\": false}\n", "{}\n", RESTART },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(closep) int root = docker_new("", cases[i].before);
		_cleanup_(fix_plan_clear) struct fix_plan p = { .n = 0 };
		_cleanup_(audit_clear) struct audit a = { .n = 0 };
		struct oak_error err = { .code = OAK_OK };
		struct stat st;

		test_case = cases[i].id;
		EXPECT(dir_make(root, "etc/docker", &err) == 0);
		if (cases[i].before)
			EXPECT(fchmodat(root, DAEMON_JSON, 0640, 0) == 0);
		audit_id(root, cases[i].id, &a, &p);
		EXPECT(p.n == 1);
		EXPECT_STR(p.changes[0].needs, cases[i].needs);
		EXPECT(apply(root, &p, &err) == 0);
		expect_text(root, DAEMON_JSON, cases[i].after);
		EXPECT(fstatat(root, DAEMON_JSON, &st, 0) == 0);
		EXPECT((st.st_mode & 07777) == (cases[i].before ? 0640 : 0644));
		expect_verdict(root, cases[i].id, AUDIT_PASS);
		EXPECT(undo(root, &err) == 0);
		if (cases[i].before)
			expect_text(root, DAEMON_JSON, cases[i].before);
		EXPECT(file_exists(root, DAEMON_JSON) == (cases[i].before != NULL));
		if (cases[i].before)
			EXPECT(fstatat(root, DAEMON_JSON, &st, 0) == 0 &&
			       (st.st_mode & 07777) == 0640);
	}
	test_case = NULL;
}

/* Several keys and the mode of one file at once. */
TEST(all_of_a_file_at_once)
{
	static const char settings[] = "{\"log-level\": \"debug\"}\n";
	static const char *const only[] = { "docker-daemon", "3.17", "3.18", NULL };
	const struct audit_options opt = { .only = only, .now = AUDIT_NOW };
	const struct fix_options fix = { .only = only, .least = AUDIT_LOW };
	_cleanup_(closep) int root = docker_new("", settings);
	_cleanup_(fix_plan_clear) struct fix_plan p = { .n = 0 };
	_cleanup_(audit_clear) struct audit a = { .n = 0 };
	struct oak_error err;
	bool own = geteuid() == 0;
	struct stat st;

	EXPECT(fchmodat(root, DAEMON_JSON, 0666, 0) == 0);
	if (own)
		EXPECT(fchownat(root, DAEMON_JSON, 12, 34, 0) == 0);
	EXPECT(audit_run(root, &opt, &a, &err) == 0);
	EXPECT(fix_plan_make(&a, &fix, &p, &err) == 0);
	EXPECT(p.n == 2 && p.changes[0].kind == FIX_TEXT && p.changes[1].kind == FIX_ATTR);
	EXPECT_STR(buf_str(&p.changes[0].ids), "2.3 2.15");
	EXPECT_STR(buf_str(&p.changes[1].ids), own ? "3.17 3.18" : "3.18");
	EXPECT(apply(root, &p, &err) == 0);
	expect_text(root, DAEMON_JSON,
		    "{\n    \"log-level\": \"info\",\n    \"live-restore\": true\n}\n");
	EXPECT(fstatat(root, DAEMON_JSON, &st, 0) == 0);
	EXPECT((st.st_mode & 07777) == 0644);
	EXPECT(!own || (st.st_uid == 0 && st.st_gid == 0));
	EXPECT(undo(root, &err) == 0);
	expect_text(root, DAEMON_JSON, settings);
	EXPECT(fstatat(root, DAEMON_JSON, &st, 0) == 0);
	EXPECT((st.st_mode & 07777) == 0666);
	EXPECT(!own || (st.st_uid == 12 && st.st_gid == 34));
}

/* One that may be merged but for one thing. */
static int new_host(const char *argv)
{
	return docker_new(argv, "{\"log-level\": \"debug\"}\n");
}

TEST(settings_that_must_not_be_written_are_left)
{
	_cleanup_(closep) int root = new_host("");

	EXPECT(renameat(root, DAEMON_JSON, root, "etc/docker/real.json") == 0);
	EXPECT(symlinkat("real.json", root, DAEMON_JSON) == 0);
	expect_left(root, "2.3",
		    "/etc/docker/daemon.json: it is a link: what it leads to may belong to another");
	EXPECT(unlinkat(root, DAEMON_JSON, 0) == 0);
	EXPECT(linkat(root, "etc/docker/real.json", root, DAEMON_JSON, 0) == 0);
	expect_left(root, "2.3",
		    "/etc/docker/daemon.json: it has several names: another file would change with "
		    "it");
	EXPECT(unlinkat(root, "etc/docker/real.json", 0) == 0);
	/* dockerd: "You specified --iptables=false with --icc=false." */
	tree_put(root, DAEMON_JSON, "{\"iptables\": false}\n");
	expect_left(root, "2.2", "dockerd does not start so without its firewall: see 2.4");
	tree_put(root, DAEMON_JSON, "[]\n");
	expect_left(root, "2.15",
		    "the settings of docker are not an object of JSON: mend them first");
	tree_drop(root, "etc/docker");
	expect_left(root, "2.15", "the folder of /etc/docker/daemon.json is not here");
}

TEST(settings_of_another_place_are_left)
{
	_cleanup_(closep) int argument = new_host("--icc=true");
	_cleanup_(closep) int still = -1, rootless = -1, upwards = -1;

	expect_left(argument, "2.2",
		    "dockerd has it as an argument, and does not start with both: change its unit");
	still = new_host("");
	tree_drop(still, "proc/100");
	expect_left(still, "2.3", "dockerd does not run, and what its unit gives it is not known");
	rootless = new_host("");
	tree_put(rootless, "proc/100/status", "Name:\tx\nUid:\t1000\t1000\t1000\t1000\n");
	expect_left(rootless, "2.3", "docker runs without root: its settings are its user's");
	upwards = new_host("--config-file\n/etc/docker/../docker/daemon.json");
	expect_left(upwards, "2.3",
		    "/etc/docker/../docker/daemon.json: its path does not begin at the root, or "
		    "leads upwards");
}

/* Nothing of them is taken for settings, nothing waits, nothing is written. */
TEST(settings_that_cannot_be_read_are_told)
{
	_cleanup_(freep) char *deep = malloc(400001), *large = malloc(DOCKER_JSON_MAX + 100);
	_cleanup_(closep) int root = new_host("");

	EXPECT(deep && large);
	memset(deep, '[', 400000);
	deep[400000] = '\0';
	memset(large, ' ', DOCKER_JSON_MAX + 99);
	memcpy(large, "{}", 2);
	large[DOCKER_JSON_MAX + 99] = '\0';
	for (int i = 0; i < 6; i++) {
		_cleanup_(fix_plan_clear) struct fix_plan p = { .n = 0 };
		_cleanup_(audit_clear) struct audit a = { .n = 0 };

		tree_drop(root, DAEMON_JSON);
		switch (i) {
		case 0:
			tree_put(root, DAEMON_JSON, deep);
			break;
		case 1:
			tree_put(root, DAEMON_JSON, large);
			break;
		case 2:
			EXPECT(mkfifoat(root, DAEMON_JSON, 0644) == 0);
			break;
		case 3:
			EXPECT(mkdirat(root, DAEMON_JSON, 0755) == 0);
			break;
		case 4:
			tree_put(root, DAEMON_JSON, "{\"a\": 1, \"a\": 2}");
			break;
		default:
			tree_put_bytes(root, DAEMON_JSON, "{\"a\": \"\xff\"}", 10);
		}
		audit_id(root, "2.15", &a, &p);
		EXPECT(p.n == 0 && p.n_left == 1);
		EXPECT_STR(fix_left_why_name(p.left[0].why), "unknown");
		EXPECT_STR(p.left[0].reason,
			   "/etc/docker/daemon.json: cannot be read, or is not JSON");
	}
}

TEST(another_hand_is_not_overwritten)
{
	_cleanup_(closep) int root = new_host("");
	_cleanup_(fix_plan_clear) struct fix_plan p = { .n = 0 };
	_cleanup_(audit_clear) struct audit a = { .n = 0 };
	struct oak_error err = { .code = OAK_OK };

	audit_id(root, "2.3", &a, &p);
	tree_put(root, DAEMON_JSON, "{\"log-level\": \"error\"}\n");
	EXPECT(apply(root, &p, &err) == -OAK_E_REFUSED);
	EXPECT_STR(err.msg,
		   "/etc/docker/daemon.json was changed since the plan was made: make it anew");
	EXPECT(!file_exists(root, FIX_UNDO_PATH));
	tree_put(root, DAEMON_JSON, "{\"log-level\": \"debug\"}\n");
	EXPECT(apply(root, &p, &err) == 0);
	tree_put(root, DAEMON_JSON, "{\"mine\": 1}\n");
	EXPECT(undo(root, &err) == -OAK_E_REFUSED);
	EXPECT_STR(err.msg,
		   "/etc/docker/daemon.json was changed since by another hand: look at it, and put "
		   "back by hand what /" FIX_UNDO_PATH " has");
	expect_text(root, DAEMON_JSON, "{\"mine\": 1}\n");
	/* As it was before: somebody did it already. */
	tree_put(root, DAEMON_JSON, "{\"log-level\": \"debug\"}\n");
	EXPECT(undo(root, &err) == 0);
	EXPECT(!file_exists(root, FIX_UNDO_PATH));
}

/* A link that takes the file's place while nobody looks leads nowhere. */
TEST(a_link_that_comes_later_is_not_followed)
{
	_cleanup_(closep) int root = new_host("");
	_cleanup_(fix_plan_clear) struct fix_plan text = { .n = 0 }, mode = { .n = 0 };
	_cleanup_(audit_clear) struct audit a = { .n = 0 }, b = { .n = 0 };
	struct oak_error err = { .code = OAK_OK };
	struct stat st;

	EXPECT(fchmodat(root, DAEMON_JSON, 0666, 0) == 0);
	audit_id(root, "2.3", &a, &text);
	audit_id(root, "3.18", &b, &mode);
	EXPECT(text.n == 1 && mode.n == 1);
	EXPECT(renameat(root, DAEMON_JSON, root, "etc/secret") == 0);
	EXPECT(symlinkat("../secret", root, DAEMON_JSON) == 0);
	EXPECT(apply(root, &text, &err) == -OAK_E_IO);
	EXPECT_STR(err.msg, "/etc/docker/daemon.json: it is a link: what it leads to may belong to "
			    "another");
	EXPECT(apply(root, &mode, &err) == -OAK_E_IO);
	EXPECT(fstatat(root, "etc/secret", &st, 0) == 0 && (st.st_mode & 07777) == 0666);
	expect_text(root, "etc/secret", "{\"log-level\": \"debug\"}\n");
}

/* The same host, the same plan; another state, another. */
TEST(a_plan_is_known_by_its_id)
{
	_cleanup_(closep) int root = new_host("");
	char ids[3][FIX_ID_MAX];

	for (int i = 0; i < 3; i++) {
		_cleanup_(fix_plan_clear) struct fix_plan p = { .n = 0 };
		_cleanup_(audit_clear) struct audit a = { .n = 0 };

		if (i == 2)
			tree_put(root, DAEMON_JSON, "{\"log-level\": \"error\"}\n");
		audit_id(root, "2.3", &a, &p);
		memcpy(ids[i], p.id, sizeof(ids[i]));
	}
	EXPECT_STR(ids[1], ids[0]);
	EXPECT(strcmp(ids[2], ids[0]) != 0);
}

/* What the record names is looked at like all that comes from outside. */
TEST(a_record_that_is_none_changes_nothing)
{
	static const struct {
		const char *text, *msg;
	} cases[] = {
		{ "{\"applied\": 1}", "/" FIX_UNDO_PATH ": no list of what was applied" },
		{ "{\"applied\": [{\"changes\": [{\"kind\": \"value\", \"path\": \"/etc/passwd\", "
		  "\"before\": \"x\", \"after\": \"y\"}]}]}",
		  "/" FIX_UNDO_PATH ": a change of it is not one" },
		{ "{\"applied\": [{\"changes\": [{\"kind\": \"value\", \"path\": "
		  "\"/proc/sys/../x\", \"before\": \"x\", \"after\": \"y\"}]}]}",
		  "/" FIX_UNDO_PATH ": a change of it is not one" },
		{ "{\"applied\": [{\"changes\": [{\"kind\": \"attributes\", \"path\": \"/etc/x\", "
		  "\"was\": [-1, 0, 0], \"will\": [0, 0, 0]}]}]}",
		  "/" FIX_UNDO_PATH ": a change of it is not one" },
		{ "{\"applied\": [{\"changes\": [{\"kind\": \"text\", \"path\": \"/etc/x\"}]}]}",
		  "/" FIX_UNDO_PATH ": a change of it is not one" },
		{ "{\"applied\": [{\"changes\": [7]}]}",
		  "/" FIX_UNDO_PATH ": a change of it is not one" },
	};
	_cleanup_(closep) int root = tree_new_host();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].text;
		tree_put(root, FIX_UNDO_PATH, cases[i].text);
		EXPECT(undo(root, &err) == -OAK_E_FORMAT);
		EXPECT_STR(err.msg, cases[i].msg);
	}
	test_case = NULL;
}

/* A path that an engine's settings name ends no quotes. */
TEST(paths_are_quoted)
{
	static const char name[] = "pki/a'b \"c\\\n$(x)`y`{{ z }}";
	_cleanup_(closep) int root =
		docker_new("", "{\"tlscacert\": \"/pki/a'b \\\"c\\\\\\n$(x)`y`{{ z }}\"}\n");
	_cleanup_(fix_plan_clear) struct fix_plan p = { .n = 0 };
	_cleanup_(audit_clear) struct audit a = { .n = 0 };
	_cleanup_(buf_free) struct buf script = { 0 }, tasks = { 0 };
	struct oak_error err;

	tree_put(root, name, "x");
	EXPECT(fchmodat(root, name, 0777, 0) == 0);
	audit_id(root, "3.10", &a, &p);
	EXPECT(p.n == 1);
	EXPECT(fix_script(&p, &script, &err) == 0);
	EXPECT(strstr(buf_str(&script), "'/pki/a'\\''b \"c\\\n$(x)`y`{{ z }}' '777 "));
	EXPECT(fix_ansible(&p, &tasks, &err) == 0);
	EXPECT(strstr(buf_str(&tasks),
		      "oakum_path: !unsafe \"/pki/a'b \\\"c\\\\\\n$(x)`y`{{ z }}\"\n"));
	EXPECT(strstr(buf_str(&tasks), "name: \"Owner and mode of /pki/a'b ?c??$(x)`y`?? z ??, "));
	EXPECT(apply(root, &p, &err) == 0);
	expect_verdict(root, "3.10", AUDIT_PASS);
	EXPECT(undo(root, &err) == 0);
}
