/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The picture of a host: gathered of its kernel, journal, cache, news, report and processes. */
#include "fake-proc.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/control.h"
#include "agent/deed.h"
#include "agent/news.h"
#include "agent/picture.h"
#include "agent/state.h"
#include "fake-manifest.h"
#include "host/cache.h"
#include "host/journal.h"

#define BOOT "b8a7a2a4-0000-4000-8000-1234567890ab"
#define LINE(boot, what) \
	"time=2026-11-26T20:15:03Z boot=" boot " kernel=" FAKE_BUILD_ID " by=agent " what "\n"
#define AT_S INT64_C(1795724103) /* 2026-11-26T20:15:03Z */

static const char *root_path(void)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/root", test_dir());
	return path;
}

static void take(int root, struct picture *p)
{
	struct oak_error err = { .code = OAK_OK };

	if (picture_take(root, root_path(), p, &err) < 0)
		test_fail(err.msg, __FILE__, __LINE__);
}

static int new_host(void)
{
	int root = tree_new_host();
	struct oak_error err;

	EXPECT(dir_make(root, NEWS_DIR, &err) == 0 && dir_make(root, "run/oakum", &err) == 0);
	return root;
}

static void put_level(int root, uint32_t level)
{
	_cleanup_(manifest_freep) struct manifest *m = fake_manifest(
		&(struct fake_level){ .build_id = FAKE_BUILD_ID, .level = level, .module = "m" });
	char name[32];
	struct oak_error err;

	EXPECT(cache_store(root, m, "m", 1, &err) == 0);
	(void)snprintf(name, sizeof(name), "oakum_%u", level);
	tree_put_livepatch(root, name, "syscall_trace_enter,1", "1\n", "0\n");
}

TEST(picture_of_a_bare_host)
{
	_cleanup_(picture_clear) struct picture p = { 0 };
	_cleanup_(closep) int root = new_host();

	take(root, &p);
	EXPECT(!p.level && p.state == LEVEL_NONE && !p.manifest && !p.since && !p.settled);
	EXPECT(!p.checked && !p.tried && !p.n_withheld && !p.n_quarantine && !p.containers);
	EXPECT(!p.agent_runs && !p.switched_off && !p.last_failed);
	EXPECT_STR(p.last_result, "");
	EXPECT_STR(p.check_error, "");
	EXPECT_STR(p.settings_error, "");
}

TEST(picture_of_a_level)
{
	_cleanup_(picture_clear) struct picture p = { 0 };
	_cleanup_(closep) int root = new_host();

	put_level(root, 3);
	tree_put(root, JOURNAL_PATH,
		 LINE(BOOT, "level=3 step=load") LINE(BOOT, "level=3 step=applied")
			 LINE(BOOT, "level=3 step=settled"));
	take(root, &p);
	EXPECT(p.level && p.level->level == 3 && p.state == LEVEL_APPLIED && p.complete);
	EXPECT(p.manifest && p.since == AT_S && p.settled && p.applies == 1);
	/* One function of it is not redirected. */
	picture_clear(&p);
	tree_drop(root, "sys/kernel/livepatch/oakum_3/vmlinux/syscall_trace_enter,1");
	take(root, &p);
	EXPECT(p.level && p.manifest && !p.complete);
	/* Nor is its manifest there. */
	picture_clear(&p);
	tree_drop(root, CACHE_LEVELS_DIR);
	take(root, &p);
	EXPECT(p.level && !p.manifest && !p.complete);
}

/* A journal of another boot, or of another level, does not tell since when this one is there. */
TEST(picture_since_is_of_this_boot)
{
	static const char *const journals[] = {
		LINE("c8a7a2a4-0000-4000-8000-1234567890ab", "level=3 step=applied"),
		LINE(BOOT, "level=2 step=applied"),
		"nothing that could be read\n",
	};

	for (size_t i = 0; i < sizeof(journals) / sizeof(journals[0]); i++) {
		_cleanup_(picture_clear) struct picture p = { 0 };
		_cleanup_(closep) int root = new_host();

		test_case = journals[i];
		put_level(root, 3);
		tree_put(root, JOURNAL_PATH, journals[i]);
		take(root, &p);
		EXPECT(p.level && !p.since && !p.settled);
	}
}

TEST(picture_of_a_quarantine)
{
	_cleanup_(picture_clear) struct picture p = { 0 };
	_cleanup_(closep) int root = new_host();

	tree_put(root, JOURNAL_PATH,
		 LINE(BOOT, "level=3 step=applied")
			 LINE(BOOT, "level=3 step=quarantined why=oops: BUG: at f")
				 LINE(BOOT, "level=3 step=reverted"));
	take(root, &p);
	EXPECT(p.n_quarantine == 1 && p.quarantine[0].level == 3 && p.quarantine[0].at == AT_S);
	EXPECT_STR(p.quarantine[0].why, "oops: BUG: at f");
	EXPECT(p.applies == 1 && p.reverts == 1);
}

