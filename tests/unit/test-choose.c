/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "levels-words.h"

#include <time.h>

#include "agent/choose.h"
#include "trust/date.h"

#define LEVELS "1@1 2@10 3@20"
#define FIXES  "CVE-1@1low CVE-2@2medium CVE-3@3high"

struct row {
	const char *name;
	const char *levels, *fixes; /* NULL: LEVELS, FIXES */
	const char *settings;
	const char *now; /* NULL: a Thursday, 26 November at noon */
	struct policy_now state;
	uint32_t quarantined; /* 0: none */
	const char *want;     /* "stay 2", "apply 3", "revert" */
	const char *withheld; /* "3 delay: text | ..."; NULL: nothing */
	const char *why;      /* NULL: "" */
	const char *next;     /* NULL: none */
};

static void describe(const struct policy_choice *c, char *ret, size_t size)
{
	static const char *const actions[] = { "stay", "apply", "revert" };

	if (c->wanted)
		(void)snprintf(ret, size, "%s %u", actions[c->action], c->wanted->level);
	else
		(void)snprintf(ret, size, "%s", actions[c->action]);
}

static void describe_withheld(const struct policy_choice *c, struct buf *ret)
{
	for (size_t i = 0; i < c->n_withheld; i++)
		EXPECT(buf_printf(ret, "%s%u %s: %s", i ? " | " : "", c->withheld[i].level,
				  policy_reason_name(c->withheld[i].reason),
				  c->withheld[i].text) == 0);
}

static void check(const struct row *row)
{
	_cleanup_(levels_freep) struct levels *l = NULL;
	_cleanup_(settings_free) struct settings s = { 0 };
	_cleanup_(buf_free) struct buf withheld = { 0 };
	struct oak_error err = { .code = OAK_OK };
	struct policy_now now = row->state;
	struct policy_choice c;
	char did[64], next[DATE_TEXT_MAX] = "";

	test_case = row->name;
	l = list_of(row->levels ? row->levels : LEVELS, row->fixes ? row->fixes : FIXES);
	EXPECT(settings_init(&s, &err) == 0);
	if (row->settings)
		EXPECT(settings_parse("f", row->settings, strlen(row->settings), &s, &err) == 0);
	EXPECT(date_parse(row->now ? row->now : "2026-11-26T12:00:00Z", &now.now_s) == 0);
	now.quarantined = &row->quarantined;
	now.n_quarantined = row->quarantined != 0;
	policy_choose(&s, l, &now, &c);
	describe(&c, did, sizeof(did));
	EXPECT_STR(did, row->want);
	describe_withheld(&c, &withheld);
	EXPECT_STR(buf_str(&withheld), row->withheld ? row->withheld : "");
	EXPECT_STR(c.why, row->why ? row->why : "");
	if (c.next_s)
		date_format(c.next_s, next);
	EXPECT_STR(next, row->next ? row->next : "");
	EXPECT(c.action != POLICY_APPLY || (c.wanted && c.wanted->level != now.present));
	EXPECT(c.action != POLICY_REVERT || !c.wanted);
	test_case = NULL;
}

static void check_all(const struct row *rows, size_t n)
{
	EXPECT(setenv("TZ", "UTC", 1) == 0);
	tzset();
	for (size_t i = 0; i < n; i++)
		check(&rows[i]);
}

#define CHECK_ALL(rows) check_all(rows, sizeof(rows) / sizeof((rows)[0]))

