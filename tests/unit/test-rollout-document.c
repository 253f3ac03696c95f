/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/json.h"
#include "fleet/rollout/document.h"
#include "test.h"

static int read_text(const char *text, struct rollout_document *ret, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *json = NULL;

	EXPECT(json_parse(text, strlen(text), 65536, "rollout", &json, err) == 0);
	return rollout_document_read(json, ret, err);
}

TEST(what_is_left_out_is_careful)
{
	_cleanup_(rollout_document_clear) struct rollout_document d = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(read_text("{\"name\": \"all\", \"level\": \"latest\"}", &d, &err) == 0);
	EXPECT(d.level == 0 && d.spec.n_stages == 3);
	EXPECT(d.spec.stages[0].kind == ROLLOUT_STAGE_COUNT && d.spec.stages[0].amount == 1);
	EXPECT(d.spec.stages[2].kind == ROLLOUT_STAGE_PERCENT && d.spec.stages[2].amount == 100);
	EXPECT(d.spec.stages[0].soak_s == 1800 && d.spec.stages[0].success_pct == 95);
	EXPECT(d.spec.stages[0].patience_s == 86400);
	EXPECT(d.spec.budget.max_failed == 3 && d.spec.budget.action == ROLLOUT_ACTION_PAUSE);
	EXPECT(d.spec.max_in_flight == 10 && d.spec.silence_s == 43200 && !d.spec.approval);
	EXPECT_STR(d.channel, "stable");
	EXPECT_STR(d.timezone, "UTC");
	EXPECT(d.start_s == ROLLOUT_START_BY_HAND && !d.spec.spread);
	EXPECT_STR(json_get_str(d.json, "windows"), "any");
	EXPECT_STR(json_get_str(json_array_get(json_object_get(d.json, "stages"), 1), "soak"), "1h");
}

TEST(all_members_are_read_and_written)
{
	static const char text[] =
		"{\"name\": \"CVE-2026-1\", \"level\": 4, \"channel\": \"fast\","
		" \"where\": {\"rings\": [\"one\"], \"tags\": [\"role=web\"],"
		"  \"kernels\": [\"0123456789012345678901234567890123456789\"],"
		"  \"distributions\": [\"debian:12\"]},"
		" \"stages\": [{\"tag\": \"canary\", \"soak\": \"2h\", \"success\": 100,"
		"   \"min_reports\": 2, \"patience\": \"2d\", \"next\": \"pause\"},"
		"  {\"percent\": 50}],"
		" \"budget\": {\"failed\": 1, \"failed_percent\": 2, \"min_executed\": 3,"
		"  \"action\": \"take-back\"},"
		" \"impact\": {\"transition_ms\": 5000, \"gap_us\": 900},"
		" \"max_in_flight\": 5, \"grant_timeout\": \"20m\", \"settle_timeout\": \"3h\","
		" \"silence\": \"1h\", \"windows\": \"Mon-Fri 22:00-04:00; Sun 00:00-24:00\","
		" \"timezone\": \"Europe/Berlin\", \"spread\": \"az\", \"approval\": true,"
		" \"start\": \"2026-11-01T22:00:00Z\"}";
	_cleanup_(rollout_document_clear) struct rollout_document d = { 0 }, again = { 0 };
	struct oak_error err = { .code = OAK_OK };

	EXPECT(read_text(text, &d, &err) == 0);
	EXPECT(d.level == 4 && d.spec.n_stages == 2 && d.spec.approval && d.spec.spread);
	EXPECT_STR(d.stage_tag[0], "canary");
	EXPECT(d.spec.stages[0].next == ROLLOUT_NEXT_PAUSE && d.spec.stages[0].min_reports == 2);
	EXPECT(d.spec.max_gap_us == 900 && d.spec.max_transition_ms == 5000);
	EXPECT(d.spec.grant_timeout_s == 1200 && d.start_s == 1793570400);
	EXPECT(d.n_windows == 2 && d.windows[0].from == 1320 && d.windows[0].days == 0x1f);
	EXPECT(rollout_document_read(d.json, &again, &err) == 0);
	EXPECT(json_equal(d.json, again.json));
}

