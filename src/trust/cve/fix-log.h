/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fix-log: which CVEs a Debian changelog says that a fix closes. Debian lists each fix of a stable
 * update by its subject, with the CVEs behind it:
 *
 *	linux (6.1.82-1) bookworm; urgency=medium
 *	    - [x86] netfilter: nft_set_rbtree: skip end interval element from gc
 *	      (CVE-2024-26581)
 *
 * What is indented more than an item goes on with it. An item is the fix's where its text is the whole subject; what stands in brackets in front of it
 * and in parentheses behind it is not of the text.
 *
 * The version "6.1.82+1" of a package of signed kernels stands for "6.1.82-1".
 *
 * Pure. Fuzzed by tests/fuzz/fuzz-cve-fix-log.c.
 */
#ifndef OAK_TRUST_CVE_FIX_LOG_H
#define OAK_TRUST_CVE_FIX_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FIX_LOG_IDS_MAX     32u
#define FIX_LOG_ITEM_MAX    1024u /* bytes of one item; what is longer is cut */
#define FIX_LOG_VERSION_MAX 96

struct fix_log {
	const char *subject; /* borrowed */
	uint64_t ids[FIX_LOG_IDS_MAX];
	size_t n;
	bool many;                         /* more than those */
	bool found;                        /* an item is the fix's, with ids or without */
	char version[FIX_LOG_VERSION_MAX]; /* of the package whose entry has it, the first found */
	/* The reader's own: */
	char entry[FIX_LOG_VERSION_MAX];
	char line[FIX_LOG_ITEM_MAX], item[FIX_LOG_ITEM_MAX];
	size_t line_len, item_len, item_indent;
};

/* Text in pieces; fix_log_finish() after the last. Only .subject is the caller's to set. */
void fix_log_feed(struct fix_log *l, const char *data, size_t len);
void fix_log_finish(struct fix_log *l);

#endif
