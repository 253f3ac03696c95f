/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-picture.h"

#include "base/json.h"
#include "cli/status.h"

static const struct verdict_limits limits = VERDICT_LIMITS_OTHERWISE;

static void expect_screen(const struct picture *p, bool verbose, bool color, const char *want)
{
	const struct cli cli = { .program = "oakum", .color = color };
	_cleanup_(buf_free) struct buf b = { 0 };
	struct verdict_report v;
	struct oak_error err;
	const struct status_view view = { &cli, p, &v, FAKE_NOW, verbose };

	verdict_of(p, &limits, FAKE_NOW, &v);
	EXPECT(status_screen(&view, &b, &err) == 0);
	EXPECT_STR(buf_str(&b), want);
}

TEST(a_host_that_is_well)
{
	_cleanup_(picture_clear) struct picture p = { 0 };

	fake_picture(&p);
	expect_screen(&p, false, false,
		      "OK  level 3 is applied, 6 CVEs are closed\n"
		      "\n"
		      "kernel     6.1.0-50-amd64, as good as 6.1.176-1\n"
		      "build-id   000102030405060708090a0b0c0d0e0f10111213\n"
		      "level      3, applied, settled, channel stable\n"
		      "since      2026-11-23 19:38 UTC (3 days ago)\n"
		      "fixes      6 CVEs: CVE-2025-7, CVE-2026-1, CVE-2026-2, CVE-2026-3, CVE-2026-9 "
		      "and 1 more, and 1 without a CVE\n"
		      "containers 14 protected, 12 of them with no restart since before the level\n"
		      "checked    2026-11-26 19:16 UTC (24 minutes ago), newest level 3\n"
		      "trust      expires 2026-12-01 19:40 UTC (in 5 days)\n"
		      "last       level 3 was applied\n"
		      "agent      runs\n"
		      "next       checks again, 2026-11-26 20:16 UTC (in 36 minutes)\n");
}

TEST(a_host_with_troubles)
{
	_cleanup_(picture_clear) struct picture p = { 0 };

	fake_picture(&p);
	fake_withheld(&p, 4, "outside the maintenance windows", FAKE_NOW + 7200);
	fake_withheld(&p, 5, "held by\033[31m delay = 24h", FAKE_NOW + 86400);
	p.settled = false;
	p.soak_until = FAKE_NOW + 300;
	p.n_quarantine = 1;
	p.quarantine[0] =
		(struct picture_quarantine){ 2, FAKE_NOW - 90000, "the host died in its soak" };
	p.switched_off = true;
	FAKE_TEXT(p.switched, "the file /etc/oakum/no-apply");
	FAKE_TEXT(p.check_error, "https://p.example.org/: no answer");
	FAKE_TEXT(p.reboot, "libc6");
	p.agent_runs = false;
	expect_screen(
		&p, true, false,
		"WARNING  level 3 is applied, 6 CVEs are closed\n"
		"  - level 5 is withheld: held by?[31m delay = 24h\n"
		"  - switched off by the file /etc/oakum/no-apply\n"
		"\n"
		"kernel     6.1.0-50-amd64, as good as 6.1.176-1\n"
		"build-id   000102030405060708090a0b0c0d0e0f10111213\n"
		"level      3, applied, soaking, channel stable\n"
		"since      2026-11-23 19:38 UTC (3 days ago)\n"
		"fixes      6 CVEs: CVE-2025-7, CVE-2026-1, CVE-2026-2, CVE-2026-3, CVE-2026-9, "
		"CVE-2026-10, and 1 without a CVE\n"
		"functions  vmlinux: do_exit\n"
		"containers 14 protected, 12 of them with no restart since before the level\n"
		"withheld   level 5: held by?[31m delay = 24h, until 2026-11-27 19:40 UTC (in 24 "
		"hours)\n"
		"           would close CVE-2026-77, CVE-2026-78\n"
		"           level 4: outside the maintenance windows, until 2026-11-26 21:40 UTC "
		"(in 2 hours)\n"
		"           would close CVE-2026-77, CVE-2026-78\n"
		"quarantine level 2 since 2026-11-25 18:40 UTC (25 hours ago): the host died in "
		"its soak\n"
		"checked    2026-11-26 19:16 UTC (24 minutes ago), newest level 5\n"
		"           last try failed: https://p.example.org/: no answer\n"
		"trust      expires 2026-12-01 19:40 UTC (in 5 days)\n"
		"switch     the file /etc/oakum/no-apply\n"
		"soak       until 2026-11-26 19:45 UTC (in 5 minutes)\n"
		"reboot     libc6\n"
		"last       level 3 was applied\n"
		"agent      does not run; 2 applied, 0 failed, 0 reverted\n"
		"next       checks again, 2026-11-26 20:16 UTC (in 36 minutes)\n");
}

