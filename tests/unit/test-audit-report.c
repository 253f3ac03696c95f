/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is made of findings: the score, documents, the baseline, the list of checks. */
#include "audit-fixture.h"
#include "audit/baseline.h"
#include "audit/report.h"
#include "fake-docker.h"

/* Two checks of the daemon: 2.2 warns (medium), 2.4 passes (medium), 2.7 fails (critical). */
static int new_host(void)
{
	return docker_new("-H\ntcp://0.0.0.0:2375", "{}");
}

static struct audit audit_some(int root)
{
	static const char *const only[] = { "2.2", "2.4", "2.7", "5.5", NULL };
	const struct audit_options opt = { .only = only, .now = AUDIT_NOW };
	struct audit a = { .n = 0 };
	struct oak_error err;

	EXPECT(audit_run(root, &opt, &a, &err) == 0);
	EXPECT(a.n == 4);
	return a;
}

TEST(score_says_what_it_lost)
{
	_cleanup_(closep) int root = new_host();
	_cleanup_(audit_clear) struct audit a = audit_some(root);
	struct score s;

	score_of(&a, &s);
	/* Of 3 + 3 + 10 points lost: half of a medium, all of a critical. */
	EXPECT(s.percent == 28);
	EXPECT(s.lost[AUDIT_MEDIUM] > 1.49 && s.lost[AUDIT_MEDIUM] < 1.51);
	EXPECT(s.lost[AUDIT_CRITICAL] > 9.99 && s.lost[AUDIT_CRITICAL] < 10.01);
	EXPECT(s.checks[AUDIT_MEDIUM] == 1 && s.checks[AUDIT_CRITICAL] == 1);
	EXPECT(s.verdicts[AUDIT_INAPPLICABLE] == 1 && s.verdicts[AUDIT_PASS] == 1);
	a.findings[2].accepted = "x";
	score_of(&a, &s);
	EXPECT(s.percent == 75 && s.accepted == 1);
}

TEST(audit_knows_its_words)
{
	_cleanup_(closep) int root = new_host();
	static const char *const only[] = { "2.2", "nonsense", NULL };
	const struct audit_options opt = { .only = only };
	struct audit a = { .n = 0 };
	enum audit_severity s;
	struct oak_error err;

	EXPECT(audit_run(root, &opt, &a, &err) == -OAK_E_NOTFOUND);
	EXPECT_STR(err.msg, "no check and no group is named 'nonsense': --checks lists them");
	EXPECT(audit_severity_parse("high", &s) == 0 && s == AUDIT_HIGH);
	EXPECT(audit_severity_parse("worst", &s) < 0);
}

#define ENTRY(more) "{\"schema\": 1, \"accepted\": [{" more "}]}"

TEST(baseline_is_checked)
{
	static const struct {
		const char *text, *want; /* NULL: fine */
	} cases[] = {
		{ "{\"schema\": 1, \"accepted\": []}", NULL },
		{ ENTRY("\"id\": \"2.7\", \"reason\": \"lab\", \"expires\": \"2027-01-01\""), NULL },
		{ "{\"accepted\": []}", "b: \"schema\" must be 1" },
		{ "{\"schema\": 1}", "b: \"accepted\" must be a list" },
		{ ENTRY("\"id\": \"9.9\""), "b: entry 1: \"id\" names no check" },
		{ ENTRY("\"id\": \"2.7\", \"expires\": \"2027-01-01\""),
		  "b: entry 1: \"reason\" must say why" },
		{ ENTRY("\"id\": \"2.7\", \"reason\": \"\\u001b\", \"expires\": \"2027-01-01\""),
		  "b: entry 1: \"reason\" must say why" },
		{ ENTRY("\"id\": \"2.7\", \"reason\": \"x\""),
		  "b: entry 1: \"expires\" must be a date, YYYY-MM-DD" },
		{ ENTRY("\"id\": \"2.7\", \"reason\": \"x\", \"expires\": \"2027-13-01\""),
		  "b: entry 1: \"expires\" must be a date, YYYY-MM-DD" },
		{ ENTRY("\"id\": \"2.7\", \"reason\": \"x\", \"expires\": \"2027-01-01\", "
			"\"subject\": 3"),
		  "b: entry 1: \"subject\" must be a text" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(baseline_clear) struct baseline b = { .n = 0 };
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].text;
		EXPECT(baseline_parse(cases[i].text, strlen(cases[i].text), "b", &b, &err) ==
		       (cases[i].want ? -OAK_E_FORMAT : 0));
		if (cases[i].want)
			EXPECT_STR(err.msg, cases[i].want);
	}
	test_case = NULL;
}

