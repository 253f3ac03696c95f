/* SPDX-License-Identifier: GPL-2.0-or-later */
/* repo: what the verbs of oakum-repo share. */
#ifndef OAK_CLI_REPO_H
#define OAK_CLI_REPO_H

#include "cli/cli.h"
#include "trust/author.h"

extern const struct verb verb_repo_init;
extern const struct verb verb_repo_add;
extern const struct verb verb_repo_sign;
extern const struct verb verb_repo_refresh;
extern const struct verb verb_repo_verify;
extern const struct verb verb_repo_key_new;
extern const struct verb verb_repo_key_pub;
extern const struct verb verb_repo_key_show;

/* Options of the room out of the command line: DIR is the first argument, @keys may be NULL. */
struct repo_options cli_repo_options(const struct cli *cli, const char *dir, const char *keys);

/* What was published, for people or as JSON. */
int cli_print_published(const struct cli *cli, const char *dir, const struct repo_published *p,
			struct oak_error *err);

/* Opens the repository DIR, publishes with @publish (repo_sign, repo_refresh) and tells. */
int cli_publish(const struct cli *cli, const char *dir, const char *keys,
		int (*publish)(struct repo *repo, struct repo_published *ret, struct oak_error *err),
		struct oak_error *err) _must_check_;

#endif
