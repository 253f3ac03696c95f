/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/repo.h"

#include <string.h>
#include <time.h>

#define LOCK_WAIT_MS 10000u /* a publishing takes well under a second */

struct repo_options cli_repo_options(const struct cli *cli, const char *dir)
{
	return (struct repo_options){
		.dir = dir,
		.now_s = (int64_t)time(NULL),
		.lock_wait_ms = LOCK_WAIT_MS,
		.progress = cli->progress,
	};
}

void repo_cli_open(const struct cli *cli, const struct cli_args *args, const char *dir,
		   struct repo_cli *ret)
{
	*ret = (struct repo_cli){ .opt = cli_repo_options(cli, dir) };
	ret->passphrase.file = cli_value(args, REPO_OPT_PASSPHRASE, NULL);
	ret->source = cli_passphrase_source(&ret->passphrase);
	ret->opt.keys = cli_value(args, REPO_OPT_KEYS, NULL);
	ret->opt.ask = &ret->source;
}

void repo_cli_close(struct repo_cli *rc)
{
	cli_passphrase_wipe(&rc->passphrase);
}

static json_t *waiting_json(const struct repo_outcome *out)
{
	size_t shown = sizeof(out->waiting) / sizeof(out->waiting[0]);
	json_t *list = json_array();

	for (size_t i = 0; list && i < out->n_waiting && i < shown; i++)
		(void)json_array_append_new(list, json_pack("{s:s, s:i, s:i}", "role",
							    out->waiting[i].role, "have",
							    (int)out->waiting[i].have, "need",
							    (int)out->waiting[i].need));
	return list;
}

static json_t *outcome_json(const char *dir, const struct repo_outcome *out)
{
	if (!out->published)
		return json_pack("{s:s, s:b, s:I, s:I, s:o}", "repository", dir, "published", 0,
				 "signatures", (json_int_t)out->n_signed, "roles_waiting",
				 (json_int_t)out->n_waiting, "waiting", waiting_json(out));
	return json_pack("{s:s, s:b, s:I, s:I, s:I, s:I, s:s}", "repository", dir, "published", 1,
			 "root", (json_int_t)out->root_version, "targets",
			 (json_int_t)out->targets_version, "snapshot",
			 (json_int_t)out->snapshot_version, "timestamp",
			 (json_int_t)out->timestamp_version, "expires", out->expires);
}

static int print_waiting(const char *dir, const struct repo_outcome *out)
{
	size_t shown = sizeof(out->waiting) / sizeof(out->waiting[0]);

	printf("signed %zu time%s; not published yet\n", out->n_signed,
	       out->n_signed == 1 ? "" : "s");
	for (size_t i = 0; i < out->n_waiting && i < shown; i++)
		printf("%s: %u of %u signatures\n", out->waiting[i].role, out->waiting[i].have,
		       out->waiting[i].need);
	if (out->n_waiting > shown)
		printf("... and %zu more\n", out->n_waiting - shown);
	printf("write a file for the other key holders with: oakum-repo sign %s --request FILE\n",
	       dir);
	return 0;
}

static int print_published(const char *dir, const struct repo_outcome *out)
{
	printf("published %s: root %llu, targets %llu, snapshot %llu, timestamp %llu\n"
	       "hosts accept it until %s; renew it before with: oakum-repo refresh\n",
	       dir, (unsigned long long)out->root_version, (unsigned long long)out->targets_version,
	       (unsigned long long)out->snapshot_version,
	       (unsigned long long)out->timestamp_version, out->expires);
	return 0;
}

int cli_print_outcome(const struct cli *cli, const char *dir, const struct repo_outcome *out,
		      struct oak_error *err)
{
	int r = cli->json        ? cli_print_json(outcome_json(dir, out), err)
		: out->published ? print_published(dir, out)
				 : print_waiting(dir, out);

	if (r < 0 || out->published)
		return r;
	return oak_fail(err, OAK_E_AGAIN, "%s: waits for the signatures of other keys", dir);
}

int cli_print_staged(const struct cli *cli, const char *dir, json_t *document, const char *line,
		     struct oak_error *err)
{
	if (cli->json)
		return cli_print_json(document, err);
	json_decref(document);
	printf("%s\nhosts do not see it yet; publish it with: oakum-repo sign %s --keys KEYDIR\n",
	       line, dir);
	return 0;
}

int cli_parse_role(const char *text, size_t len, enum tuf_role *ret, struct oak_error *err)
{
	for (enum tuf_role role = TUF_ROOT; role < TUF_ROLES; role++) {
		if (strncmp(text, tuf_role_name(role), len) != 0 || tuf_role_name(role)[len])
			continue;
		*ret = role;
		return 0;
	}
	return oak_fail(err, OAK_E_USAGE,
			"'%.*s' is no role; one of root, targets, snapshot, timestamp", (int)len,
			text);
}

int cli_parse_number(const char *what, const char *text, unsigned max, unsigned *ret,
		     struct oak_error *err)
{
	unsigned n = 0;

	for (const char *p = text; *p; p++) {
		if (*p < '0' || *p > '9' || n > max)
			return oak_fail(err, OAK_E_USAGE, "%s: '%s' is not a number from 1 to %u",
					what, text, max);
		n = 10 * n + (unsigned)(*p - '0');
	}
	if (n < 1 || n > max)
		return oak_fail(err, OAK_E_USAGE, "%s: '%s' is not a number from 1 to %u", what,
				text, max);
	*ret = n;
	return 0;
}
