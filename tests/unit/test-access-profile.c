/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/access/profile.h"
#include "test.h"

TEST(profiles_are_taken_as_runc_takes_them)
{
	static const struct {
		const char *text;
		enum access_call call;
		enum filter_word word;
	} rules[] = {
		/* Conditions on one argument are alternatives; on several all must hold. */
		{ "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"unshare\"],"
		  "\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":1,\"op\":"
		  "\"SCMP_CMP_EQ\"},{\"index\":0,\"value\":268435456,\"op\":\"SCMP_CMP_EQ\"}]}]}",
		  CALL_UNSHARE, FILTER_ALLOWS },
		{ "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"unshare\"],"
		  "\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":1,\"op\":"
		  "\"SCMP_CMP_EQ\"}]}]}",
		  CALL_UNSHARE, FILTER_DENIES },
		/* An argument that is not known here. */
		{ "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"bpf\"],"
		  "\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":1,\"op\":"
		  "\"SCMP_CMP_EQ\"}]}]}",
		  CALL_BPF, FILTER_UNKNOWN },
		/* Rules against one another. */
		{ "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"bpf\"],"
		  "\"action\":\"SCMP_ACT_ALLOW\"},{\"names\":[\"bpf\"],\"action\":"
		  "\"SCMP_ACT_KILL\"}]}",
		  CALL_BPF, FILTER_UNKNOWN },
		/* With the default's action it is no rule. */
		{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"bpf\"],"
		  "\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":1}]}]}",
		  CALL_BPF, FILTER_ALLOWS },
		{ "{\"defaultAction\":\"SCMP_ACT_LOG\"}", CALL_BPF, FILTER_ALLOWS },
		{ "{\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\",\"syscalls\":[{\"name\":\"bpf\","
		  "\"action\":\"SCMP_ACT_ALLOW\"}]}",
		  CALL_BPF, FILTER_ALLOWS },
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		_cleanup_(json_decrefp) json_t *j = NULL;
		struct access_profile p;
		struct oak_error err;

		test_case = rules[i].text;
		EXPECT(json_parse(rules[i].text, strlen(rules[i].text), 4096, "x", &j, &err) == 0);
		EXPECT(profile_parse(j, &p));
		EXPECT(p.call[rules[i].call] == rules[i].word);
	}
	test_case = NULL;
	EXPECT(!profile_parse(NULL, &(struct access_profile){ .x86 = false }));
}

static bool member(const char *text, const char *key, const char *want)
{
	struct oci_span got;

	if (!oci_member((struct oci_span){ text, strlen(text) }, key, &got))
		return !want;
	return want && got.len == strlen(want) && memcmp(got.p, want, got.len) == 0;
}

TEST(members_are_found_without_building_anything)
{
	EXPECT(member("{\"a\":1,\"b\":{\"c\":[1,\"}\"]}}", "b", "{\"c\":[1,\"}\"]}"));
	EXPECT(member(" { \"a\" : \"x\\\"\" , \"b\" : 2 }", "b", "2 "));
	/* Not what stands in a text, nor what is deeper. */
	EXPECT(member("{\"a\":\"\\\"b\\\":3\",\"c\":{\"b\":4}}", "b", NULL));
	EXPECT(member("{\"a\":{\"b\":1}}", "b", NULL));
	EXPECT(member("[1]", "b", NULL));
	EXPECT(member("{\"b\":", "b", NULL));
	EXPECT(member("{\"b\":\"x", "b", NULL));
	EXPECT(member("{\"b\" 1}", "b", NULL));
	EXPECT(member("{\"a\":1", "b", NULL));
	EXPECT(member("", "b", NULL));
}

TEST(the_last_rule_for_a_device_decides)
{
	static const char text[] =
		"[{\"allow\":false,\"access\":\"rwm\"},"
		"{\"allow\":true,\"type\":\"c\",\"major\":10,\"minor\":232,\"access\":\"rwm\"},"
		"{\"allow\":true,\"type\":\"b\",\"access\":\"m\"},"
		"{\"allow\":true,\"type\":\"c\",\"major\":116,\"access\":\"r\"}]";
	_cleanup_(json_decrefp) json_t *j = NULL;
	struct oak_error err;

	EXPECT(json_parse(text, strlen(text), 4096, "x", &j, &err) == 0);
	EXPECT(oci_device(j, 'c', 10, 232) == FILTER_ALLOWS);
	EXPECT(oci_device(j, 'c', 10, 229) == FILTER_DENIES);
	EXPECT(oci_device(j, 'b', 10, 232) == FILTER_DENIES);
	EXPECT(oci_device(j, 'c', 116, 7) == FILTER_ALLOWS);
	EXPECT(oci_device(NULL, 'c', 1, 3) == FILTER_UNKNOWN);
}