TEST(picture_of_news)
{
	_cleanup_(news_clear) struct news n = { .tried_s = 20, .checked_s = 10, .newest = 4 };
	_cleanup_(picture_clear) struct picture p = { 0 };
	_cleanup_(closep) int root = new_host();
	struct news_withheld *w;
	struct oak_error err;

	(void)snprintf(n.error, sizeof(n.error), "no route to host");
	w = news_withhold(&n, 4, 30, "delay");
	EXPECT(w && news_add_cve(w, "CVE-2026-1") == 0 && news_write(root, &n, &err) == 0);
	take(root, &p);
	EXPECT(p.tried == 20 && p.checked == 10 && p.newest == 4 && p.n_withheld == 1);
	EXPECT(p.withheld[0].level == 4 && p.withheld[0].until == 30 && p.withheld[0].n_cves == 1);
	EXPECT_STR(p.withheld[0].cves[0], "CVE-2026-1");
	EXPECT_STR(p.check_error, "no route to host");
	picture_clear(&p);
	tree_put(root, NEWS_PATH, "{}");
	take(root, &p);
	EXPECT(!p.checked && !p.n_withheld);
	EXPECT_STR(p.check_error, "news.json: not as the agent writes it");
}

TEST(picture_of_the_last_report)
{
	static const struct {
		const char *report, *want;
		bool failed;
	} cases[] = {
		{ "{\"level\":3,\"from\":2,\"done\":true}", "level 3 was applied", false },
		{ "{\"level\":0,\"from\":2,\"done\":true}", "level 2 was reverted", false },
		{ "{\"level\":3,\"error\":{\"message\":\"taken back\"}}", "taken back", true },
		{ "{\"level\":3,\"error\":5}", "failed", true },
		{ "{\"level\":\"3\"}", "", false },
		{ "{}", "", false },
		{ "[]", "", false },
		{ "not JSON", "", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(picture_clear) struct picture p = { 0 };
		_cleanup_(closep) int root = new_host();

		test_case = cases[i].report;
		tree_put(root, DEED_REPORT_PATH, cases[i].report);
		take(root, &p);
		EXPECT_STR(p.last_result, cases[i].want);
		EXPECT(p.last_failed == cases[i].failed);
	}
}

/* Began @after_s seconds after the level was applied. */
static void put_container(int root, int pid, const char *id, int64_t after_s)
{
	char cgroup[128], stat[256];

	(void)snprintf(cgroup, sizeof(cgroup), "0::/system.slice/docker-%s.scope\n", id);
	proc_new(root, pid, cgroup, "\t1");
	(void)snprintf(stat, sizeof(stat),
		       "%d (sh) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 %lld 5\n", pid,
		       (long long)(after_s + 1000) * sysconf(_SC_CLK_TCK));
	proc_put(root, pid, "stat", stat);
}

TEST(picture_counts_containers_that_were_not_restarted)
{
	_cleanup_(picture_clear) struct picture p = { 0 };
	_cleanup_(closep) int root = new_host();
	char stat[64];

	put_level(root, 3);
	tree_put(root, JOURNAL_PATH, LINE(BOOT, "level=3 step=applied"));
	(void)snprintf(stat, sizeof(stat), "cpu 1\nbtime %lld\n", (long long)(AT_S - 1000));
	tree_put(root, "proc/stat", stat);
	proc_new_host(root);
	put_container(root, 50, ID_A, -100);
	put_container(root, 51, ID_B, 0);
	put_container(root, 52, ID_C, 100);
	take(root, &p);
	EXPECT(p.containers == 3 && p.containers_unbroken == 2);
}

TEST(picture_of_switches_and_settings)
{
	_cleanup_(picture_clear) struct picture p = { 0 };
	_cleanup_(closep) int root = new_host();

	tree_put(root, "proc/cmdline", "quiet oakum=off\n");
	tree_put(root, SETTINGS_PATH, "no_such_key = 1\n");
	take(root, &p);
	EXPECT(p.switched_off);
	EXPECT_STR(p.switched, "the kernel command line says oakum=off");
	EXPECT_CONTAINS(p.settings_error, "oakum.conf:1: ");
}

/* What an agent left in its state is of no use when it has ended. */
TEST(picture_of_an_agent)
{
	struct state s = { .next = "settles level 3",
			   .next_at_s = 50,
			   .soak_level = 3,
			   .soak_until_s = 60,
			   .tried_s = 4000000000,
			   .error = "No space left on device" };
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	_cleanup_(picture_clear) struct picture p = { 0 };
	_cleanup_(closep) int root = new_host();
	struct oak_error err;

	put_level(root, 3);
	EXPECT(state_write(root, &s, &err) == 0);
	take(root, &p);
	EXPECT(!p.agent_runs && !p.next_at && !p.soak_until && !p.next[0]);
	picture_clear(&p);
	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%.80s/" CONTROL_SOCKET, root_path());
	EXPECT(bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 && listen(fd, 4) == 0);
	take(root, &p);
	EXPECT(p.agent_runs && p.next_at == 50 && p.soak_until == 60);
	EXPECT_STR(p.next, "settles level 3");
	EXPECT_STR(p.check_error, "No space left on device");
	EXPECT(p.tried == 4000000000);
	/* What the worker wrote down later is truer. */
	picture_clear(&p);
	s.tried_s = 1;
	EXPECT(state_write(root, &s, &err) == 0);
	tree_put(root, NEWS_PATH,
		 "{\"schema\": 1, \"tried\": 1795000000, \"checked\": 1795000000, \"error\": \"\", "
		 "\"expires\": 0, \"newest\": 0, \"no_level\": false, \"withheld\": []}");
	take(root, &p);
	EXPECT_STR(p.check_error, "");
}

TEST(picture_of_a_kernel_that_cannot_be_told)
{
	_cleanup_(closep) int root = new_host();
	struct picture p;
	struct oak_error err = { .code = OAK_OK };

	tree_put(root, "sys/kernel/notes", "garbage of a kernel");
	EXPECT(picture_take(root, root_path(), &p, &err) < 0 && err.msg[0]);
}
