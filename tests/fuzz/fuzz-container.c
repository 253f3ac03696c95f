/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes out of a level's file is what its manifest says, or nothing; and packed again it comes
 * out the same.
 */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "trust/container.h"

/* A module of megabytes that one byte was said to hold would only make the fuzzer slow. */
#define MODULE_MAX (1u << 20)

static void check_again(const struct manifest *m, const struct buf *module)
{
	static const char text[] = "{}";
	const struct buf front = { .data = (uint8_t *)(uintptr_t)text, .len = 2 };
	_cleanup_(buf_free) struct buf packed = { 0 }, out = { 0 };
	_cleanup_(manifest_freep) struct manifest *none = NULL;
	struct oak_error err = { .code = OAK_OK };

	FUZZ_CHECK(container_pack(&front, module, &packed, &err) == 0);
	FUZZ_CHECK(container_module(m, packed.data, packed.len, &out, &err) == 0);
	FUZZ_CHECK(out.len == module->len && memcmp(out.data, module->data, out.len) == 0);
	FUZZ_CHECK(container_manifest(packed.data, packed.len, "input", &none, &err) < 0);
	FUZZ_CHECK(err.code == OAK_E_FORMAT && !none);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(manifest_freep) struct manifest *m = NULL;
	_cleanup_(buf_free) struct buf module = { 0 };
	struct oak_error err = { .code = OAK_OK };
	char hex[SHA256_HEX_MAX];
	int r = container_manifest(data, size, "input", &m, &err);

	FUZZ_CHECK((r == 0) == (m != NULL));
	if (!m) {
		FUZZ_CHECK(err.code == OAK_E_FORMAT || err.code == OAK_E_TOOLARGE);
		FUZZ_CHECK(strncmp(err.msg, "input: ", 7) == 0);
		return 0;
	}
	if (m->module.size > MODULE_MAX)
		return 0;
	FUZZ_CHECK(buf_add_str(&module, "before") == 0);
	r = container_module(m, data, size, &module, &err);
	if (r < 0) {
		FUZZ_CHECK(err.code == OAK_E_FORMAT || err.code == OAK_E_TRUST);
		FUZZ_CHECK(module.len == 6 && memcmp(module.data, "before", 6) == 0);
		return 0;
	}
	sha256_hex(module.data, module.len, hex);
	FUZZ_CHECK(module.len == m->module.size && strcmp(hex, m->module.sha256) == 0);
	check_again(m, &module);
	return 0;
}
