/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mail: what the message in front of a fix says of CVEs and commits: a mail of git format-patch,
 * the output of git show, a patch with Debian's header (DEP-3), or the announcement that the
 * kernel's CVE authority sends.
 *
 * Never read: the diff, what stands between "---" and the diff, quoted lines ("> "), other fields
 * of the mail's head than its subject. A word is an id only where nothing is glued to it and its
 * year can be one; "Fixes:" names what a fix repairs, so that an id in the title that it quotes is
 * not one of this fix.
 *
 * Pure, of bounded size. Fuzzed by tests/fuzz/fuzz-cve-mail.c.
 */
#ifndef OAK_TRUST_CVE_MAIL_H
#define OAK_TRUST_CVE_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CVE_MAIL_IDS_MAX     64u
#define CVE_MAIL_COMMITS_MAX 64u
#define CVE_MAIL_SUBJECT_MAX 512
#define CVE_MAIL_HEX_MIN     12u /* fewer digits of a commit name none for sure */
#define CVE_MAIL_HEX_MAX     40u

enum cve_mail_place {
	CVE_MAIL_SUBJECT,
	CVE_MAIL_TRAILER, /* "CVE: ...", "Link: ...", "Bug-CVE: ..." */
	CVE_MAIL_PROSE,
};

struct cve_mail_id {
	uint32_t year, number;
	enum cve_mail_place place; /* the first of the enum where it stands in several */
};

enum cve_mail_kind {
	CVE_MAIL_OWN,       /* of the tree that the patch was made in: "From 7395dfacfff6..." */
	CVE_MAIL_UPSTREAM,  /* "[ Upstream commit ... ]", "commit ... upstream.", "Origin: ..." */
	CVE_MAIL_ANNOUNCED, /* "https://git.kernel.org/stable/c/...", of an announcement */
};

struct cve_mail_commit {
	char hex[CVE_MAIL_HEX_MAX + 1]; /* lower case; CVE_MAIL_HEX_MIN digits at least */
	enum cve_mail_kind kind;
};

struct cve_mail {
	char subject[CVE_MAIL_SUBJECT_MAX]; /* decoded, unfolded, without "[PATCH]"; ASCII */
	struct cve_mail_id ids[CVE_MAIL_IDS_MAX];
	size_t n_ids;
	bool many; /* it names more than those */
	struct cve_mail_commit commits[CVE_MAIL_COMMITS_MAX];
	size_t n_commits;
};

void cve_mail_parse(const char *text, size_t len, struct cve_mail *ret);

/* In a subject of a mail: encoded words (RFC 2047) in UTF-8, ISO-8859-1 or ASCII become text. */
void cve_mail_decode(const char *text, char *ret, size_t size);

#endif