TEST(a_host_without_a_level_in_colour)
{
	_cleanup_(picture_clear) struct picture p = { 0 };

	fake_picture(&p);
	fake_no_level(&p);
	p.containers = 0;
	p.next[0] = p.last_result[0] = '\0';
	p.trust_expires = 0;
	expect_screen(&p, false, true,
		      "\033[1m\033[31mCRITICAL\033[0m  \033[1mno level\033[0m\n"
		      "  \033[31m-\033[0m no level is applied although level 3 is published\n"
		      "\n"
		      "kernel     6.1.0-50-amd64\n"
		      "build-id   000102030405060708090a0b0c0d0e0f10111213\n"
		      "level      none\n"
		      "checked    2026-11-26 19:16 UTC (24 minutes ago), newest level 3\n"
		      "agent      runs\n");
}

TEST(a_host_that_its_fleet_holds_back)
{
	_cleanup_(picture_clear) struct picture p = { 0 };
	_cleanup_(buf_free) struct buf b = { 0 };
	struct verdict_report v;
	struct oak_error err;
	const struct cli cli = { .program = "oakum" };
	const struct status_view view = { &cli, &p, &v, FAKE_NOW, false };

	fake_picture(&p);
	p.fleet = (struct picture_fleet){ .heard = FAKE_NOW - 1440,
					  .issued = FAKE_NOW - 90000,
					  .expires = FAKE_NOW + 3600,
					  .held_level = 4,
					  .held_since = FAKE_NOW - INT64_C(3) * 86400 };
	FAKE_TEXT(p.fleet.server, "https://fleet.example.org");
	FAKE_TEXT(p.fleet.ring, "default");
	FAKE_TEXT(p.fleet.held_why, "held back by the fleet: rollout X: its stage has not come");
	fake_withheld(&p, 4, p.fleet.held_why, 0);
	verdict_of(&p, &limits, FAKE_NOW, &v);
	EXPECT(v.worst == VERDICT_WARNING && v.n == 1);
	EXPECT_STR(v.findings[0].text, "held back by the fleet for 3 days: level 4 (rollout X: its "
				       "stage has not come)");
	EXPECT(status_screen(&view, &b, &err) == 0);
	EXPECT_CONTAINS(
		buf_str(&b),
		"fleet      ring default of https://fleet.example.org\n"
		"           decision 2026-11-26 19:16 UTC (24 minutes ago), report none yet\n"
		"           level 4 since 2026-11-23 19:40 UTC (3 days ago): held back by the "
		"fleet: rollout X: its stage has not come\n");
	p.fleet.alone = true;
	p.fleet.held_level = 0;
	p.fleet.heard = FAKE_NOW - INT64_C(15) * 86400;
	FAKE_TEXT(p.fleet.code, "host-revoked");
	FAKE_TEXT(p.fleet.error, "the fleet's server has revoked this host");
	verdict_of(&p, &limits, FAKE_NOW, &v);
	EXPECT_STR(v.findings[1].text, "the fleet's server has revoked this host");
	EXPECT_STR(v.findings[2].text,
		   "nothing was heard of the fleet's server for 15 days: this host's own settings decide: "
		   "the fleet's server has revoked this host");
}

TEST(the_document_has_every_member)
{
	static const char *const members[] = {
		"kernel",      "level",          "state",
		"enabled",     "transition",     "functions",
		"complete",    "channel",        "fixes",
		"cves",        "foreign",        "effective_version",
		"since",       "settled",        "soak_until",
		"withheld",    "quarantine",     "reverted_by_hand",
		"containers",  "agent",          "switch",
		"check",       "trust_expires",  "last",
		"next",        "settings_error", "reboot",
		"counts",      "health",         "cve_database",
		"mitigations", "fleet",
	};
	_cleanup_(picture_clear) struct picture full = { 0 };
	const struct picture empty = { 0 };
	const struct picture *const pictures[] = { &full, &empty };
	struct verdict_report v;

	fake_picture(&full);
	fake_withheld(&full, 4, "w", FAKE_NOW);
	for (size_t i = 0; i < 2; i++) {
		const struct status_view view = { NULL, pictures[i], &v, FAKE_NOW, false };
		_cleanup_(json_decrefp) json_t *j = NULL;

		verdict_of(pictures[i], &limits, FAKE_NOW, &v);
		j = status_json(&view);
		EXPECT(json_object_size(j) == sizeof(members) / sizeof(members[0]));
		for (size_t k = 0; k < sizeof(members) / sizeof(members[0]); k++) {
			test_case = members[k];
			EXPECT(json_object_get(j, members[k]) != NULL);
		}
		test_case = NULL;
		if (i)
			break;
		EXPECT_STR(json_get_str(j, "since"), "2026-11-23T19:38:20Z");
		EXPECT_STR(json_get_str(json_object_get(j, "health"), "verdict"), "WARNING");
		EXPECT_STR(json_get_str(json_array_get(json_object_get(j, "withheld"), 0), "until"),
			   "2026-11-26T19:40:00Z");
	}
}