/* @want: is 2.7 accepted? */
static void try_baseline(const char *text, bool want, size_t unused, size_t expired)
{
	_cleanup_(baseline_clear) struct baseline b = { .n = 0 };
	_cleanup_(closep) int root = new_host();
	_cleanup_(audit_clear) struct audit a = audit_some(root);
	struct oak_error err;

	test_case = text;
	EXPECT(baseline_parse(text, strlen(text), "b", &b, &err) == 0);
	baseline_apply(&b, "b", AUDIT_NOW, &a);
	EXPECT(!!a.findings[2].accepted == want);
	EXPECT(finding_counts(&a.findings[2]) == !want);
	EXPECT(b.unused == unused && b.expired == expired);
	EXPECT(!a.findings[1].accepted);
	test_case = NULL;
}

TEST(baseline_accepts_until_it_ends)
{
	try_baseline(ENTRY("\"id\": \"2.7\", \"reason\": \"lab\", \"expires\": \"2026-11-18\""),
		     true, 0, 0);
	try_baseline(ENTRY("\"id\": \"2.7\", \"reason\": \"lab\", \"expires\": \"2026-11-17\""),
		     false, 0, 1);
	try_baseline(ENTRY("\"id\": \"2.7\", \"reason\": \"lab\", \"expires\": \"2027-01-01\", "
			   "\"subject\": \"engine docker\""),
		     true, 0, 0);
	try_baseline(ENTRY("\"id\": \"2.7\", \"reason\": \"lab\", \"expires\": \"2027-01-01\", "
			   "\"subject\": \"engine *\""),
		     true, 0, 0);
	try_baseline(ENTRY("\"id\": \"2.7\", \"reason\": \"lab\", \"expires\": \"2027-01-01\", "
			   "\"subject\": \"container *\""),
		     false, 1, 0);
	/* What passes needs none. */
	try_baseline(ENTRY("\"id\": \"2.4\", \"reason\": \"lab\", \"expires\": \"2027-01-01\""),
		     false, 1, 0);
}

static int gather(void *ctx, const char *text, struct oak_error *err)
{
	(void)err;
	return buf_add_str(ctx, text);
}

static json_t *parse(const struct buf *b)
{
	struct oak_error err;
	json_t *j = NULL;

	EXPECT(json_parse(b->data, b->len, SIZE_MAX, "report", &j, &err) == 0);
	return j;
}

TEST(report_is_json)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	_cleanup_(closep) int root = new_host();
	_cleanup_(audit_clear) struct audit a = audit_some(root);
	_cleanup_(json_decrefp) json_t *j = NULL, *checks = report_checks_json();
	const json_t *f;
	struct oak_error err;
	struct score s;

	score_of(&a, &s);
	EXPECT(report_json(&a, &s, gather, &b, &err) == 0);
	j = parse(&b);
	EXPECT(json_integer_value(json_object_get(j, "schema")) == 1);
	EXPECT(json_is_integer(json_object_get(j, "containers")));
	EXPECT(json_array_size(json_object_get(j, "findings")) == 4);
	f = json_array_get(json_object_get(j, "findings"), 2);
	EXPECT_STR(json_get_str(f, "id"), "2.7");
	EXPECT_STR(json_get_str(f, "group"), "docker-daemon");
	EXPECT_STR(json_get_str(f, "severity"), "critical");
	EXPECT_STR(json_get_str(f, "verdict"), "fail");
	EXPECT_STR(json_get_str(f, "subject"), "engine docker");
	EXPECT(json_array_size(json_object_get(f, "evidence")) == 2);
	EXPECT(json_integer_value(json_object_get(json_object_get(j, "score"), "percent")) == 28);
	EXPECT(json_array_size(json_object_get(checks, "checks")) > 300);
}

/* What names may hold, and what would end a text. */
TEST(report_keeps_quotes)
{
	_cleanup_(closep) int root = docker_new("-H\ntcp://a\"b\\c\\", "{}");
	_cleanup_(audit_clear) struct audit a = audit_one(root, "2.7");
	_cleanup_(json_decrefp) json_t *j = NULL;
	_cleanup_(buf_free) struct buf b = { 0 };
	const json_t *evidence;
	struct oak_error err;
	struct score s;

	score_of(&a, &s);
	EXPECT(report_json(&a, &s, gather, &b, &err) == 0);
	j = parse(&b);
	evidence = json_object_get(json_array_get(json_object_get(j, "findings"), 0), "evidence");
	EXPECT_STR(json_get_str(json_array_get(evidence, 0), "value"), "host=tcp://a\"b\\c\\");
}

