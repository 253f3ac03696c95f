/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the audit reads: configurations, command lines, versions, its own rules. */
#include "audit/cmdline.h"
#include "audit/kconfig.h"
#include "audit/rule.h"
#include "audit/version.h"
#include "test.h"

TEST(kconfig_reads_what_is_set)
{
	_cleanup_(kconfig_clear) struct kconfig k = { .n = 0 };
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err;

	EXPECT(buf_add_str(&text, "#\n# Linux/x86 6.1\n#\nCONFIG_B=y\n# CONFIG_A is not set\n"
				  "CONFIG_LSM=\"a,b\"\nCONFIG_HZ=250\nCONFIG_=y\nCONFIG_M=m\n"
				  "# CONFIG_X is not set yet\nnonsense\nCONFIG_NO_VALUE\n"
				  "CONFIG_E=\"\"\nCONFIG_Q=\"") == 0);
	EXPECT(kconfig_parse(&text, &k, &err) == 0);
	EXPECT(k.n == 7);
	EXPECT_STR(kconfig_get(&k, "A"), "n");
	EXPECT_STR(kconfig_get(&k, "B"), "y");
	EXPECT_STR(kconfig_get(&k, "M"), "m");
	EXPECT_STR(kconfig_get(&k, "LSM"), "a,b");
	EXPECT_STR(kconfig_get(&k, "HZ"), "250");
	EXPECT_STR(kconfig_get(&k, "E"), "");
	EXPECT_STR(kconfig_get(&k, "Q"), "\"");
	EXPECT(!kconfig_get(&k, "X"));
	EXPECT(!kconfig_get(&k, ""));
}

TEST(cmdline_is_read_as_the_kernel_reads_it)
{
	static const struct {
		const char *text, *name, *want; /* NULL: absent */
	} cases[] = {
		{ "quiet a=1 b", "a", "1" },
		{ "quiet a=1 b", "b", "" },
		{ "quiet a=1 b\n", "b", "" },
		{ "quiet a=1 b", "quie", NULL },
		{ "quiet a=1 b", "c", NULL },
		{ "a=1 a=2", "a", "2" },
		{ "a=1 a", "a", "" },
		{ "a=1 -- b=2", "b", NULL },
		{ "a-b=1", "a_b", "1" },
		{ "a_b=1", "a-b", "1" },
		{ "a=\"x y\" b=1", "a", "x y" },
		{ "\"a=x y\" b=1", "a", "x y" },
		{ "\"a=x y\" b=1", "y", NULL },
		{ "a==", "a", "=" },
		{ "", "a", NULL },
		{ "   ", "a", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char value[CMDLINE_VALUE_MAX];
		bool found;

		test_case = cases[i].text;
		found = cmdline_get(cases[i].text, cases[i].name, value);
		EXPECT(found == (cases[i].want != NULL));
		if (found)
			EXPECT_STR(value, cases[i].want);
	}
	test_case = NULL;
}

TEST(versions_are_in_order)
{
	static const char *const rising[] = {
		"0",          "0.10.5",     "1.0.0-rc3", "1.0.0-rc9", "1.0.0-rc10",
		"1.0.0-rc91", "1.0.0-rc95", "1.0.0",     "1.0.3",     "1.2.0-beta.0",
		"1.2.0-rc.1", "1.2.0-rc.3", "1.2.0",     "1.2.0.1",   "1.10.0",
		"4.9.4",      "5.0.1",      "19.03.0",   "19.03.16",  "20.10.0-rc1",
		"20.10.0",    "20.10.24",
	};
	static const char *const equal[][2] = {
		{ "1.2", "1.2.0" },        { "v1.2.3", "1.2.3" },
		{ "19.03.1", "19.3.1" },   { "1.2.3+ds1", "1.2.3" },
		{ "1.0-rc.3", "1.0-rc3" }, { "1.0.0-rc95+x", "1.0.0-rc95" },
	};

	for (size_t i = 0; i < sizeof(rising) / sizeof(rising[0]); i++) {
		for (size_t k = 0; k < sizeof(rising) / sizeof(rising[0]); k++) {
			int d = version_compare(rising[i], rising[k]);

			test_case = rising[i];
			EXPECT((d > 0) == (i > k) && (d < 0) == (i < k));
		}
	}
	for (size_t i = 0; i < sizeof(equal) / sizeof(equal[0]); i++) {
		test_case = equal[i][0];
		EXPECT(version_compare(equal[i][0], equal[i][1]) == 0);
		EXPECT(version_compare(equal[i][1], equal[i][0]) == 0);
	}
	test_case = NULL;
}

TEST(versions_of_packages_have_an_upstream)
{
	static const struct {
		const char *package, *want;
	} cases[] = {
		{ "1.1.5+ds1-1+deb12u1", "1.1.5" },
		{ "1.6.20~ds1-1+deb12u3", "1.6.20" },
		{ "20.10.24+dfsg1-1+deb12u1", "20.10.24" },
		{ "5:28.3.3-1~debian.12~bookworm", "28.3.3" },
		{ "1.0.0~rc93+ds1-5+deb11u5", "1.0.0-rc93" },
		{ "1.0.0~rc93~ds1-5", "1.0.0-rc93" },
		{ "1.7.27-1", "1.7.27" },
		{ "2.1", "2.1" },
		{ "", "" },
		{ ":", "" },
		{ "-", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char upstream[VERSION_MAX];

		test_case = cases[i].package;
		version_upstream(cases[i].package, upstream, sizeof(upstream));
		EXPECT_STR(upstream, cases[i].want);
	}
	test_case = NULL;
}

/* Each row answers in one way, or says why in none; ids are unique; texts are for people. */
TEST(checks_are_well_formed)
{
	for (size_t i = 0; audit_tables[i]->n; i++) {
		const struct audit_table *t = audit_tables[i];

		EXPECT(t->group && t->title && t->source);
		for (size_t k = 0; k < t->n; k++) {
			const struct audit_check *c = &t->rows[k];

			test_case = c->id;
			EXPECT(audit_check_by_id(c->id, NULL) == c);
			EXPECT(c->title && c->why);
			EXPECT(!!c->rule + !!c->run + !!c->run_container + !!c->manual == 1);
			EXPECT(c->manual || c->fix);
			EXPECT(!c->rule || rule_is_valid(c->rule));
			EXPECT(!strchr(c->id, ' '));
		}
	}
	test_case = NULL;
	EXPECT(!rule_is_valid(""));
	EXPECT(!rule_is_valid("config:A"));
	EXPECT(!rule_is_valid("other:A=y"));
	EXPECT(!rule_is_valid("config:A=y | "));
	EXPECT(!rule_is_valid("A=y"));
}
