/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mountinfo and status of a process, diffs of such texts, and the file of observations: pieces lie
 * in the text that they are of, and what was read can be written.
 */
#include "fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/modules/actor.h"
#include "host/modules/mounts.h"
#include "host/modules/observed.h"
#include "host/modules/textdiff.h"

static bool inside(struct word w, const char *text)
{
	return !w.len || (w.p >= text && w.p + w.len <= text + strlen(text));
}

static void check_mounts(const char *text)
{
	const char *p = text;
	struct mount m;

	while (mount_next(&p, &m)) {
		FUZZ_CHECK(m.type.len && m.point.len && m.root.len && m.device.len);
		FUZZ_CHECK(inside(m.type, text) && inside(m.point, text) && inside(m.root, text) &&
			   inside(m.device, text) && inside(m.source, text));
	}
	FUZZ_CHECK(!*p);
}

static void check_status(const char *text)
{
	struct module_policy p = { .autoload = true, .userns = USERNS_FREE };
	struct actor a = { .host_userns = true, .own_userns = true };
	size_t n;
	const struct gate_row *rows = gate_rows(&n);

	actor_parse_status(&a, text);
	FUZZ_CHECK(a.seccomp >= SECCOMP_OFF && a.seccomp <= SECCOMP_FILTER);
	FUZZ_CHECK((a.caps & ~a.caps_bound) == 0);
	for (size_t i = 0; i < n; i++)
		FUZZ_CHECK(a.seccomp != SECCOMP_STRICT ||
			   actor_reaches(&a, &p, &rows[i]) == REACH_NO);
}

static void check_diff(const char *text)
{
	_cleanup_(freep) char *half = strndup(text, strlen(text) / 2);
	_cleanup_(buf_free) struct buf b = { 0 };
	struct oak_error err;

	FUZZ_CHECK(half);
	FUZZ_CHECK(textdiff(&(struct textdiff){ "a", half, "b", text }, &b, &err) == 0);
	/* All lines of both are in it, or it says nothing. */
	FUZZ_CHECK(!b.len || strncmp(buf_str(&b), "--- a\n+++ b\n@@ ", 15) == 0);
}

static void check_observed(const uint8_t *data, size_t size)
{
	_cleanup_(observed_free) struct observed o = { 0 };
	struct oak_error err = { .msg = "" };

	if (observed_parse(data, size, &o, &err) < 0) {
		FUZZ_CHECK(err.msg[0] && !o.modules);
		return;
	}
	FUZZ_CHECK(o.samples && o.last_s >= o.first_s);
	for (size_t i = 0; i < o.n; i++)
		FUZZ_CHECK(observed_find(&o, o.modules[i].name) == &o.modules[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = strndup((const char *)data, size);

	FUZZ_CHECK(text);
	check_mounts(text);
	check_status(text);
	if (size < 4096)
		check_diff(text);
	check_observed(data, size);
	return 0;
}
