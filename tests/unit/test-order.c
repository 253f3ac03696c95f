/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-manifest.h"
#include "test.h"

#include "agent/order.h"

#define BUILD_ID "0123456789abcdef0123456789abcdef01234567"
#define MODULES  "[{\"name\":\"ext4\",\"build_id\":\"" BUILD_ID "\"}]"

#define MALFORMED "the worker's order is malformed"
#define RECORD    "a record of the worker's order is malformed"

static struct manifest *manifest(void)
{
	return fake_manifest(&(struct fake_level){ .build_id = BUILD_ID,
						   .level = 3,
						   .module = "module",
						   .signer = "\"Our key\"",
						   .modules = MODULES });
}

static void pack(struct buf *ret)
{
	_cleanup_(manifest_freep) struct manifest *m = manifest();
	struct oak_error err;

	EXPECT(order_pack(m, ret, &err) == 0);
}

static int unpack(const void *data, size_t len, struct order *ret, struct oak_error *err)
{
	struct buf copy = { 0 };
	int r;

	if (len)
		EXPECT(buf_add(&copy, data, len) == 0);
	*err = (struct oak_error){ .code = OAK_OK };
	r = order_unpack(&copy, ret, err);
	/* Taken over, in any case. */
	EXPECT(!copy.data && !copy.len);
	return r;
}

TEST(order_round_trip)
{
	_cleanup_(manifest_freep) struct manifest *m = manifest();
	_cleanup_(order_clear) struct order o = { 0 };
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err;

	EXPECT(order_pack(m, &b, &err) == 0);
	EXPECT(b.len == sizeof(struct order_head) + sizeof(struct order_function) +
				sizeof(struct order_object) + ORDER_WORD_MAX);
	EXPECT(unpack(b.data, b.len, &o, &err) == 0);
	EXPECT(o.m.level == 3 && o.m.module.size == strlen("module") && !o.m.json);
	EXPECT_STR(o.m.channel, "edge");
	EXPECT_STR(o.m.kernel.build_id, BUILD_ID);
	EXPECT_STR(o.m.kernel.release, "6.1.0-50-amd64");
	EXPECT_STR(o.m.module.name, "oakum_3");
	EXPECT_STR(o.m.module.sha256, m->module.sha256);
	EXPECT_STR(o.m.module.signer, "Our key");
	EXPECT(!o.m.effective_version && !o.m.withdrawn);
	EXPECT(o.m.n_modules == 1);
	EXPECT_STR(o.m.modules[0].name, "ext4");
	EXPECT_STR(o.m.modules[0].build_id, BUILD_ID);
	EXPECT(o.m.n_fixes == 1 && o.m.fixes[0].n_functions == 1 && o.m.fixes[0].n_cve == 1);
	EXPECT_STR(o.m.fixes[0].cve[0], "CVE-2026-89603");
	EXPECT_STR(o.m.fixes[0].functions[0].object, "vmlinux");
	EXPECT_STR(o.m.fixes[0].functions[0].name, "syscall_trace_enter");
	EXPECT(o.m.fixes[0].functions[0].address == 0xffffffff8118a2b0);
}

/* Every length but the right one, and every byte but the right one: refused, or harmless. */
TEST(order_damaged_anywhere)
{
	static const uint8_t bits[] = { 0x01, 0x20, 0x80, 0xff };
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err;

	pack(&b);
	for (size_t len = 0; len < b.len; len++) {
		_cleanup_(order_clear) struct order o = { 0 };

		EXPECT(unpack(b.data, len, &o, &err) == -OAK_E_FORMAT);
		EXPECT_STR(err.msg, MALFORMED);
	}
	for (size_t i = 0; i < b.len * sizeof(bits); i++) {
		_cleanup_(order_clear) struct order o = { 0 };
		_cleanup_(buf_free) struct buf again = { 0 };
		uint8_t *byte = &b.data[i / sizeof(bits)], flip = bits[i % sizeof(bits)];

		*byte ^= flip;
		if (unpack(b.data, b.len, &o, &err) == 0)
			EXPECT(order_pack(&o.m, &again, &err) == 0 && again.len == b.len);
		*byte ^= flip;
	}
	EXPECT(buf_add_zero(&b, 1) == 0);
	{
		_cleanup_(order_clear) struct order o = { 0 };

		EXPECT(unpack(b.data, b.len, &o, &err) == -OAK_E_FORMAT);
	}
}

