/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whatever is mounted: texts end within the table's text, the index by device is a permutation in
 * order, and each mount is found by its device and its point.
 */
#include "fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "host/hints.h"
#include "host/security/mounts.h"
#include "host/security/places.h"

static void check_text(const char *p, const char *text, size_t len)
{
	FUZZ_CHECK(p >= text && p <= text + len && memchr(p, '\0', (size_t)(text + len + 1 - p)));
}

static void check_mount(const struct mount_table *t, const struct mount *m)
{
	const struct mount *top = mounts_at(t, m->point), *cover = mounts_of_path(t, m->point);
	size_t n, seen = 0;
	const uint32_t *index = mounts_of_device(t, m->device, &n);
	bool whole;

	FUZZ_CHECK(top >= m && strcmp(top->point, m->point) == 0);
	FUZZ_CHECK(cover && path_below(m->point, cover->point));
	for (size_t i = 0; i < n; i++) {
		FUZZ_CHECK(t->mounts[index[i]].device == m->device);
		FUZZ_CHECK(!i || index[i] > index[i - 1]);
		seen += &t->mounts[index[i]] == m;
	}
	FUZZ_CHECK(seen == 1);
	FUZZ_CHECK(place_of(m->point, &whole) < PLACE_KINDS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = strndup((const char *)data, size);
	_cleanup_(mounts_free) struct mount_table t = { 0 };
	struct container_ref ref = { .id = "" };
	size_t len;

	FUZZ_CHECK(text);
	len = strlen(text);
	if (hint_of_mounts(text, &ref))
		FUZZ_CHECK(container_id_is_valid(ref.id) && strlen(ref.id) == 64);
	FUZZ_CHECK(mounts_parse(text, &t) == 0);
	for (size_t i = 0; i < t.n; i++) {
		check_text(t.mounts[i].root, text, len);
		check_text(t.mounts[i].point, text, len);
		check_text(t.mounts[i].type, text, len);
		FUZZ_CHECK(t.mounts[i].point[0] == '/');
	}
	/* Each looks at all: of few only, since the fuzzer shall not wait. */
	for (size_t i = 0; i < t.n && i < 64; i++)
		check_mount(&t, &t.mounts[i]);
	return 0;
}
