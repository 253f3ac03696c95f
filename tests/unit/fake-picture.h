/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fake-picture: a host with level 3, which fixes seven CVEs in eight fixes, one without a CVE. */
#ifndef OAK_FAKE_PICTURE_H
#define OAK_FAKE_PICTURE_H

#include "agent/picture.h"
#include "base/hash.h"
#include "test.h"

#define FAKE_NOW INT64_C(1795722000) /* 2026-11-26 19:40 UTC */

static inline _unused_ struct manifest *fake_cves(const char *const *cves, size_t n)
{
	static const char sha[] =
		"\"0000000000000000000000000000000000000000000000000000000000000000\"";
	_cleanup_(buf_free) struct buf b = { 0 };
	struct manifest *m = NULL;
	struct oak_error err = { .code = OAK_OK };

	EXPECT(buf_printf(
		       &b,
		       "{\"schema\":1,\"kernel\":{\"build_id\":"
		       "\"000102030405060708090a0b0c0d0e0f10111213\",\"release\":\"6.1.0-50-amd64\","
		       "\"arch\":\"x86_64\",\"distribution\":\"debian\",\"package_version\":\"6.1.170-1\"},"
		       "\"level\":3,\"replaces\":\"all\",\"channel\":\"stable\",\"module\":{\"name\":"
		       "\"oakum_3\",\"size\":10,\"sha256\":%s,\"vermagic\":\"6.1.0-50-amd64 SMP \","
		       "\"signer\":null},\"modules\":[],\"fixes\":[",
		       sha) == 0);
	for (size_t i = 0; i < n; i++)
		EXPECT(buf_printf(
			       &b,
			       "%s{\"id\":\"fix-%zu\",\"cve\":[%s%s%s],\"title\":\"t\","
			       "\"patch_sha256\":%s,\"functions\":[{\"object\":\"vmlinux\",\"name\":"
			       "\"f%zu\",\"sympos\":0,\"address\":\"0xffffffff8118a2b0\",\"proof\":"
			       "\"identical\"}]}",
			       i ? "," : "", i, cves[i] ? "\"" : "", cves[i] ? cves[i] : "",
			       cves[i] ? "\"" : "", sha, i) == 0);
	EXPECT(buf_printf(&b, "],\"effective_version\":\"6.1.176-1\",\"built\":{},\"tested\":[],"
			      "\"withdrawn\":null}") == 0);
	if (manifest_parse(b.data, b.len, "manifest.json", &m, &err) < 0)
		print_error("%s\n", err.msg);
	EXPECT(m != NULL);
	return m;
}

/* Into one of the arrays. */
#define FAKE_TEXT(array, text) ((void)snprintf(array, sizeof(array), "%s", text))

/* All is well with it. picture_clear() it. */
static inline _unused_ void fake_picture(struct picture *p)
{
	static const char *const cves[] = {
		"CVE-2026-10", "CVE-2026-9", "CVE-2025-7", NULL,
		"CVE-2026-9",  "CVE-2026-1", "CVE-2026-2", "CVE-2026-3"
	};
	struct livepatch *l = calloc(1, sizeof(*l));
	struct oak_error err;

	EXPECT(l != NULL);
	*p = (struct picture){ .state = LEVEL_APPLIED,
			       .since = FAKE_NOW - 3 * INT64_C(86400) - 100,
			       .settled = true,
			       .complete = true,
			       .agent_runs = true,
			       .checked = FAKE_NOW - 1440,
			       .tried = FAKE_NOW - 1440,
			       .trust_expires = FAKE_NOW + 5 * INT64_C(86400),
			       .newest = 3,
			       .containers = 14,
			       .containers_unbroken = 12,
			       .last_result = "level 3 was applied",
			       .next = "checks again",
			       .next_at = FAKE_NOW + 2160,
			       .applies = 2 };
	EXPECT(settings_init(&p->settings, &err) == 0);
	p->settings.repository = strdup("https://patches.example.org/");
	(void)snprintf(p->host.id.release, sizeof(p->host.id.release), "6.1.0-50-amd64");
	(void)snprintf(p->host.id.build_id, sizeof(p->host.id.build_id),
		       "000102030405060708090a0b0c0d0e0f10111213");
	p->host.id.livepatch = true;
	p->manifest = fake_cves(cves, sizeof(cves) / sizeof(cves[0]));
	*l = (struct livepatch){ .name = "oakum_3", .enabled = true, .level = 3 };
	l->functions = calloc(1, sizeof(*l->functions));
	EXPECT(l->functions != NULL);
	l->functions[0] = (struct livepatch_function){ strdup("vmlinux"), strdup("do_exit"), 1 };
	l->n_functions = 1;
	p->host.patches = (struct livepatch_list){ l, 1 };
	p->level = l;
}

/* A level that waits, for two CVEs. */
static inline _unused_ void fake_withheld(struct picture *p, uint32_t level, const char *why,
					  int64_t until)
{
	struct picture_withheld *list =
		reallocarray(p->withheld, p->n_withheld + 1, sizeof(*p->withheld));
	struct picture_withheld *w;

	EXPECT(list != NULL);
	p->withheld = list;
	w = &list[p->n_withheld++];
	*w = (struct picture_withheld){ .level = level, .until = until, .n_cves = 2 };
	(void)snprintf(w->why, sizeof(w->why), "%s", why);
	w->cves = calloc(2, sizeof(*w->cves));
	EXPECT(w->cves != NULL);
	w->cves[0] = strdup("CVE-2026-77");
	w->cves[1] = strdup("CVE-2026-78");
	p->newest = level;
}

static inline _unused_ void fake_no_level(struct picture *p)
{
	p->level = NULL;
	p->state = LEVEL_NONE;
	p->settled = p->complete = false;
	manifest_free(p->manifest);
	p->manifest = NULL;
	livepatch_list_free(&p->host.patches);
}

#endif