TEST(each_wrong_member_is_named)
{
	static const struct {
		const char *name, *in, *want_msg;
	} cases[] = {
		{ "no name", "{\"level\": 1}", "name: a text of 1 to 127 bytes on one line" },
		{ "no level", "{\"name\": \"a\"}", "level: a number, or \"latest\"" },
		{ "level 0", "{\"name\": \"a\", \"level\": 0}",
		  "level: a number from 1 to 1000000" },
		{ "unknown", "{\"name\": \"a\", \"level\": 1, \"max_flight\": 3}",
		  "\"max_flight\" is not one of max_in_flight, grant_timeout, settle_timeout, "
		  "silence, approval, name, level, channel, where, stages, budget, impact, windows, "
		  "timezone, spread, start" },
		{ "duration", "{\"name\": \"a\", \"level\": 1, \"silence\": \"soon\"}",
		  "silence: a duration from \"1s\" to \"30d\"" },
		{ "number", "{\"name\": \"a\", \"level\": 1, \"max_in_flight\": 0}",
		  "max_in_flight: a number from 1 to 100000000" },
		{ "switch", "{\"name\": \"a\", \"level\": 1, \"approval\": 1}",
		  "approval: true or false" },
		{ "stage without size",
		  "{\"name\": \"a\", \"level\": 1, \"stages\": [{\"soak\": \"1h\"}]}",
		  "stages[0]: one of \"count\", \"percent\" and \"tag\"" },
		{ "stage of two",
		  "{\"name\": \"a\", \"level\": 1, \"stages\": [{\"count\": 1, \"tag\": \"x\"}]}",
		  "stages[0]: one of \"count\", \"percent\" and \"tag\"" },
		{ "percent", "{\"name\": \"a\", \"level\": 1, \"stages\": [{\"percent\": 101}]}",
		  "stages[0]: percent: a number from 1 to 100" },
		{ "percent falls",
		  "{\"name\": \"a\", \"level\": 1, \"stages\": [{\"percent\": 50}, {\"percent\": 50}]}",
		  "stage 2 is of 50 percent, which the one before it reached: percentages count "
		  "all hosts so far" },
		{ "no stage", "{\"name\": \"a\", \"level\": 1, \"stages\": []}",
		  "stages: a list of 1 to 16 stages" },
		{ "next",
		  "{\"name\": \"a\", \"level\": 1, \"stages\": [{\"count\": 1, \"next\": \"x\"}]}",
		  "stages[0]: next: one of \"stage\", \"pause\"" },
		{ "kernel", "{\"name\": \"a\", \"level\": 1, \"where\": {\"kernels\": [\"abc\"]}}",
		  "where: kernels: \"abc\" is no build-id: 40 hexadecimal digits" },
		{ "list", "{\"name\": \"a\", \"level\": 1, \"where\": {\"tags\": \"abc\"}}",
		  "where: tags: a list of at most 64 words" },
		{ "word", "{\"name\": \"a\", \"level\": 1, \"where\": {\"tags\": [\"a b\"]}}",
		  "where: tags: a word of 1 to 63 letters" },
		{ "action", "{\"name\": \"a\", \"level\": 1, \"budget\": {\"action\": \"burn\"}}",
		  "budget: action: one of \"pause\", \"stop\", \"take-back\"" },
		{ "windows", "{\"name\": \"a\", \"level\": 1, \"windows\": \"always\"}",
		  "windows: \"any\", or at most 8 like \"Mon-Fri 22:00-04:00; Sat 00:00-24:00\"" },
		{ "zone", "{\"name\": \"a\", \"level\": 1, \"timezone\": \"../etc/passwd\"}",
		  "timezone: a name like \"Europe/Berlin\"" },
		{ "start", "{\"name\": \"a\", \"level\": 1, \"start\": \"tomorrow\"}",
		  "start: \"by-hand\", \"at-once\", or a time like \"2026-11-01T22:00:00Z\"" },
		{ "spread", "{\"name\": \"a\", \"level\": 1, \"spread\": \"az=1\"}",
		  "spread: the part of a tag before its '='" },
		{ "patience",
		  "{\"name\": \"a\", \"level\": 1, \"stages\": [{\"count\": 1, \"patience\": \"1h\"}]}",
		  "stage 1 has 3600 s patience: hosts need the 43200 s of silence to ask" },
		{ "not an object", "[]", "not an object" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rollout_document d = { 0 };
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].name;
		EXPECT(read_text(cases[i].in, &d, &err) == -OAK_E_FORMAT);
		EXPECT_STR(err.msg, cases[i].want_msg);
		EXPECT(!d.json);
	}
}

TEST(a_host_fits_where_every_list_does)
{
	static const char kernel[] = "0123456789012345678901234567890123456789";
	static const struct {
		const char *name, *where;
		bool want;
	} cases[] = {
		{ "none", "{}", true },
		{ "its ring", "{\"rings\": [\"two\", \"one\"]}", true },
		{ "another ring", "{\"rings\": [\"two\"]}", false },
		{ "one tag", "{\"tags\": [\"az=1\"]}", true },
		{ "both tags", "{\"tags\": [\"az=1\", \"role=web\"]}", true },
		{ "not all tags", "{\"tags\": [\"az=1\", \"role=db\"]}", false },
		{ "part of a tag", "{\"tags\": [\"role=we\"]}", false },
		{ "end of a tag", "{\"tags\": [\"ole=web\"]}", false },
		{ "kernel", "{\"kernels\": [\"0123456789012345678901234567890123456789\"]}", true },
		{ "other kernel", "{\"kernels\": [\"1123456789012345678901234567890123456789\"]}",
		  false },
		{ "distribution", "{\"distributions\": [\"debian\"]}", true },
		{ "its version", "{\"distributions\": [\"ubuntu\", \"debian:12\"]}", true },
		{ "other version", "{\"distributions\": [\"debian:13\"]}", false },
	};
	const struct rollout_who who = { "one", kernel, "debian", "12", "az=1 role=web" };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(rollout_document_clear) struct rollout_document d = { 0 };
		struct oak_error err = { .code = OAK_OK };
		char text[256];

		test_case = cases[i].name;
		(void)snprintf(text, sizeof(text), "{\"name\": \"a\", \"level\": 1, \"where\": %s}",
			       cases[i].where);
		EXPECT(read_text(text, &d, &err) == 0);
		EXPECT(rollout_document_fits(&d, &who) == cases[i].want);
	}
}

TEST(hosts_of_one_value_are_one_domain)
{
	_cleanup_(rollout_document_clear) struct rollout_document d = { 0 };
	struct oak_error err = { .code = OAK_OK };
	uint32_t one;

	EXPECT(read_text("{\"name\": \"a\", \"level\": 1, \"spread\": \"az\"}", &d, &err) == 0);
	one = rollout_domain(&d, "az=1 role=web");
	EXPECT(one && one == rollout_domain(&d, "role=db az=1"));
	EXPECT(one != rollout_domain(&d, "az=2"));
	EXPECT(rollout_domain(&d, "xaz=1 az2=1 role=az") == 0);
	EXPECT(rollout_domain(&d, "") == 0);
}