TEST(choose_the_newest_of_the_channel)
{
	static const struct row rows[] = {
		{ .name = "from nothing", .want = "apply 3" },
		{ .name = "from an older", .state.present = 1, .want = "apply 3" },
		{ .name = "there already", .state.present = 3, .want = "stay 3" },
		{ .name = "no levels", .levels = "", .fixes = "", .want = "stay" },
		{ .name = "unknown and newer is present", .state.present = 9, .want = "stay" },
		{ .name = "unknown and older is present",
		  .levels = "2@1 3@1",
		  .state.present = 1,
		  .want = "apply 3" },
		{ .name = "what is not in the channel is not offered",
		  .levels = "1@1 2@1e",
		  .settings = "channel = stable\n",
		  .want = "apply 1" },
		{ .name = "any channel", .levels = "1@1 2@1e", .want = "apply 2" },
		{ .name = "an unknown channel", .settings = "channel = lts\n", .want = "stay" },
		{ .name = "present left its channel",
		  .levels = "1@1 2@1e",
		  .state.present = 2,
		  .settings = "channel = stable\n",
		  .want = "stay 2" },
		{ .name = "held",
		  .levels = "1@1 2@1h",
		  .want = "apply 1",
		  .withheld = "2 held: held by its publisher: we look at it" },
		{ .name = "held and present",
		  .levels = "1@1 2@1h",
		  .state.present = 2,
		  .want = "stay 2" },
		{ .name = "withdrawn",
		  .levels = "1@1 2@1w 3@1w",
		  .want = "apply 1",
		  .withheld = "3 withdrawn: withdrawn by its publisher: it hangs | 2 withdrawn: "
			      "withdrawn by its publisher: it hangs" },
		{ .name = "older ones that are withdrawn are no news",
		  .levels = "1@1w 2@1",
		  .state.present = 2,
		  .want = "stay 2" },
	};

	CHECK_ALL(rows);
}

TEST(choose_without_a_list)
{
	_cleanup_(settings_free) struct settings s = { 0 };
	struct policy_choice c;
	struct oak_error err;

	EXPECT(settings_init(&s, &err) == 0);
	policy_choose(&s, NULL, &(struct policy_now){ .now_s = 1 }, &c);
	EXPECT(c.action == POLICY_STAY && !c.wanted && c.n_withheld == 0 && c.next_s == 0);
}

TEST(choose_leaves_what_was_withdrawn)
{
	static const struct row rows[] = {
		{ .name = "for a newer",
		  .levels = "1@1 2@1w 3@1",
		  .state.present = 2,
		  .want = "apply 3",
		  .why = "level 2 was withdrawn: it hangs" },
		{ .name = "for an older",
		  .levels = "1@1 2@1w",
		  .state.present = 2,
		  .want = "apply 1",
		  .why = "level 2 was withdrawn: it hangs" },
		{ .name = "for none",
		  .levels = "1@1w 2@1w",
		  .state.present = 2,
		  .want = "revert",
		  .why = "level 2 was withdrawn: it hangs" },
		{ .name = "outside the windows too",
		  .levels = "1@1 2@1w",
		  .state.present = 2,
		  .settings = "windows = Sat 10:00-11:00\n",
		  .want = "apply 1",
		  .why = "level 2 was withdrawn: it hangs" },
		{ .name = "not for one that is too fresh",
		  .levels = "1@1 2@1w 3@26",
		  .state.present = 2,
		  .settings = "delay = 24h\n",
		  .want = "apply 1",
		  .withheld = "3 delay: held until 2026-11-27T12:00:00Z by delay = 24h",
		  .why = "level 2 was withdrawn: it hangs",
		  .next = "2026-11-27T12:00:00Z" },
		{ .name = "not for one that did harm",
		  .levels = "1@1 2@1w",
		  .state.present = 2,
		  .quarantined = 1,
		  .want = "revert",
		  .why = "level 2 was withdrawn: it hangs" },
		{ .name = "severity does not hold it",
		  .levels = "1@1 2@1w 3@1",
		  .fixes = "CVE-1@1low",
		  .state.present = 2,
		  .settings = "severity = critical\n",
		  .want = "apply 3",
		  .why = "level 2 was withdrawn: it hangs" },
		{ .name = "below its pin",
		  .levels = "1@1 2@1w 3@1",
		  .state.present = 2,
		  .settings = "pin = 2\n",
		  .want = "apply 1",
		  .withheld = "3 pin: pinned to level 2",
		  .why = "level 2 was withdrawn: it hangs" },
		{ .name = "only reported: to another",
		  .levels = "1@1 2@1w",
		  .state.present = 2,
		  .settings = "apply = report\n",
		  .want = "stay 2",
		  .withheld = "1 report: apply = report; 'oakum update' takes it",
		  .why = "level 2 was withdrawn: it hangs" },
		{ .name = "only reported: to none",
		  .levels = "2@1w",
		  .state.present = 2,
		  .settings = "apply = report\n",
		  .want = "stay 2",
		  .withheld = "0 report: apply = report; 'oakum update' takes it",
		  .why = "level 2 was withdrawn: it hangs" },
		{ .name = "by hand",
		  .levels = "1@1 2@1w",
		  .state = { .present = 2, .by_hand = true },
		  .settings = "apply = report\n",
		  .want = "apply 1",
		  .why = "level 2 was withdrawn: it hangs" },
	};

	CHECK_ALL(rows);
}

