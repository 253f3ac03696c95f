/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * build-cves: which CVEs each fix closes, and who says so.
 *
 * --cve wins. Else the mail of the fix, a record (--record), a changelog (--changelog) and a CVE
 * database (--database) are asked, and what they say is joined. Where two of them name nothing in
 * common, or a mail only mentions several, none is taken and a note says what there was.
 */
#ifndef OAK_CLI_BUILD_CVES_H
#define OAK_CLI_BUILD_CVES_H

#include "build/fix.h"
#include "build/make.h"
#include "cli/cli.h"
#include "trust/cve/mail.h"

#define FIX_CVES_MAX 64u /* of one source */

enum cve_witness {
	WITNESS_MAIL,
	WITNESS_RECORD,
	WITNESS_CHANGELOG,
	WITNESS_DATABASE,
	WITNESSES,
};

/* What one of them says of one fix. */
struct fix_saying {
	uint64_t id[FIX_CVES_MAX]; /* year << 32 | number */
	char from[FIX_CVES_MAX][MAKE_CVE_FROM_MAX];
	size_t n;
};

struct fix_facts {
	const struct fix *fix; /* borrowed */
	struct cve_mail mail;
	char subject[CVE_MAIL_SUBJECT_MAX]; /* of the mail, else the title of the fix */
	struct fix_saying by[WITNESSES];
};

struct build_cves_options {
	const char *const *fixes;
	size_t n_fixes;
	const struct cli_values *cves, *records, *changelogs; /* NULL: none */
	const char *database;                                 /* NULL: none */
	const struct kernel *kernel; /* its changelog is asked, too; NULL: not */
	const struct progress *progress;
};

struct build_cves {
	struct make_cves *v; /* one a fix, for struct make_options, as the fixes themselves */
	struct fix **fixes;
	size_t n;
	char **notes; /* what was not taken, and what is odd; printable */
	size_t n_notes;
};

/* Errors: of reading the files; OAK_E_USAGE (--cve is no word). */
int build_cves_find(const struct build_cves_options *opt, struct build_cves *ret,
		    struct oak_error *err) _must_check_;
void build_cves_free(struct build_cves *c); /* also the guard */

/* Members "cves" and "notes". */
void build_cves_json(const struct build_cves *c, const struct build_cves_options *opt, json_t *to);
void build_cves_print(const struct cli *cli, const struct build_cves *c,
		      const struct build_cves_options *opt);

/* Between build-cves*.c: */

int build_cves_note(struct build_cves *c, struct oak_error *err, const char *fmt, ...)
	_printf_(3, 4) _must_check_;

/* An id that the saying does not have yet; more than FIX_CVES_MAX are left out. */
void fix_saying_add(struct fix_saying *s, uint64_t id, const char *fmt, ...) _printf_(3, 4);

/* Asks records, changelogs and database; the mails have been read. */
int build_cves_ask(const struct build_cves_options *opt, struct fix_facts *v, size_t n,
		   struct build_cves *notes, struct oak_error *err) _must_check_;

/* Of what was taken: is it in the database, and does that agree? Rejected ids are taken out. */
int build_cves_compare(const struct build_cves_options *opt, const struct fix_facts *v,
		       struct build_cves *c, struct oak_error *err) _must_check_;

#endif
