/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include "base/json.h"
#include "trust/manifest.h"

#define HEX64 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const char good[] =
	"{\"schema\":1,\"kernel\":{\"build_id\":\"0123456789abcdef0123456789abcdef01234567\","
	"\"release\":\"6.1.0-50-amd64\",\"arch\":\"x86_64\",\"distribution\":\"debian\","
	"\"package_version\":\"6.1.176-1\"},\"level\":7,\"replaces\":\"all\",\"channel\":\"edge\","
	"\"module\":{\"name\":\"oakum_7\",\"size\":12345,\"sha256\":\"" HEX64 "\","
	"\"vermagic\":\"6.1.0-50-amd64 SMP preempt mod_unload modversions \",\"signer\":null},"
	"\"fixes\":[{\"id\":\"CVE-2026-89603\",\"cve\":[\"CVE-2026-89603\"],\"title\":\"a title\","
	"\"patch_sha256\":\"" HEX64 "\",\"functions\":[{\"object\":\"vmlinux\","
	"\"name\":\"syscall_trace_enter.constprop.0\",\"sympos\":1,"
	"\"address\":\"0xffffffff8118a2b0\",\"proof\":\"identical\"}]}],"
	"\"accepted\":[{\"rule\":\"data-changed\",\"symbol\":\"struct a\",\"why\":\"it did\","
	"\"reason\":\"unused\"}],\"warnings\":[{\"rule\":\"never-leaves\",\"symbol\":\"kswapd\","
	"\"why\":\"it loops\",\"advice\":\"do not\"}],"
	"\"effective_version\":null,\"built\":{},\"tested\":[],\"withdrawn\":null,"
	"\"of-a-later-schema\":true}";

TEST(manifest_parse_reads_every_member)
{
	_cleanup_(manifest_freep) struct manifest *m = NULL;
	char path[MANIFEST_PATH_MAX];
	struct oak_error err;

	EXPECT(manifest_parse(good, strlen(good), "m", &m, &err) == 0);
	EXPECT_STR(m->kernel.build_id, "0123456789abcdef0123456789abcdef01234567");
	EXPECT_STR(m->kernel.release, "6.1.0-50-amd64");
	EXPECT_STR(m->kernel.arch, "x86_64");
	EXPECT_STR(m->kernel.distribution, "debian");
	EXPECT_STR(m->kernel.package_version, "6.1.176-1");
	EXPECT(m->level == 7);
	EXPECT_STR(m->channel, "edge");
	EXPECT_STR(m->module.name, "oakum_7");
	EXPECT(m->module.size == 12345);
	EXPECT_STR(m->module.sha256, HEX64);
	EXPECT(!m->module.signer && !m->effective_version && !m->withdrawn);
	EXPECT(m->n_fixes == 1 && m->fixes[0].n_cve == 1 && m->fixes[0].n_functions == 1);
	EXPECT_STR(m->fixes[0].cve[0], "CVE-2026-89603");
	EXPECT_STR(m->fixes[0].functions[0].name, "syscall_trace_enter.constprop.0");
	EXPECT(m->fixes[0].functions[0].sympos == 1);
	EXPECT(m->fixes[0].functions[0].address == 0xffffffff8118a2b0u);
	EXPECT(m->n_accepted == 1 && m->n_warnings == 1);
	EXPECT_STR(m->accepted[0].rule, "data-changed");
	EXPECT_STR(m->accepted[0].symbol, "struct a");
	EXPECT_STR(m->accepted[0].why, "it did");
	EXPECT_STR(m->accepted[0].text, "unused");
	EXPECT_STR(m->warnings[0].symbol, "kswapd");
	EXPECT_STR(m->warnings[0].text, "do not");
	manifest_level_path(m, path);
	EXPECT_STR(path, "kernels/x86_64/0123456789abcdef0123456789abcdef01234567/7/"
			 "oakum_7.ko.zst");
}