TEST(choose_waits_for_the_delay)
{
	static const struct row rows[] = {
		{ .name = "all old enough", .settings = "delay = 24h\n", .want = "apply 3" },
		{ .name = "the newest is not",
		  .settings = "delay = 7d\n",
		  .want = "apply 2",
		  .withheld = "3 delay: held until 2026-11-27T12:00:00Z by delay = 7d",
		  .next = "2026-11-27T12:00:00Z" },
		{ .name = "to the second, before",
		  .settings = "delay = 7d\n",
		  .now = "2026-11-27T11:59:59Z",
		  .want = "apply 2",
		  .withheld = "3 delay: held until 2026-11-27T12:00:00Z by delay = 7d",
		  .next = "2026-11-27T12:00:00Z" },
		{ .name = "to the second, then",
		  .settings = "delay = 7d\n",
		  .now = "2026-11-27T12:00:00Z",
		  .want = "apply 3" },
		{ .name = "two of them: the earliest counts",
		  .levels = "1@24 2@25",
		  .settings = "delay = 3d\n",
		  .want = "stay",
		  .withheld = "2 delay: held until 2026-11-28T12:00:00Z by delay = 3d | 1 delay: "
			      "held until 2026-11-27T12:00:00Z by delay = 3d",
		  .next = "2026-11-27T12:00:00Z" },
		{ .name = "from the promotion into the channel",
		  .levels = "1@1 2@2,26",
		  .settings = "channel = stable\ndelay = 24h\n",
		  .want = "apply 1",
		  .withheld = "2 delay: held until 2026-11-27T12:00:00Z by delay = 24h",
		  .next = "2026-11-27T12:00:00Z" },
		{ .name = "from the publication in another",
		  .levels = "1@1 2@2,26",
		  .settings = "channel = edge\ndelay = 24h\n",
		  .want = "apply 2" },
		{ .name = "a list of before has no date",
		  .levels = "1 2",
		  .settings = "delay = 24h\n",
		  .want = "apply 2",
		  .why = "delay = 24h cannot hold level 2: the list does not say when it was "
			 "published" },
		{ .name = "a date of the future",
		  .levels = "1@30",
		  .settings = "delay = 24h\n",
		  .want = "stay",
		  .withheld = "1 delay: held until 2026-12-01T12:00:00Z by delay = 24h",
		  .next = "2026-12-01T12:00:00Z" },
		{ .name = "by hand",
		  .settings = "delay = 7d\n",
		  .state.by_hand = true,
		  .want = "apply 3" },
	};

	CHECK_ALL(rows);
}

