/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plain-text: pieces of text for people: one line of what others wrote, times, lists of CVEs.
 *
 * Pure; appends to a buffer. Errors: -ENOMEM.
 */
#ifndef OAK_AGENT_PLAIN_TEXT_H
#define OAK_AGENT_PLAIN_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/*
 * @text as one line of printable ASCII: everything else becomes '?', runs of blanks and newlines
 * one blank. What came from a repository, a hook or a kernel must not reach a terminal raw.
 */
int plain_line(struct buf *b, const char *text) _must_check_;

/* "2026-11-26 20:11 UTC" */
#define PLAIN_TIME_MAX 24
void plain_time(int64_t s, char ret[PLAIN_TIME_MAX]);

/* "24 minutes", "1 hour", "3 days": a duration in its greatest unit, of days at least two.
 * Negative ones as if they were positive. */
#define PLAIN_SPAN_MAX 32
void plain_span(int64_t s, char ret[PLAIN_SPAN_MAX]);

/* "2026-11-26 20:11 UTC (24 minutes ago)", "... (in 5 days)" */
int plain_when(struct buf *b, int64_t s, int64_t now_s) _must_check_;

/* The first @show of them, and how many more: "CVE-1, CVE-2 and 3 more". */
int plain_list(struct buf *b, char *const *list, size_t n, size_t show) _must_check_;

#endif