/* The good manifest with the value at @path ("kernel.arch", "fixes.0.id") replaced or removed. */
static json_t *changed(const char *path, const char *value)
{
	json_t *root = json_loads(good, 0, NULL), *at = root;
	_cleanup_(freep) char *copy = strdup(path);
	char *key = copy, *dot;

	for (; (dot = strchr(key, '.')); key = dot + 1) {
		*dot = '\0';
		at = json_is_array(at) ? json_array_get(at, (size_t)(key[0] - '0'))
				       : json_object_get(at, key);
	}
	if (value)
		(void)json_object_set_new(at, key, json_loads(value, JSON_DECODE_ANY, NULL));
	else
		(void)json_object_del(at, key);
	return root;
}

TEST(manifest_parse_reads_a_severity)
{
	static const char *const names[] = { "low", "medium", "high", "critical", NULL };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		_cleanup_(manifest_freep) struct manifest *m = NULL;
		_cleanup_(json_decrefp) json_t *json = NULL;
		struct oak_error err;
		char value[16];

		test_case = names[i];
		(void)snprintf(value, sizeof(value), "\"%s\"", names[i] ? names[i] : "");
		json = changed("fixes.0.severity", names[i] ? value : "null");
		EXPECT(manifest_from_json(json, "m", &m, &err) == 0);
		EXPECT(!m->fixes[0].severity == !names[i]);
		if (names[i])
			EXPECT_STR(m->fixes[0].severity, names[i]);
	}
	test_case = NULL;
}