static const struct row pin_rows[] = {
	{ .name = "up to it",
	  .state.present = 1,
	  .settings = "pin = 2\n",
	  .want = "apply 2",
	  .withheld = "3 pin: pinned to level 2" },
	{ .name = "at it",
	  .state.present = 2,
	  .settings = "pin = 2\n",
	  .want = "stay 2",
	  .withheld = "3 pin: pinned to level 2" },
	{ .name = "back to it",
	  .state.present = 3,
	  .settings = "pin = 2\n",
	  .want = "apply 2",
	  .why = "pinned to level 2" },
	{ .name = "back over one",
	  .state.present = 3,
	  .settings = "pin = 1\n",
	  .want = "apply 1",
	  .why = "pinned to level 1" },
	{ .name = "the user asks: the pin holds",
	  .state = { .present = 2, .by_hand = true },
	  .settings = "pin = 2\n",
	  .want = "stay 2",
	  .withheld = "3 pin: pinned to level 2" },
	{ .name = "delay and severity do not hold it",
	  .state.present = 2,
	  .settings = "pin = 3\ndelay = 30d\nseverity = critical\n",
	  .want = "apply 3" },
	{ .name = "the windows hold it",
	  .state.present = 3,
	  .settings = "pin = 2\nwindows = Fri 10:00-11:00\n",
	  .want = "stay 3",
	  .withheld = "2 windows: outside the maintenance windows; the next begins Fri "
		      "2026-11-27 10:00 UTC",
	  .why = "pinned to level 2",
	  .next = "2026-11-27T10:00:00Z" },
	{ .name = "not there",
	  .state.present = 2,
	  .settings = "pin = 4\n",
	  .want = "stay 2",
	  .withheld = "3 pin: pinned to level 4",
	  .why = "pinned to level 4, which the repository does not have" },
	{ .name = "not in the channel",
	  .levels = "1@1 2@1e 3@1",
	  .state.present = 1,
	  .settings = "pin = 2\nchannel = stable\n",
	  .want = "stay 1",
	  .withheld = "3 pin: pinned to level 2",
	  .why = "pinned to level 2, which is not in channel stable" },
	{ .name = "withdrawn",
	  .levels = "1@1w 2@1",
	  .state.present = 2,
	  .settings = "pin = 1\n",
	  .want = "stay 2",
	  .withheld = "1 withdrawn: withdrawn by its publisher: it hangs",
	  .why = "pinned to level 1, but no level there can be taken" },
	{ .name = "quarantined",
	  .state.present = 3,
	  .quarantined = 2,
	  .settings = "pin = 2\n",
	  .want = "stay 3",
	  .withheld = "2 quarantined: quarantined on this host: it did harm here",
	  .why = "pinned to level 2, but no level there can be taken" },
	{ .name = "to a day: up to it",
	  .state.present = 1,
	  .settings = "pin = 2026-11-19\n",
	  .want = "apply 2",
	  .withheld = "3 pin: pinned to 2026-11-19; published 2026-11-20" },
	{ .name = "to a day: all of it counts",
	  .state.present = 1,
	  .settings = "pin = 2026-11-20\n",
	  .want = "apply 3" },
	{ .name = "to a day: back",
	  .state.present = 3,
	  .settings = "pin = 2026-11-15\n",
	  .want = "apply 2",
	  .why = "pinned to 2026-11-15" },
	{ .name = "to a day: nothing is that old",
	  .state.present = 3,
	  .settings = "pin = 2026-10-01\n",
	  .want = "stay 3",
	  .why = "pinned to 2026-10-01, but no level there can be taken" },
	{ .name = "to a day: from nothing",
	  .settings = "pin = 2026-10-31\n",
	  .want = "stay",
	  .levels = "1@1",
	  .withheld = "1 pin: pinned to 2026-10-31; published 2026-11-01" },
	{ .name = "to a day: of the channel",
	  .levels = "1@1 2@2,26",
	  .state.present = 1,
	  .settings = "pin = 2026-11-20\nchannel = stable\n",
	  .want = "stay 1",
	  .withheld = "2 pin: pinned to 2026-11-20; published 2026-11-26" },
	{ .name = "to a day: a list of before",
	  .levels = "1 2",
	  .state.present = 1,
	  .settings = "pin = 2026-11-20\n",
	  .want = "stay 1",
	  .withheld = "2 pin: pinned to 2026-11-20; the list does not say when it was "
		      "published" },
};

TEST(choose_follows_the_pin)
{
	CHECK_ALL(pin_rows);
}

