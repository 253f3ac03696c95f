/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "agent/fleet/compose.h"
#include "agent/fleet/facts.h"
#include "agent/fleet/os-name.h"
#include "fake-tree.h"
#include "host/audit-result.h"

#define KERNEL "0123456789abcdef0123456789abcdef01234567"

TEST(fleet_result_says_what_became_of_a_level)
{
	static const struct {
		const char *name, *level, *local;
		bool applied; /* the server knows */
		int want;     /* enum report_result_kind; -1: nothing */
		const char *why;
	} cases[] = {
		{ "not yet", "0,none", "", false, -1, NULL },
		{ "on its way", "4,applying", "", false, -1, NULL },
		{ "soaking", "4,soaking", "", false, REPORT_APPLIED, "" },
		{ "settled", "4,settled", "", false, REPORT_SETTLED, "" },
		{ "quarantined", "3,settled", "\"quarantine\":[{\"level\":4,\"why\":\"health\"}]",
		  true, REPORT_FAILED, "health" },
		{ "another is", "0,none", "\"quarantine\":[{\"level\":3,\"why\":\"x\"}]", false, -1,
		  NULL },
		{ "stalled and taken back", "3,settled",
		  "\"failed\":{\"level\":4,\"why\":\"2 tasks\",\"at\":200}", false, REPORT_FAILED,
		  "2 tasks" },
		{ "a failure of before", "3,settled",
		  "\"failed\":{\"level\":4,\"why\":\"2 tasks\",\"at\":50}", false, -1, NULL },
		{ "another's failure", "3,settled",
		  "\"failed\":{\"level\":3,\"why\":\"2 tasks\",\"at\":200}", false, -1, NULL },
		{ "taken out by hand", "3,settled", "", true, REPORT_FAILED, "taken out again" },
		{ "going out", "4,reverting", "", true, -1, NULL },
		{ "a newer one is there", "5,settled", "", true, -1, NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fleet_watch w = { .rollout = "0123456789abcdef",
					 .build_id = KERNEL,
					 .level = 4,
					 .granted_s = 100,
					 .applied = cases[i].applied };
		_cleanup_(json_decrefp) json_t *facts = NULL;
		_cleanup_(freep) char *text = NULL;
		struct report_result r;
		bool told;

		test_case = cases[i].name;
		EXPECT(asprintf(&text,
				"{\"kernel\":{\"build_id\":\"" KERNEL "\"},\"level\":{\"number\":%c,"
				"\"state\":\"%s\"},\"local\":{%s}}",
				cases[i].level[0], cases[i].level + 2, cases[i].local) > 0);
		facts = json_loads(text, 0, NULL);
		EXPECT(facts);
		told = fleet_result(facts, &w, &r);
		EXPECT(told == (cases[i].want >= 0));
		EXPECT(!told || (int)r.kind == cases[i].want);
		if (told)
			EXPECT_STR(r.why, cases[i].why);
		/* Of another kernel nothing is said. */
		w.build_id[0] = 'f';
		EXPECT(!fleet_result(facts, &w, &r));
	}
	test_case = NULL;
}

TEST(os_name_find_takes_plain_words)
{
	static const struct {
		const char *text, *key, *want;
	} cases[] = {
		{ "NAME=x\nID=debian\nVERSION_ID=\"12\"\n", "ID=", "debian" },
		{ "NAME=x\nID=debian\nVERSION_ID=\"12\"\n", "VERSION_ID=", "12" },
		{ "ID='a'", "ID=", "a" },
		{ "ID=a b\n", "ID=", "" },
		{ "ID=\n", "ID=", "" },
		{ "VERSION_ID=1\n", "ID=", "" },
		{ "", "ID=", "" },
		{ "ID=\"\n", "ID=", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char got[OS_WORD_MAX];

		test_case = cases[i].text;
		os_name_find(cases[i].text, cases[i].key, got);
		EXPECT_STR(got, cases[i].want);
	}
	test_case = NULL;
}

/* What the last audit came to is told for a month, where the settings let it leave. */
TEST(fleet_facts_tell_the_audit)
{
	static const struct {
		const char *name;
		int64_t at_s;
		uint32_t allowed;
		bool told;
	} cases[] = {
		{ "of a day ago", 900000000 - 86400, SETTINGS_YES, true },
		{ "not allowed", 900000000 - 86400, SETTINGS_NO, false },
		{ "too old", 900000000 - INT64_C(31) * 86400, SETTINGS_YES, false },
		{ "of tomorrow", 900000000 + 86400, SETTINGS_YES, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct audit_result a = { cases[i].at_s, 71, 12 };
		_cleanup_(json_decrefp) json_t *facts = NULL;
		_cleanup_(closep) int root = tree_new();
		struct audit_result got = { 0 };
		struct picture p = { .state = 0 };
		struct oak_error err = { .code = OAK_OK };
		const json_t *audit;

		test_case = cases[i].name;
		EXPECT(dir_make(root, "var/lib/oakum", &err) == 0);
		EXPECT(audit_result_read(root, &got, &err) == -OAK_E_NOTFOUND);
		EXPECT(audit_result_write(root, &a, &err) == 0);
		EXPECT(audit_result_read(root, &got, &err) == 0 && got.failed == 12);
		EXPECT(settings_init(&p.settings, &err) == 0);
		p.settings.report_audit = cases[i].allowed;
		facts = fleet_facts(root, &p, 900000000);
		audit = json_object_get(facts, "audit");
		EXPECT((audit != NULL) == cases[i].told);
		EXPECT(json_integer_value(json_object_get(audit, "score")) ==
		       (cases[i].told ? 71 : 0));
		settings_free(&p.settings);
	}
}