TEST(manifest_parse_refuses)
{
	static const struct {
		const char *path, *value, *want_msg;
	} cases[] = {
		{ "schema", "2", "m: schema: not a number from 1 to 1" },
		{ "schema", NULL, "m: schema: not a number from 1 to 1" },
		{ "level", "0", "m: level: not a number from 1 to 1000000" },
		{ "level", "-1", "m: level: not a number from 1 to 1000000" },
		{ "level", "\"7\"", "m: level: not a number from 1 to 1000000" },
		{ "level", "8", "m: module: name: 'oakum_7' is not 'oakum_8'" },
		{ "replaces", "\"6\"", "m: replaces: not 'all'" },
		{ "channel", "\"a/b\"", "m: channel: not a plain word" },
		{ "channel", "1", "m: channel: missing, or not a string" },
		{ "kernel", NULL, "m: kernel: build_id: missing, or not a string" },
		{ "kernel.build_id", "\"../../etc\"", "m: kernel: build_id: not 40 hex digits" },
		{ "kernel.build_id", "\"0123456789ABCDEF0123456789abcdef01234567\"",
		  "m: kernel: build_id: not 40 hex digits" },
		{ "kernel.arch", "\"..\"", "m: kernel: arch: not the name of an architecture" },
		{ "kernel.arch", "\"x/y\"", "m: kernel: arch: not a plain word" },
		{ "kernel.release", "\"\"", "m: kernel: release: not a plain word" },
		{ "module.name", "\"other\"", "m: module: name: 'other' is not 'oakum_7'" },
		{ "module.size", "0", "m: module: size: not a number from 1 to 67108864" },
		{ "module.size", "67108865", "m: module: size: not a number from 1 to 67108864" },
		{ "module.sha256", "\"00\"", "m: module: sha256: not 64 hex digits" },
		{ "module.vermagic", "\"a\\nb\"", "m: module: vermagic: not a line of text" },
		{ "module.signer", "1", "m: module: signer: missing, or not a string" },
		{ "fixes", "[]", "m: fixes: not a list of 1 to 4096" },
		{ "fixes", "{}", "m: fixes: not a list of 1 to 4096" },
		{ "fixes.0.id", NULL, "m: fixes: 0: id: missing, or not a string" },
		{ "fixes.0.title", "\"\\u001b[2J\"", "m: fixes: 0: title: not a line of text" },
		{ "fixes.0.cve", "[1]", "m: fixes: 0: cve: 0: not a plain word" },
		{ "fixes.0.patch_sha256", "null",
		  "m: fixes: 0: patch_sha256: missing, or not a string" },
		{ "fixes.0.severity", "\"moderate\"",
		  "m: fixes: 0: severity: not low, medium, high or critical" },
		{ "fixes.0.severity", "4", "m: fixes: 0: severity: missing, or not a string" },
		{ "fixes.0.functions.0.sympos", "4294967296",
		  "m: fixes: 0: functions: 0: sympos: not a number from 0 to 4294967295" },
		{ "fixes.0.functions.0.address", "\"1234\"",
		  "m: fixes: 0: functions: 0: address: not like 0xffffffff81000000" },
		{ "fixes.0.functions.0.address", "\"0x12345678123456789\"",
		  "m: fixes: 0: functions: 0: address: not like 0xffffffff81000000" },
		{ "accepted", "{}", "m: accepted: not a list of 0 to 4096" },
		{ "accepted.0.rule", "\"a b\"", "m: accepted: 0: rule: not a plain word" },
		{ "accepted.0.symbol", "\"\"", "m: accepted: 0: symbol: not a line of text" },
		{ "accepted.0.why", "1", "m: accepted: 0: why: missing, or not a string" },
		{ "accepted.0.reason", NULL, "m: accepted: 0: reason: missing, or not a string" },
		{ "accepted.0.reason", "\"\\u001b[2J\"",
		  "m: accepted: 0: reason: not a line of text" },
		{ "warnings", "[1]", "m: warnings: 0: rule: missing, or not a string" },
		{ "warnings.0.advice", "\"a\\nb\"", "m: warnings: 0: advice: not a line of text" },
		{ "tested", "[{\"seconds\":1.5}]", "m: a number that is not an integer" },
		{ "withdrawn", "true", "m: withdrawn: neither null nor an object" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(json_decrefp) json_t *j = changed(cases[i].path, cases[i].value);
		_cleanup_(manifest_freep) struct manifest *m = NULL;
		struct oak_error err = { .code = OAK_OK };

		test_case = cases[i].want_msg;
		EXPECT(manifest_from_json(j, "m", &m, &err) == -OAK_E_FORMAT);
		EXPECT(!m);
		EXPECT_STR(err.msg, cases[i].want_msg);
	}
}

TEST(manifest_knows_withdrawn_and_signer)
{
	_cleanup_(json_decrefp) json_t *j = changed("withdrawn", "{\"why\":\"crash\"}");
	_cleanup_(manifest_freep) struct manifest *m = NULL;
	struct oak_error err;

	(void)json_object_set_new(json_object_get(j, "module"), "signer", json_string("Key 1"));
	EXPECT(manifest_from_json(j, "m", &m, &err) == 0);
	EXPECT(m->withdrawn);
	EXPECT_STR(m->module.signer, "Key 1");
}

TEST(manifest_of_an_older_level_has_no_findings)
{
	_cleanup_(json_decrefp) json_t *j = changed("accepted", NULL);
	_cleanup_(manifest_freep) struct manifest *m = NULL;
	struct oak_error err;

	(void)json_object_del(j, "warnings");
	EXPECT(manifest_from_json(j, "m", &m, &err) == 0);
	EXPECT(m->n_accepted == 0 && m->n_warnings == 0);
}

TEST(manifest_parse_bounds_a_reason)
{
	_cleanup_(json_decrefp) json_t *j = changed("withdrawn", "null");
	json_t *first = json_array_get(json_object_get(j, "accepted"), 0);
	char reason[514] = "";

	for (size_t len = 512; len <= 513; len++) {
		_cleanup_(manifest_freep) struct manifest *m = NULL;
		struct oak_error err;

		memset(reason, 'a', len);
		(void)json_object_set_new(first, "reason", json_string(reason));
		EXPECT((manifest_from_json(j, "m", &m, &err) == 0) == (len == 512));
	}
}

TEST(manifest_parse_bounds_the_size)
{
	_cleanup_(freep) char *big = calloc(1, MANIFEST_BYTES_MAX + 1);
	struct manifest *m = NULL;
	struct oak_error err;

	EXPECT(big && manifest_parse(big, MANIFEST_BYTES_MAX + 1, "m", &m, &err) == -OAK_E_TOOLARGE);
	EXPECT_STR(err.msg, "m: 1048577 bytes, at most 1048576 are accepted");
}
