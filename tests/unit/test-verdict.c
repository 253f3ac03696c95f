/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-picture.h"

#include "agent/plain-text.h"
#include "agent/verdict.h"

#define HOUR INT64_C(3600)

static const struct verdict_limits limits = VERDICT_LIMITS_OTHERWISE;

static void judge(const struct picture *p, struct verdict_report *ret)
{
	verdict_of(p, &limits, FAKE_NOW, ret);
}

static void no_support(struct picture *p)
{
	p->host.id.livepatch = false;
}
static void bad_settings(struct picture *p)
{
	FAKE_TEXT(p->settings_error, "/etc/oakum/oakum.conf:1: unknown key 'x'");
}
static void incomplete(struct picture *p)
{
	p->complete = false;
}
static void missing(struct picture *p)
{
	fake_no_level(p);
}
static void missing_and_why(struct picture *p)
{
	fake_no_level(p);
	fake_withheld(p, 4, "held by delay = 24h", 0);
}
static void old_check(struct picture *p)
{
	p->checked = FAKE_NOW - 24 * HOUR - 1;
}
static void very_old_check(struct picture *p)
{
	p->checked = FAKE_NOW - 72 * HOUR - 1;
	FAKE_TEXT(p->check_error, "no answer\n\033[2J");
}
static void at_the_limit(struct picture *p)
{
	p->checked = FAKE_NOW - 24 * HOUR;
}
static void never_asked(struct picture *p)
{
	p->checked = p->tried = 0;
}
static void never_answered(struct picture *p)
{
	p->checked = 0;
	FAKE_TEXT(p->check_error, "signed by 0 of 1 required keys");
}
static void future(struct picture *p)
{
	p->checked = FAKE_NOW + 86400;
}
static void expires_soon(struct picture *p)
{
	p->trust_expires = FAKE_NOW + 3600;
}
static void expired(struct picture *p)
{
	p->trust_expires = FAKE_NOW - 72 * HOUR;
}
static void failed(struct picture *p)
{
	p->last_failed = true;
	FAKE_TEXT(p->last_result, "level 4 was taken back: 1 task did not switch");
}
static void quarantined(struct picture *p)
{
	p->n_quarantine = 1;
	p->quarantine[0] = (struct picture_quarantine){ 4, FAKE_NOW, "the host died in its soak" };
}
static void quarantined_below(struct picture *p)
{
	p->n_quarantine = 1;
	p->quarantine[0] = (struct picture_quarantine){ 2, FAKE_NOW, "the host died in its soak" };
}
static void waits(struct picture *p)
{
	fake_withheld(p, 4, "outside the maintenance windows", FAKE_NOW + 3600);
}
static void applying(struct picture *p)
{
	p->state = LEVEL_APPLYING;
}
static void by_hand(struct picture *p)
{
	p->reverted_by_hand = 4;
}
static void switched(struct picture *p)
{
	p->switched_off = true;
	FAKE_TEXT(p->switched, "oakum=no-apply on the kernel command line");
}
static void foreign(struct picture *p)
{
	p->host.patches.patches[0].level = 0;
	FAKE_TEXT(p->host.patches.patches[0].name, "kpatch_x");
}
static void no_level(struct picture *p)
{
	fake_no_level(p);
	p->newest = 0;
	p->no_level = true;
}
static void no_repository(struct picture *p)
{
	free(p->settings.repository);
	p->settings.repository = NULL;
	p->checked = p->tried = 0;
}
static void nothing(struct picture *p)
{
	(void)p;
}