TEST(report_is_sarif)
{
	_cleanup_(closep) int root = new_host();
	_cleanup_(audit_clear) struct audit a = audit_some(root);
	_cleanup_(json_decrefp) json_t *j = NULL;
	_cleanup_(buf_free) struct buf b = { 0 };
	const json_t *run, *rules, *result;
	struct oak_error err;
	static const struct {
		const char *kind, *level;
	} want[] = { { "fail", "warning" },
		     { "pass", "none" },
		     { "fail", "error" },
		     { "notApplicable", "none" } };

	a.findings[2].accepted = "lab";
	EXPECT(report_sarif(&a, gather, &b, &err) == 0);
	j = parse(&b);
	EXPECT_STR(json_get_str(j, "version"), "2.1.0");
	run = json_array_get(json_object_get(j, "runs"), 0);
	rules = json_object_get(json_object_get(json_object_get(run, "tool"), "driver"), "rules");
	for (size_t i = 0; i < 4; i++) {
		size_t rule;

		result = json_array_get(json_object_get(run, "results"), i);
		EXPECT_STR(json_get_str(result, "kind"), want[i].kind);
		EXPECT_STR(json_get_str(result, "level"), want[i].level);
		rule = (size_t)json_integer_value(json_object_get(result, "ruleIndex"));
		EXPECT_STR(json_get_str(json_array_get(rules, rule), "id"),
			   json_get_str(result, "ruleId"));
		EXPECT(json_array_size(json_object_get(result, "suppressions")) == (i == 2));
	}
}

TEST(report_is_junit)
{
	_cleanup_(closep) int root = docker_new("-H\ntcp://<&\">:2375", "{}");
	_cleanup_(audit_clear) struct audit a = audit_some(root);
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err;
	const char *text;

	EXPECT(report_junit(&a, gather, &b, &err) == 0);
	text = buf_str(&b);
	EXPECT_CONTAINS(text, "<testsuite name=\"docker-daemon\" tests=\"3\" failures=\"1\"");
	EXPECT_CONTAINS(text, "host=tcp://&lt;&amp;&quot;&gt;:2375");
	EXPECT_CONTAINS(text, "<failure type=\"critical\"");
	EXPECT_CONTAINS(text,
			"<testsuite name=\"containers\" tests=\"1\" failures=\"0\" errors=\"0\" "
			"skipped=\"1\">");
}

/* Names that others chose reach no terminal as they are. */
TEST(findings_are_plain)
{
	_cleanup_(closep) int root = docker_new("-H\ntcp://\033[31m\n", "{}");
	_cleanup_(audit_clear) struct audit a = audit_one(root, "2.7");

	EXPECT_STR(a.findings[0].seen[0].value, "host=tcp://?[31m");
}

/* The page says what the tables say; a changed table wants the page made again. */
TEST(checks_are_documented)
{
	_cleanup_(freep) char *want = report_checks_markdown();
	_cleanup_(buf_free) struct buf page = { 0 };
	struct oak_error err;

	EXPECT(file_read(AT_FDCWD, "docs/checks.md", 1u << 20, &page, &err) == 0);
	if (strcmp(buf_str(&page), want) != 0)
		test_fail("docs/checks.md is old: oakum audit --checks --markdown >docs/checks.md",
			  __FILE__, __LINE__);
}

/* Every row of docker-bench's sections 1 to 7 has its id, whether automated or not. */
TEST(checks_keep_the_ids_of_the_benchmark)
{
	static const struct {
		unsigned section, n;
	} sections[] = { { 2, 18 }, { 3, 24 }, { 4, 12 }, { 5, 32 }, { 6, 2 }, { 7, 9 } };
	char id[16];

	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		for (unsigned k = 1; k <= sections[i].n; k++) {
			(void)snprintf(id, sizeof(id), "%u.%u", sections[i].section, k);
			test_case = id;
			EXPECT(audit_check_by_id(id, NULL));
		}
	}
	for (unsigned k = 1; k <= 18; k++) {
		(void)snprintf(id, sizeof(id), "1.1.%u", k);
		test_case = id;
		EXPECT(audit_check_by_id(id, NULL));
	}
	test_case = NULL;
	EXPECT(audit_check_by_id("1.2.1", NULL) && audit_check_by_id("1.2.2", NULL));
}
