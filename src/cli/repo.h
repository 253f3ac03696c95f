/* SPDX-License-Identifier: GPL-2.0-or-later */
/* repo: what the verbs of oakum-repo share. */
#ifndef OAK_CLI_REPO_H
#define OAK_CLI_REPO_H

#include "cli/cli.h"
#include "cli/passphrase.h"
#include "trust/author/author.h"

extern const struct verb verb_repo_init;
extern const struct verb verb_repo_add;
extern const struct verb verb_repo_add_cves;
extern const struct verb verb_repo_promote;
extern const struct verb verb_repo_hold;
extern const struct verb verb_repo_withdraw;
extern const struct verb verb_repo_sign;
extern const struct verb verb_repo_rotate;
extern const struct verb verb_repo_renew;
extern const struct verb verb_repo_refresh;
extern const struct verb verb_repo_verify;
extern const struct verb verb_repo_export;
extern const struct verb verb_repo_import;
extern const struct verb verb_repo_key_new;
extern const struct verb verb_repo_key_pub;
extern const struct verb verb_repo_key_show;
extern const struct verb verb_repo_cves;

/* The options of every verb that signs come first, so that their numbers are the same. */
#define REPO_OPT_KEYS       0
#define REPO_OPT_PASSPHRASE 1
#define REPO_OPTION_KEYS(text, must)                                            \
	{                                                                       \
		.name = "keys", .arg = "KEYDIR", .help = text, .required = must \
	}
/* Options of the room out of the command line, and where passphrases come from. */
struct repo_cli {
	struct cli_passphrase passphrase;
	struct passphrase_source source;
	struct repo_options opt;
};

/* DIR alone, for verbs that do not sign. */
struct repo_options cli_repo_options(const struct cli *cli, const char *dir);

/* DIR with the keys of the options above. @ret may not be moved; repo_cli_close() it. */
void repo_cli_open(const struct cli *cli, const struct cli_args *args, const char *dir,
		   struct repo_cli *ret);
void repo_cli_close(struct repo_cli *rc); /* wipes; also the guard */

/* What signing came to, for people or as JSON; OAK_E_AGAIN where it waits for signatures. */
int cli_print_outcome(const struct cli *cli, const char *dir, const struct repo_outcome *out,
		      struct oak_error *err) _must_check_;

/* One document with what was staged, or the line of text and how to go on. */
int cli_print_staged(const struct cli *cli, const char *dir, json_t *document, const char *line,
		     struct oak_error *err) _must_check_;

/* "root", ...; OAK_E_USAGE for another word. */
int cli_parse_role(const char *text, size_t len, enum tuf_role *ret, struct oak_error *err)
	_must_check_;

/* 1 to @max. Errors: OAK_E_USAGE "<what>: ...". */
int cli_parse_number(const char *what, const char *text, unsigned max, unsigned *ret,
		     struct oak_error *err) _must_check_;

#endif
