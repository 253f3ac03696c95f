/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * news: what the last check brought, /var/lib/oakum/news/news.json, written by the unprivileged worker.
 *
 *	{"schema": 1, "tried": S, "checked": S, "error": "...", "expires": S, "newest": N,
 *	 "no_level": false, "cves": {"checked": S, "error": "..."},
 *	 "withheld": [{"level": N, "until": S, "why": "...", "cves": ["CVE-..."]}]}
 *
 * For people and reports: nothing that is done to the kernel depends on it. Times are seconds since
 * the epoch, 0: never. Reading is strict about what it takes and bounded; a file that does not fit is
 * as none. Fuzzed by tests/fuzz/fuzz-news.c.
 */
#ifndef OAK_AGENT_NEWS_H
#define OAK_AGENT_NEWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define NEWS_DIR          "var/lib/oakum/news"
#define NEWS_PATH         NEWS_DIR "/news.json"
#define NEWS_BYTES_MAX    (8u << 20) /* holds as much as the limits below allow */
#define NEWS_TEXT_MAX     512        /* with the NUL */
#define NEWS_WITHHELD_MAX 64
#define NEWS_CVE_MAX      64   /* a name, with the NUL; longer ones are left out */
#define NEWS_CVES_MAX     1024 /* of one level; more are left out */

struct news_withheld {
	uint32_t level;
	int64_t until_s; /* 0: until somebody changes something */
	char why[NEWS_TEXT_MAX];
	char **cves; /* that it would close and the level in the kernel does not */
	size_t n_cves;
};

struct news {
	int64_t tried_s;           /* the last check */
	int64_t checked_s;         /* the last one that got an answer which was verified */
	char error[NEWS_TEXT_MAX]; /* of the last; "": it worked */
	int64_t expires_s;         /* the first role of the trusted metadata to expire */
	uint32_t newest;           /* published for this kernel, whatever the channel; 0: none */
	bool no_level;             /* a check worked, and there is none for this kernel */
	int64_t cves_checked_s; /* the last time that the CVE database was found to be the newest */
	char cves_error[NEWS_TEXT_MAX]; /* of the last try; "": it worked */
	struct news_withheld *withheld; /* rising levels */
	size_t n_withheld;
};

/* Adds one to @n->withheld; @why is cut where it is too long, and becomes ASCII. Return: it, or NULL: no room. */
struct news_withheld *news_withhold(struct news *n, uint32_t level, int64_t until_s,
				    const char *why);
int news_add_cve(struct news_withheld *w, const char *cve) _must_check_;

/* Pure. Errors: OAK_E_FORMAT. */
int news_parse(const void *data, size_t len, struct news *ret, struct oak_error *err) _must_check_;

/* A missing file is empty news. Errors: as news_parse(), OAK_E_IO. */
int news_read(int root, struct news *ret, struct oak_error *err) _must_check_;
int news_write(int root, const struct news *n, struct oak_error *err) _must_check_;

void news_clear(struct news *n); /* also the guard */

#endif