TEST(each_finding_has_its_state_and_text)
{
	static const struct {
		void (*change)(struct picture *p);
		enum verdict want;
		const char *id, *text;
	} cases[] = {
		{ nothing, VERDICT_OK, NULL, NULL },
		{ at_the_limit, VERDICT_OK, NULL, NULL },
		{ quarantined_below, VERDICT_OK, NULL, NULL },
		{ no_support, VERDICT_CRITICAL, "support",
		  "this kernel has no livepatch support (CONFIG_LIVEPATCH)" },
		{ bad_settings, VERDICT_CRITICAL, "settings",
		  "the settings are not used: /etc/oakum/oakum.conf:1: unknown key 'x'" },
		{ incomplete, VERDICT_CRITICAL, "incomplete",
		  "not every function of level 3 is redirected" },
		{ missing, VERDICT_CRITICAL, "missing",
		  "no level is applied although level 3 is published" },
		{ missing_and_why, VERDICT_CRITICAL, "missing",
		  "no level is applied although level 4 is published: held by delay = 24h" },
		{ old_check, VERDICT_WARNING, "stale",
		  "the last check that was answered is 24 hours old" },
		{ very_old_check, VERDICT_CRITICAL, "stale",
		  "the last check that was answered is 3 days old: no answer ?[2J" },
		{ never_asked, VERDICT_WARNING, "stale", "the repository was not asked yet" },
		{ never_answered, VERDICT_CRITICAL, "stale",
		  "no check was ever answered: signed by 0 of 1 required keys" },
		{ future, VERDICT_WARNING, "stale",
		  "the last check lies in the future: this host's clock was set back" },
		{ expires_soon, VERDICT_WARNING, "expiry",
		  "the trusted metadata expires in 1 hour" },
		{ expired, VERDICT_CRITICAL, "expiry", "the trusted metadata expired 3 days ago" },
		{ failed, VERDICT_WARNING, "failed",
		  "the last deed failed: level 4 was taken back: 1 task did not switch" },
		{ quarantined, VERDICT_WARNING, "quarantined",
		  "level 4 is quarantined: the host died in its soak" },
		{ waits, VERDICT_WARNING, "withheld",
		  "level 4 is withheld: outside the maintenance windows" },
		{ applying, VERDICT_WARNING, "transition",
		  "level 3 is applying: not every task has switched" },
		{ by_hand, VERDICT_WARNING, "reverted",
		  "level 4 was reverted by hand: 'oakum update' applies it" },
		{ switched, VERDICT_WARNING, "switched-off",
		  "switched off by oakum=no-apply on the kernel command line" },
		{ foreign, VERDICT_WARNING, "foreign",
		  "livepatch 'kpatch_x' of another tool is loaded" },
		{ no_level, VERDICT_WARNING, "no-level",
		  "the repository has no level for this kernel" },
		{ no_repository, VERDICT_WARNING, "no-repository",
		  "no repository is set: write \"repository = URL\" into /etc/oakum/oakum.conf" },
	};
	struct verdict_report v;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(picture_clear) struct picture p = { 0 };

		test_case = cases[i].text ? cases[i].text : "well";
		fake_picture(&p);
		cases[i].change(&p);
		judge(&p, &v);
		EXPECT(v.worst == cases[i].want);
		EXPECT(v.n == (cases[i].id ? 1 : 0));
		if (v.n) {
			EXPECT_STR(v.findings[0].id, cases[i].id);
			EXPECT_STR(v.findings[0].text, cases[i].text);
		}
	}
	test_case = NULL;
}

TEST(worst_first)
{
	_cleanup_(picture_clear) struct picture p = { 0 };
	struct verdict_report v;

	fake_picture(&p);
	switched(&p);
	failed(&p);
	expired(&p);
	judge(&p, &v);
	EXPECT(v.n == 3 && v.worst == VERDICT_CRITICAL);
	EXPECT_STR(v.findings[0].id, "expiry");
	EXPECT_STR(v.findings[1].id, "failed");
	EXPECT_STR(v.findings[2].id, "switched-off");
	EXPECT_STR(v.good, "level 3 is applied, 6 CVEs are closed");
}

static void expect_line(const struct picture *p, const char *want)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	struct verdict_report v;
	struct oak_error err;

	judge(p, &v);
	EXPECT(verdict_nagios(p, &v, &limits, FAKE_NOW, &b, &err) == 0);
	EXPECT_STR(buf_str(&b), want);
}

TEST(nagios_lines)
{
	_cleanup_(picture_clear) struct picture p = { 0 };

	fake_picture(&p);
	expect_line(&p,
		    "OAKUM OK - level 3 is applied, 6 CVEs are closed | level=3 newest=3 cves=6 "
		    "withheld=0 quarantined=0 containers=14 check_age=1440s;86400;259200;0 "
		    "trust_left=432000s;7200:;0:\n");
	p.last_failed = true;
	FAKE_TEXT(p.last_result, "a|b\nc");
	p.checked = p.trust_expires = 0;
	FAKE_TEXT(p.check_error, "no route");
	expect_line(&p,
		    "OAKUM CRITICAL - no check was ever answered: no route; the last deed failed: "
		    "a/b c; level 3 is applied, 6 CVEs are closed | level=3 newest=3 cves=6 "
		    "withheld=0 quarantined=0 containers=14\n");
}

TEST(spans_and_times)
{
	static const struct {
		int64_t s;
		const char *want;
	} cases[] = {
		{ 0, "0 seconds" },     { 1, "1 second" },
		{ 59, "59 seconds" },   { 60, "1 minute" },
		{ 3599, "59 minutes" }, { 3600, "1 hour" },
		{ 172799, "47 hours" }, { 172800, "2 days" },
		{ -120, "2 minutes" },  { INT64_MIN, "106751991167300 days" },
	};
	char span[PLAIN_SPAN_MAX];
	_cleanup_(buf_free) struct buf b = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		plain_span(cases[i].s, span);
		EXPECT_STR(span, cases[i].want);
	}
	EXPECT(plain_when(&b, FAKE_NOW + 2160, FAKE_NOW) == 0);
	EXPECT(plain_line(&b, " \n a \t\r\n b\x1b\xc3\xa4\x7f \n") == 0);
	EXPECT_STR(buf_str(&b), "2026-11-26 20:16 UTC (in 36 minutes)a b????");
}