static const struct row passed_rows[] = {
	{ .name = "skip a level",
	  .settings = "skip = 3\n",
	  .want = "apply 2",
	  .withheld = "3 skip: skip lists 3" },
	{ .name = "skip a fix",
	  .settings = "skip = x CVE-2\n",
	  .want = "apply 1",
	  .withheld = "3 skip: skip lists CVE-2 | 2 skip: skip lists CVE-2" },
	{ .name = "skip a fix that is gone again",
	  .fixes = "CVE-2@2-3",
	  .settings = "skip = CVE-2\n",
	  .want = "apply 3" },
	{ .name = "skip what is present",
	  .settings = "skip = 3\n",
	  .state.present = 3,
	  .want = "stay 3" },
	{ .name = "skip, by hand",
	  .settings = "skip = 3\n",
	  .state.by_hand = true,
	  .want = "apply 2",
	  .withheld = "3 skip: skip lists 3" },
	{ .name = "quarantined",
	  .quarantined = 3,
	  .want = "apply 2",
	  .withheld = "3 quarantined: quarantined on this host: it did harm here" },
	{ .name = "quarantined, by hand",
	  .quarantined = 3,
	  .state.by_hand = true,
	  .want = "apply 2",
	  .withheld = "3 quarantined: quarantined on this host: it did harm here" },
	{ .name = "reverted by hand",
	  .state.reverted_by_hand = 3,
	  .want = "stay",
	  .withheld = "3 reverted: level 3 was reverted by hand; 'oakum update' takes it "
		      "| 2 reverted: level 3 was reverted by hand; 'oakum update' takes it "
		      "| 1 reverted: level 3 was reverted by hand; 'oakum update' takes it" },
	{ .name = "reverted by hand, and a newer came",
	  .state.reverted_by_hand = 2,
	  .want = "apply 3" },
	{ .name = "reverted by hand, and back by hand",
	  .state = { .reverted_by_hand = 3, .by_hand = true },
	  .want = "apply 3" },
	{ .name = "severity: it adds one",
	  .settings = "severity = high\n",
	  .state.present = 2,
	  .want = "apply 3" },
	{ .name = "severity: it adds none",
	  .settings = "severity = critical\n",
	  .state.present = 2,
	  .want = "stay 2",
	  .withheld = "3 severity: below severity = critical" },
	{ .name = "severity: an older one that it does not have adds it",
	  .fixes = "CVE-2@2critical CVE-3@3low",
	  .settings = "severity = critical\n",
	  .state.present = 1,
	  .want = "apply 3" },
	{ .name = "severity: what is there already does not count",
	  .fixes = "CVE-2@2critical CVE-3@3low",
	  .settings = "severity = critical\n",
	  .state.present = 2,
	  .want = "stay 2",
	  .withheld = "3 severity: below severity = critical" },
	{ .name = "severity: none said counts",
	  .fixes = "CVE-3@3",
	  .settings = "severity = critical\n",
	  .state.present = 2,
	  .want = "apply 3" },
	{ .name = "severity: low takes what adds nothing",
	  .fixes = "",
	  .state.present = 2,
	  .want = "apply 3" },
	{ .name = "severity: medium does not",
	  .fixes = "",
	  .state.present = 2,
	  .settings = "severity = medium\n",
	  .want = "stay 2",
	  .withheld = "3 severity: below severity = medium" },
	{ .name = "severity, by hand",
	  .settings = "severity = critical\n",
	  .state = { .present = 2, .by_hand = true },
	  .want = "apply 3" },
};

TEST(choose_passes_over_what_this_host_does_not_want)
{
	CHECK_ALL(passed_rows);
}

