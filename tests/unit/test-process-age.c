/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-tree.h"

#include <time.h>
#include <unistd.h>

#include "host/process-age.h"
#include "host/self.h"

#define ZEROS " S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18"

static int64_t started(const char *stat, const char *pid_stat)
{
	_cleanup_(closep) int root = tree_new();

	if (stat)
		tree_put(root, "proc/stat", stat);
	if (pid_stat)
		tree_put(root, "proc/42/stat", pid_stat);
	return process_started_s(root, 42);
}

TEST(process_age_of_a_fake)
{
	static const struct {
		const char *stat, *pid_stat;
		int64_t ticks; /* after the boot at 1000 s; -1: not known */
	} cases[] = {
		{ "cpu 1\nbtime 1000\n", "42 (sh)" ZEROS " 700 5\n", 700 },
		{ "cpu 1\nbtime 1000\n", "42 (a ) b (c)" ZEROS " 100 5\n", 100 },
		{ "cpu 1\nbtime 1000\n", "42 (sh)" ZEROS " 0 5\n", 0 },
		{ "cpu 1\nbtime 1000\n", "42 (sh)" ZEROS "\n", -1 },
		{ "cpu 1\nbtime 1000\n", "42 (sh) S\n", -1 },
		{ "cpu 1\nbtime 1000\n", "", -1 },
		{ "cpu 1\nbtime 1000\n", "nothing of the kind", -1 },
		{ "cpu 1\nbtime 1000\n", NULL, -1 },
		{ "cpu 1\nctime 1000\n", "42 (sh)" ZEROS " 700 5\n", -1 },
		{ NULL, "42 (sh)" ZEROS " 700 5\n", -1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t want = cases[i].ticks < 0 ? 0
						  : 1000 + cases[i].ticks / sysconf(_SC_CLK_TCK);

		test_case = cases[i].pid_stat;
		EXPECT(started(cases[i].stat, cases[i].pid_stat) == want);
	}
}

/* Rounded down twice, and this test has not run for a minute yet. */
TEST(process_age_of_ourselves)
{
	_cleanup_(closep) int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int64_t now = (int64_t)time(NULL), at = process_started_s(root, getpid());
	uint64_t a, b;
	char pid[16];

	EXPECT(at <= now + 2 && at > now - 600);
	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	EXPECT(process_start_ticks(root, "self", &a) && process_start_ticks(root, pid, &b) &&
	       a == b);
	EXPECT(self_age_ms(root) > 0 && self_age_ms(root) < 600e3);
}