struct damage {
	const char *name;
	size_t at, len; /* bytes that are overwritten */
	const void *with;
	const char *want; /* NULL: taken */
};

#define HEAD(field)     offsetof(struct order_head, field)
#define FUNCTION(field) (sizeof(struct order_head) + offsetof(struct order_function, field))
#define OBJECT(field)                                                \
	(sizeof(struct order_head) + sizeof(struct order_function) + \
	 offsetof(struct order_object, field))
#define CVE (OBJECT(name) + sizeof(struct order_object))
#define U32(v)               \
	4, &(const uint32_t) \
	{                    \
		(v)          \
	}
#define U64(v)               \
	8, &(const uint64_t) \
	{                    \
		(v)          \
	}
#define TEXT(s) sizeof(s), (s)
#define LONG_64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct damage damages[] = {
	{ "nothing", HEAD(level), U32(3), NULL },
	{ "magic", HEAD(magic), U32(0), MALFORMED },
	{ "no level", HEAD(level), U32(0), MALFORMED },
	{ "another level than the module's name", HEAD(level), U32(4), MALFORMED },
	{ "a level too great", HEAD(level), U32(MANIFEST_LEVEL_MAX + 1), MALFORMED },
	{ "no function", HEAD(n_functions), U32(0), MALFORMED },
	{ "a function more", HEAD(n_functions), U32(2), MALFORMED },
	{ "too many functions", HEAD(n_functions), U32(ORDER_COUNT_MAX + 1), MALFORMED },
	/* 2^32 / sizeof(struct order_function), and some: as a product of 32 bits it would fit. */
	{ "functions that overflow", HEAD(n_functions), U32(7254873), MALFORMED },
	{ "objects that overflow", HEAD(n_objects), U32(UINT32_MAX), MALFORMED },
	{ "CVEs that overflow", HEAD(n_cves), U32(0x4000001), MALFORMED },
	{ "withdrawn", HEAD(withdrawn), U32(1), NULL },
	{ "withdrawn twice", HEAD(withdrawn), U32(2), MALFORMED },
	{ "no module", HEAD(module_size), U64(0), MALFORMED },
	{ "a module too large", HEAD(module_size), U64(MANIFEST_MODULE_MAX + 1ull), MALFORMED },
	{ "another module", HEAD(module_size), U64(MANIFEST_MODULE_MAX), NULL },
	{ "hash, upper case", HEAD(module_sha256), 1, "A", MALFORMED },
	{ "hash, short", HEAD(module_sha256), TEXT("abc"), MALFORMED },
	{ "hash, endless", HEAD(module_sha256) + 64, 1, "a", MALFORMED },
	{ "build-id, short", HEAD(build_id), TEXT(""), MALFORMED },
	{ "build-id, endless", HEAD(build_id) + 40, 1, "a", MALFORMED },
	{ "another module's name", HEAD(module_name), TEXT("ext4"), MALFORMED },
	{ "a path as the module's name", HEAD(module_name), TEXT("../oakum_3"), MALFORMED },
	{ "signer, escape", HEAD(signer), TEXT("\033[2J"), MALFORMED },
	{ "signer, none", HEAD(signer), TEXT(""), NULL },
	{ "channel, none", HEAD(channel), TEXT(""), MALFORMED },
	{ "channel, a path", HEAD(channel), TEXT("../x"), MALFORMED },
	{ "channel, endless", HEAD(channel), 64, LONG_64, MALFORMED },
	{ "release, eight bits", HEAD(release), TEXT("\x9b"), MALFORMED },
	{ "effective version, newline", HEAD(effective_version), TEXT("6.1\n"), MALFORMED },
	{ "effective version", HEAD(effective_version), TEXT("6.1.200-1"), NULL },
	{ "object, none", FUNCTION(object), TEXT(""), RECORD },
	{ "object, a path", FUNCTION(object), TEXT("a/b"), RECORD },
	{ "object, endless", FUNCTION(object), 64, LONG_64, RECORD },
	{ "function, none", FUNCTION(name), TEXT(""), RECORD },
	{ "function, two words", FUNCTION(name), TEXT("a b"), RECORD },
	{ "module, none", OBJECT(name), TEXT(""), RECORD },
	{ "module, no build-id", OBJECT(build_id), TEXT(""), RECORD },
	{ "module, build-id", OBJECT(build_id), TEXT("xyz"), RECORD },
	{ "module, build-id, endless", OBJECT(build_id) + 40, 1, "a", RECORD },
	{ "CVE, none", CVE, TEXT(""), RECORD },
	{ "CVE, two words", CVE, TEXT("CVE 1"), RECORD },
	{ "CVE, endless", CVE, 64, LONG_64, RECORD },
};