TEST(choose_when)
{
	static const struct row rows[] = {
		{ .name = "report",
		  .settings = "apply = report\n",
		  .state.present = 1,
		  .want = "stay 1",
		  .withheld = "3 report: apply = report; 'oakum update' takes it" },
		{ .name = "report, by hand",
		  .settings = "apply = report\n",
		  .state.by_hand = true,
		  .want = "apply 3" },
		{ .name = "in a window",
		  .settings = "windows = Thu 11:00-13:00\n",
		  .want = "apply 3" },
		{ .name = "outside",
		  .settings = "windows = Mon-Fri 22:00-04:00\n",
		  .want = "stay",
		  .withheld = "3 windows: outside the maintenance windows; the next begins Thu "
			      "2026-11-26 22:00 UTC",
		  .next = "2026-11-26T22:00:00Z" },
		{ .name = "outside, by hand",
		  .settings = "windows = Mon-Fri 22:00-04:00\n",
		  .state.by_hand = true,
		  .want = "apply 3" },
		{ .name = "outside, nothing to do",
		  .settings = "windows = Mon-Fri 22:00-04:00\n",
		  .state.present = 3,
		  .want = "stay 3" },
		{ .name = "all together",
		  .levels = "1@1 2@2 3@26 4@1h 5@1w 6@1",
		  .settings = "windows = Fri 22:00-23:00\ndelay = 24h\nskip = 6\n",
		  .want = "stay",
		  .withheld = "6 skip: skip lists 6 | 5 withdrawn: withdrawn by its publisher: it "
			      "hangs | 4 held: held by its publisher: we look at it | 3 delay: "
			      "held until 2026-11-27T12:00:00Z by delay = 24h | 2 windows: outside "
			      "the maintenance windows; the next begins Fri 2026-11-27 22:00 UTC",
		  .next = "2026-11-27T12:00:00Z" },
	};

	CHECK_ALL(rows);
}

TEST(choose_counts_what_it_has_no_room_for)
{
	_cleanup_(levels_freep) struct levels *l = NULL;
	_cleanup_(settings_free) struct settings s = { 0 };
	_cleanup_(buf_free) struct buf levels = { 0 };
	struct policy_choice c;
	struct oak_error err;

	for (int i = 1; i <= POLICY_WITHHELD_MAX + 4; i++)
		EXPECT(buf_printf(&levels, "%d@1w ", i) == 0);
	l = list_of(buf_str(&levels), "");
	EXPECT(settings_init(&s, &err) == 0);
	policy_choose(&s, l, &(struct policy_now){ .now_s = 1 }, &c);
	EXPECT(c.n_withheld == POLICY_WITHHELD_MAX && c.n_more == 4);
	EXPECT(c.withheld[0].level == POLICY_WITHHELD_MAX + 4);
}

/* From that level on. */
static bool holds_three(const void *ctx, uint32_t level, char why[POLICY_TEXT_MAX])
{
	const uint32_t *first = ctx;

	(void)snprintf(why, POLICY_TEXT_MAX, "rollout x: its stage has not come");
	return level >= *first;
}

TEST(choose_what_the_fleet_does_not_hold)
{
	static const uint32_t three = 3, one = 1;
	static const struct policy_fleet fleet = { holds_three, &three },
					 all = { holds_three, &one };
	static const struct row rows[] = {
		{ .name = "the newest that it lets through",
		  .state.fleet = &fleet,
		  .want = "apply 2",
		  .withheld = "3 fleet: held back by the fleet: rollout x: its stage has not come" },
		{ .name = "by hand too",
		  .state = { .present = 2, .fleet = &fleet, .by_hand = true },
		  .want = "stay 2",
		  .withheld = "3 fleet: held back by the fleet: rollout x: its stage has not come" },
		{ .name = "what else stands against a level is told first",
		  .settings = "skip = CVE-3\n",
		  .state = { .present = 2, .fleet = &fleet },
		  .want = "stay 2",
		  .withheld = "3 skip: skip lists CVE-3" },
		{ .name = "a level that is there is not taken away",
		  .state = { .present = 3, .fleet = &all },
		  .want = "stay 3" },
		{ .name = "one that was withdrawn is left all the same",
		  .levels = "1@1 2@10 3@20w",
		  .state = { .present = 3, .fleet = &all },
		  .want = "revert",
		  .why = "level 3 was withdrawn: it hangs" },
	};

	CHECK_ALL(rows);
}
