/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-tree.h"

#include <sys/stat.h>

#include "host/journal.h"

/* One line of the journal; what a test does not care for is the same everywhere. */
#define AT(boot, by, level, step)                                                                  \
	"time=2026-11-23T20:15:03Z boot=" boot " kernel=" FAKE_BUILD_ID " by=" by " level=" #level \
	" step=" step "\n"

static struct journal_view fold(const char *text)
{
	struct journal_view v;

	journal_fold(text, strlen(text), FAKE_BUILD_ID, &v);
	return v;
}

TEST(an_empty_journal_says_nothing)
{
	struct journal_view v = fold("");
	const char *step = NULL;

	EXPECT(v.level == 0 && v.n_settled == 0 && v.n_quarantined == 0);
	EXPECT(journal_crashed(&v, "a", &step) == 0);
	EXPECT(journal_last_settled(&v) == 0);
}

TEST(the_machine_died_is_told_from_the_process_died)
{
	static const struct {
		const char *what, *text;
		uint32_t crashed;
		const char *step;
	} rows[] = {
		{ "in load", AT("a", "agent", 3, "load"), 3, "load" },
		{ "in the transition",
		  AT("a", "agent", 3, "load") AT("a", "agent", 3, "transition"), 3, "transition" },
		{ "in soak", AT("a", "agent", 3, "transition") AT("a", "agent", 3, "applied"), 3,
		  "soak" },
		{ "after soak", AT("a", "agent", 3, "applied") AT("a", "agent", 3, "settled"), 0,
		  NULL },
		{ "in soak, but in order",
		  AT("a", "agent", 3, "applied") AT("a", "boot", 0, "stopping"), 0, NULL },
		{ "in order, of another boot",
		  AT("0", "boot", 0, "stopping") AT("a", "agent", 3, "applied"), 3, "soak" },
		{ "in this boot", AT("b", "agent", 3, "load"), 0, NULL },
		{ "while it was taken back",
		  AT("a", "agent", 3, "applied") AT("a", "hand", 3, "revert"), 0, NULL },
		{ "after it failed", AT("a", "agent", 3, "load") AT("a", "agent", 3, "failed"), 0,
		  NULL },
		{ "with a level settled long ago, loaded at boot",
		  AT("0", "agent", 3, "settled") AT("a", "boot", 3, "load"), 3, "load" },
		{ "later, with that level",
		  AT("0", "agent", 3, "settled") AT("a", "boot", 3, "load")
			  AT("a", "boot", 3, "applied"),
		  0, NULL },
		{ "already known", AT("a", "agent", 3, "applied") AT("b", "boot", 3, "quarantined"),
		  0, NULL },
		{ "the module of another level was unloaded last",
		  AT("a", "agent", 3, "applied") AT("a", "agent", 2, "unload")
			  AT("a", "agent", 2, "unloaded"),
		  3, "soak" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct journal_view v = fold(rows[i].text);
		const char *step = NULL;

		test_case = rows[i].what;
		EXPECT(journal_crashed(&v, "b", &step) == rows[i].crashed);
		EXPECT(rows[i].step ? step && strcmp(step, rows[i].step) == 0 : !step);
	}
}

TEST(the_level_for_the_boot)
{
	static const struct {
		const char *what, *text;
		uint32_t level;
	} rows[] = {
		{ "the last settled", AT("a", "agent", 1, "settled") AT("a", "agent", 2, "settled"),
		  2 },
		{ "not the one that hurt, but the one before",
		  AT("a", "agent", 1, "settled") AT("a", "agent", 2, "settled")
			  AT("b", "boot", 2, "quarantined"),
		  1 },
		{ "not one that soaks",
		  AT("a", "agent", 1, "settled") AT("a", "agent", 2, "applied"), 1 },
		{ "none that was taken back by hand",
		  AT("a", "agent", 1, "settled") AT("a", "hand", 1, "revert"), 0 },
		{ "nor by the agent, for it was withdrawn",
		  AT("a", "agent", 1, "settled") AT("a", "agent", 1, "revert"), 0 },
		{ "a transition that was turned round is no such wish",
		  AT("a", "agent", 1, "settled") AT("b", "boot", 1, "transition")
			  AT("b", "boot", 1, "revert") AT("b", "boot", 1, "reverted"),
		  1 },
		{ "another kernel's do not count",
		  "time=2026-11-23T20:15:03Z boot=a kernel=ff by=agent level=9 step=settled\n", 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct journal_view v = fold(rows[i].text);

		test_case = rows[i].what;
		EXPECT(journal_last_settled(&v) == rows[i].level);
	}
}

TEST(a_hand_that_takes_back_is_remembered_until_one_applies)
{
	struct journal_view v = fold(AT("a", "hand", 4, "applied") AT("a", "hand", 4, "revert")
					     AT("a", "hand", 4, "reverted"));

	EXPECT(v.reverted_by_hand == 4);
	v = fold(AT("a", "hand", 4, "revert") AT("a", "hand", 4, "reverted")
			 AT("a", "hand", 4, "applied"));
	EXPECT(v.reverted_by_hand == 0);
	/* It stalled: nobody wanted it away. */
	v = fold(AT("a", "hand", 4, "transition") AT("a", "hand", 4, "revert"));
	EXPECT(v.reverted_by_hand == 0);
	v = fold(AT("a", "guard", 4, "revert") AT("a", "guard", 4, "reverted"));
	EXPECT(v.reverted_by_hand == 0);
}

TEST(reasons_are_kept_and_lifted)
{
	_cleanup_(closep) int root = tree_new_host();
	const struct journal j = {
		.root = root, .boot_id = "b", .build_id = FAKE_BUILD_ID, .by = JOURNAL_BY_GUARD
	};
	struct oak_error err = { .code = OAK_OK };
	struct journal_view v;

	EXPECT(journal_write(&j, 5, JOURNAL_QUARANTINED, "Oops: 0000 [#1]\nin f why=\x1b[1m",
			     &err) == 0);
	EXPECT(journal_read(root, FAKE_BUILD_ID, &v, &err) == 0);
	EXPECT(v.n_quarantined == 1);
	EXPECT_STR(journal_quarantine(&v, 5)->why, "Oops: 0000 [#1] in f why= [1m");
	EXPECT(journal_quarantine(&v, 5)->at_s > 1700000000);
	EXPECT(!journal_quarantine(&v, 6));
	EXPECT(journal_write(&j, 5, JOURNAL_RELEASED, NULL, &err) == 0);
	EXPECT(journal_read(root, FAKE_BUILD_ID, &v, &err) == 0);
	EXPECT(v.n_quarantined == 0);
}

TEST(hostile_lines_are_passed_over)
{
	static const char text[] =
		"\n\n=\nstep=load\ntime=x boot=a kernel=" FAKE_BUILD_ID " level=1 step=load\n"
		"time=2026-11-23T20:15:03Z boot=a kernel=" FAKE_BUILD_ID
		" level=99999999999 step=load\n"
		"time=2026-11-23T20:15:03Z boot=a kernel=" FAKE_BUILD_ID " level=1 step=explode\n"
		"boot=0123456789012345678901234567890123456789 kernel=" FAKE_BUILD_ID
		" level=1 step=load\n" AT(
			"a", "agent", 2,
			"settled") "time=2026-11-23T20:15:03Z boot=a kernel=" FAKE_BUILD_ID
				   " new=1 level=3 step=settled\n"
				   /* cut by a crash: not a whole line */
				   "time=2026-11-23T20:15:03Z boot=a kernel=" FAKE_BUILD_ID
				   " level=4 step=settled";
	struct journal_view v = fold(text);

	EXPECT(v.level == 0);
	EXPECT(v.n_settled == 2);
	EXPECT(journal_last_settled(&v) == 3);
}

TEST(only_the_newest_marks_are_kept)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct journal_view v;

	for (unsigned i = 1; i <= JOURNAL_KEPT_MAX + 10; i++)
		EXPECT(buf_printf(&text, "boot=a kernel=" FAKE_BUILD_ID " level=%u step=settled\n",
				  i) == 0);
	v = fold(buf_str(&text));
	EXPECT(v.n_settled == JOURNAL_KEPT_MAX);
	EXPECT(v.settled[0].level == 11);
	EXPECT(journal_last_settled(&v) == JOURNAL_KEPT_MAX + 10);
}

TEST(compacting_keeps_what_decides)
{
	_cleanup_(closep) int root = tree_new_host();
	const struct journal j = {
		.root = root, .boot_id = "b", .build_id = FAKE_BUILD_ID, .by = JOURNAL_BY_AGENT
	};
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err = { .code = OAK_OK };
	struct journal_view v;

	EXPECT(journal_write(&j, 1, JOURNAL_SETTLED, NULL, &err) == 0);
	EXPECT(journal_write(&j, 2, JOURNAL_QUARANTINED, "it hurt", &err) == 0);
	for (int i = 0; i < 100; i++)
		EXPECT(journal_write(&j, 3, JOURNAL_LOAD, NULL, &err) == 0);
	EXPECT(journal_write(&j, 3, JOURNAL_APPLIED, NULL, &err) == 0);
	EXPECT(journal_compact(root, 1u << 20, &err) == 0);
	EXPECT(file_read(root, JOURNAL_PATH, 1u << 20, &text, &err) == 0);
	EXPECT(text.len > 10000);
	EXPECT(journal_compact(root, 4096, &err) == 0);
	buf_free(&text);
	EXPECT(file_read(root, JOURNAL_PATH, 1u << 20, &text, &err) == 0);
	EXPECT(text.len < 4096);
	EXPECT(journal_read(root, FAKE_BUILD_ID, &v, &err) == 0);
	EXPECT(journal_last_settled(&v) == 1);
	EXPECT_STR(journal_quarantine(&v, 2)->why, "it hurt");
	EXPECT(v.level == 3 && v.step == JOURNAL_APPLIED);
}

/* On a full disk the lines that decide after a crash still find room. */
TEST(a_reserve_lies_behind_the_end)
{
	_cleanup_(closep) int root = tree_new_host();
	const struct journal j = {
		.root = root, .boot_id = "b", .build_id = FAKE_BUILD_ID, .by = JOURNAL_BY_AGENT
	};
	struct oak_error err = { .code = OAK_OK };
	struct stat st;

	EXPECT(journal_write(&j, 1, JOURNAL_LOAD, NULL, &err) == 0);
	EXPECT(fstatat(root, JOURNAL_PATH, &st, 0) == 0);
	EXPECT(st.st_size < 1024 && st.st_blocks * 512 >= 32768);
}
