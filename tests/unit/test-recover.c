/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the journal says and what the kernel shows, and what is to be done then. */
#include "fake-tree.h"

#include "agent/recover.h"

#define BOOT  "b8a7a2a4-0000-4000-8000-1234567890ab"
#define OTHER "c8a7a2a4-0000-4000-8000-1234567890ab"

static const char *const names[] = {
	[RECOVER_NOTHING] = "nothing",        [RECOVER_QUARANTINE] = "quarantine",
	[RECOVER_NOTE_FAILED] = "failed",     [RECOVER_NOTE_APPLIED] = "applied",
	[RECOVER_NOTE_REVERTED] = "reverted", [RECOVER_WAIT] = "wait",
	[RECOVER_REVERT] = "revert",          [RECOVER_SOAK] = "soak",
};

static const struct row {
	const char *name;
	const char *journal; /* "boot by level step [why], ...": boot "here" or "before" */
	const char *kernel;  /* "level state ...": of each livepatch */
	const char *want;    /* "action level by [at]" */
} rows[] = {
	{ "nothing was ever done", "", "", "nothing 0 hand" },
	{ "a level by somebody's insmod", "", "1 applied", "nothing 0 hand" },

	{ "died in the load, not loaded", "here agent 1 load", "", "failed 1 agent" },
	{ "died after the load, it goes on", "here agent 1 load", "1 applying", "wait 1 agent" },
	{ "died after the load, it ended", "here boot 1 load", "1 applied", "applied 1 boot" },
	{ "died in the transition, gone", "here agent 1 load, here agent 1 transition", "",
	  "failed 1 agent" },
	{ "died in the transition, it goes on", "here hand 1 transition", "1 applying",
	  "wait 1 hand" },
	{ "died in the transition, it ended", "here agent 1 transition", "1 applied",
	  "applied 1 agent" },
	{ "died before the revert's line, it is going", "here agent 1 transition", "1 reverting",
	  "revert 1 agent" },
	{ "the old level is still there", "here agent 2 transition", "1 applied 2 applying",
	  "wait 2 agent" },
	{ "the load failed, the old level stays", "here agent 2 load", "1 applied",
	  "failed 2 agent" },

	{ "died in the revert, it is there", "here hand 1 revert", "1 applied", "revert 1 hand" },
	{ "died in the revert, it goes", "here guard 1 revert", "1 reverting", "revert 1 guard" },
	{ "died in the revert, it is gone", "here agent 1 revert", "", "reverted 1 agent" },
	{ "died at the unload", "here agent 1 reverted, here agent 1 unload", "", "nothing 0 hand" },

	{ "to be watched", "here agent 1 applied", "1 applied", "soak 1 agent" },
	{ "settled", "here agent 1 applied, here agent 1 settled", "1 applied", "nothing 0 hand" },
	{ "settled before, and applied again", "before agent 1 settled, here boot 1 applied",
	  "1 applied", "nothing 0 hand" },
	{ "applied, and taken out by others", "here agent 1 applied", "", "nothing 0 hand" },
	{ "reverted", "here agent 1 applied, here hand 1 reverted", "", "nothing 0 hand" },
	{ "failed", "here agent 1 load, here agent 1 failed", "", "nothing 0 hand" },

	{ "quarantined, its guard died", "here agent 1 applied, here guard 1 quarantined oops",
	  "1 applied", "revert 1 guard" },
	{ "quarantined and gone", "here agent 1 applied, here guard 1 quarantined oops", "",
	  "nothing 0 hand" },
	{ "quarantined and released",
	  "here agent 1 applied, here guard 1 quarantined oops, "
	  "here hand 1 released",
	  "1 applied", "soak 1 agent" },
	{ "a quarantined level by somebody's insmod", "before guard 1 quarantined oops",
	  "1 applied", "revert 1 guard" },

	{ "the machine died in the load", "before agent 1 load", "", "quarantine 1 hand load" },
	{ "the machine died in the transition", "before agent 1 transition", "",
	  "quarantine 1 hand transition" },
	{ "the machine died in the soak", "before agent 1 applied", "", "quarantine 1 hand soak" },
	{ "the machine died in the soak, an older level was loaded", "before agent 2 applied",
	  "1 applied", "quarantine 2 hand soak" },
	{ "the machine died, the level had settled",
	  "before agent 1 applied, before agent 1 settled", "", "nothing 0 hand" },
	{ "the machine died in the soak, known already",
	  "before agent 1 applied, here boot 1 quarantined died", "", "nothing 0 hand" },
	{ "the machine went down in order", "before agent 1 applied, before boot 0 stopping", "",
	  "nothing 0 hand" },
	{ "the machine died in the revert", "before agent 1 revert", "", "nothing 0 hand" },
};

static void put_journal(int root, const char *words)
{
	_cleanup_(freep) char *copy = strdup(words);
	_cleanup_(buf_free) struct buf b = { 0 };
	char *rest = copy, *line;

	while ((line = strsep(&rest, ","))) {
		char boot[16], by[16], level[16], step[16], why[16] = "";

		if (sscanf(line, "%15s %15s %15s %15s %15s", boot, by, level, step, why) < 4)
			continue;
		EXPECT(buf_printf(&b,
				  "time=2026-11-26T20:15:03Z boot=%s kernel=" FAKE_BUILD_ID
				  " by=%s level=%s step=%s%s%s\n",
				  strcmp(boot, "here") == 0 ? BOOT : OTHER, by, level, step,
				  why[0] ? " why=" : "", why) == 0);
	}
	tree_put_bytes(root, JOURNAL_PATH, buf_str(&b), b.len);
}

static void put_kernel(int root, const char *words)
{
	_cleanup_(freep) char *copy = strdup(words);
	char *rest = copy, *level;

	while ((level = strsep(&rest, " ")) && *level) {
		const char *state = strsep(&rest, " ");
		bool applied = strcmp(state, "applied") == 0;
		char name[32];

		(void)snprintf(name, sizeof(name), "oakum_%s", level);
		tree_put_livepatch(root, name, "f,1",
				   strcmp(state, "reverting") == 0 ? "0\n" : "1\n",
				   applied ? "0\n" : "1\n");
	}
}

TEST(recover_table)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		_cleanup_(closep) int root = tree_new_host();
		_cleanup_(host_clear) struct host h = { 0 };
		struct journal_view v;
		struct recover r;
		struct oak_error err;
		char got[64];

		test_case = rows[i].name;
		put_journal(root, rows[i].journal);
		put_kernel(root, rows[i].kernel);
		EXPECT(host_read(root, &h, &err) == 0);
		EXPECT(journal_read(root, h.id.build_id, &v, &err) == 0);
		r = recover_plan(&v, &h);
		(void)snprintf(got, sizeof(got), "%s %u %s%s%s", names[r.action], r.level,
			       journal_by_name(r.by), r.at ? " " : "", r.at ? r.at : "");
		EXPECT_STR(got, rows[i].want);
	}
}
