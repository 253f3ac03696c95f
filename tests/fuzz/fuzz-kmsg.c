/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of a kernel log. What is found is printable, bounded, made of whole lines, and names a
 * function only where it was said. A process that writes to the log can never be a finding.
 */
#include "fuzz.h"

#include <string.h>

#include "host/kmsg-watch.h"

static void check_printable(const char *text, const char *also)
{
	for (; *text; text++)
		FUZZ_CHECK((*text >= ' ' && *text <= '~') || strchr(also, *text));
}

static void check_finding(const struct kmsg_finding *f)
{
	FUZZ_CHECK(f->severity != KMSG_NOTHING && f->what);
	FUZZ_CHECK(strlen(f->text) < KMSG_SPLAT_MAX);
	check_printable(f->text, "\n");
	check_printable(f->line, "");
	FUZZ_CHECK(f->line[0]);
	FUZZ_CHECK(!f->text[0] || f->text[strlen(f->text) - 1] == '\n');
	/* The text may have been cut before it. */
	FUZZ_CHECK(!f->function[0] || strstr(f->text, f->function) ||
		   strlen(f->text) + KMSG_TEXT_MAX >= KMSG_SPLAT_MAX);
}

/* A line that is no record is taken for the text of one, so that splats are easily met. */
static struct kmsg_record record_of(const uint8_t *line, size_t len, uint64_t seq)
{
	struct kmsg_record r = { .kernel = true, .seq = seq, .usec = seq * 1000 };
	size_t n = len < sizeof(r.text) - 1 ? len : sizeof(r.text) - 1;

	if (kmsg_parse(line, len, &r) == 0) {
		check_printable(r.text, "");
		return r;
	}
	for (size_t i = 0; i < n; i++) {
		if (line[i] >= ' ' && line[i] <= '~')
			r.text[i] = (char)line[i];
		else
			r.text[i] = '?';
	}
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char vmlinux[] = "vmlinux", do_patched[] = "do_patched";
	static struct livepatch_function function = { vmlinux, do_patched, 0 };
	static const struct livepatch patch = { .name = "oakum_2",
						.functions = &function,
						.n_functions = 1 };
	struct kmsg_finding f;
	struct kmsg_watch w, others;
	uint64_t seq = 0;

	kmsg_watch_begin(&w, &patch);
	kmsg_watch_begin(&others, &patch);
	for (size_t at = 0; at < size; seq++) {
		const uint8_t *end = memchr(data + at, '\n', size - at);
		size_t len = end ? (size_t)(end - data) - at : size - at;
		struct kmsg_record r = record_of(data + at, len, seq);

		if (kmsg_watch_feed(&w, &r, &f))
			check_finding(&f);
		r.kernel = false;
		FUZZ_CHECK(!kmsg_watch_feed(&others, &r, &f));
		at += len + 1;
	}
	if (kmsg_watch_flush(&w, &f))
		check_finding(&f);
	FUZZ_CHECK(!kmsg_watch_flush(&others, &f));
	return 0;
}