TEST(order_hostile)
{
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		const struct damage *d = &damages[i];
		_cleanup_(order_clear) struct order o = { 0 };
		_cleanup_(buf_free) struct buf b = { 0 };
		struct oak_error err;

		test_case = d->name;
		pack(&b);
		EXPECT(d->at + d->len <= b.len);
		memcpy(b.data + d->at, d->with, d->len);
		EXPECT(unpack(b.data, b.len, &o, &err) == (d->want ? -OAK_E_FORMAT : 0));
		EXPECT_STR(err.msg, d->want ? d->want : "");
	}
}

/* The preflight refuses such a level; it has to hear of it. */
TEST(order_tells_of_a_withdrawal)
{
	_cleanup_(manifest_freep) struct manifest *m = manifest();
	_cleanup_(order_clear) struct order o = { 0 };
	struct buf b = { 0 };
	struct oak_error err;

	m->withdrawn = true;
	EXPECT(order_pack(m, &b, &err) == 0);
	EXPECT(order_unpack(&b, &o, &err) == 0 && o.m.withdrawn);
}

/* What packing says of a manifest with one fix of one function called name. */
static void packs_fix(const char *name, const char *cve, size_t n_cve, const char *want)
{
	struct manifest_function f = { .object = "vmlinux", .name = name };
	struct manifest_fix fix = { .functions = &f, .n_functions = 1, .cve = &cve, .n_cve = n_cve };
	_cleanup_(manifest_freep) struct manifest *whole = manifest();
	struct manifest m = *whole;
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err = { .code = OAK_OK };

	m.fixes = &fix;
	m.n_fixes = 1;
	EXPECT(order_pack(&m, &b, &err) == (want ? -OAK_E_TOOLARGE : 0));
	EXPECT_STR(err.msg, want ? want : "");
}

TEST(order_that_does_not_fit)
{
	char name[ORDER_NAME_MAX + 1], word[ORDER_WORD_MAX + 1];
	_cleanup_(manifest_freep) struct manifest *whole = manifest();
	struct manifest m = *whole;
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err;

	memset(name, 'n', ORDER_NAME_MAX);
	name[ORDER_NAME_MAX] = '\0';
	memset(word, 'w', ORDER_WORD_MAX);
	word[ORDER_WORD_MAX] = '\0';
	packs_fix(name, "CVE-1", 1, "the manifest's name of a function does not fit an order");
	packs_fix(name + 1, "CVE-1", 1, NULL);
	packs_fix("f", word, 1, "the manifest's list of CVEs does not fit an order");
	packs_fix("f", "CVE-1", ORDER_COUNT_MAX + 1,
		  "the manifest's number of functions or CVEs does not fit an order");
	m.channel = word;
	EXPECT(order_pack(&m, &b, &err) == -OAK_E_TOOLARGE);
	EXPECT_STR(err.msg, "the manifest's head does not fit an order");
}
