/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fake-manifest: a level for the fake host, its module being any bytes. */
#ifndef OAK_FAKE_MANIFEST_H
#define OAK_FAKE_MANIFEST_H

#include "base/hash.h"
#include "test.h"
#include "trust/manifest.h"

struct fake_level {
	const char *build_id;
	unsigned level;
	const char *module; /* bytes */
	const char *signer; /* a JSON value; NULL: null */
	const char *withdrawn;
	const char *modules; /* a JSON value; NULL: [] */
};

static inline _unused_ struct manifest *fake_manifest(const struct fake_level *l)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	struct manifest *m = NULL;
	struct oak_error err = { .code = OAK_OK };
	char sha[SHA256_HEX_MAX];

	sha256_hex(l->module, strlen(l->module), sha);
	EXPECT(buf_printf(
		       &b,
		       "{\"schema\":1,\"kernel\":{\"build_id\":\"%s\",\"release\":\"6.1.0-50-amd64\","
		       "\"arch\":\"x86_64\",\"distribution\":\"debian\","
		       "\"package_version\":\"6.1.176-1\"},\"level\":%u,\"replaces\":\"all\","
		       "\"channel\":\"edge\",\"module\":{\"name\":\"oakum_%u\",\"size\":%zu,"
		       "\"sha256\":\"%s\",\"vermagic\":\"6.1.0-50-amd64 SMP \",\"signer\":%s},"
		       "\"modules\":%s,\"fixes\":[{\"id\":\"CVE-2026-89603\",\"cve\":[\"CVE-2026-89603\"],"
		       "\"title\":\"read the work flags again\",\"patch_sha256\":\"%s\","
		       "\"functions\":[{\"object\":\"vmlinux\",\"name\":\"syscall_trace_enter\","
		       "\"sympos\":0,\"address\":\"0xffffffff8118a2b0\",\"proof\":\"identical\"}]}],"
		       "\"effective_version\":null,\"built\":{},\"tested\":[],\"withdrawn\":%s}",
		       l->build_id, l->level, l->level, strlen(l->module), sha,
		       l->signer ? l->signer : "null", l->modules ? l->modules : "[]", sha,
		       l->withdrawn ? l->withdrawn : "null") == 0);
	if (manifest_parse(b.data, b.len, "manifest.json", &m, &err) < 0)
		print_error("%s\n", err.msg);
	EXPECT(m != NULL);
	return m;
}

#endif
