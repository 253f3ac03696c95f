/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum-repo add-cves: a CVE database into the repository. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>

#include "cli/repo.h"
#include "trust/author/cves.h"
#include "trust/key-file.h"

#define SIGNERS_MAX 16

enum {
	SIGNER,
};

static const struct cli_option options[] = {
	[SIGNER] = { .name = "signer",
		     .arg = "KEY.pub",
		     .help = "its own key, in place of those of targets",
		     .multi = true },
	{ .name = NULL },
};

static void free_keys(struct repo_signers *s)
{
	for (size_t i = 0; i < s->n; i++)
		tuf_key_free(s->keys[i]);
}

static int read_keys(const struct cli_values *files, struct repo_signers *ret, struct oak_error *err)
{
	if (files->n > SIGNERS_MAX)
		return oak_fail(err, OAK_E_USAGE, "--signer: at most %d", SIGNERS_MAX);
	for (; ret->n < files->n; ret->n++) {
		int r = key_file_read_public(AT_FDCWD, files->v[ret->n], &ret->keys[ret->n], err);

		if (r < 0)
			return r;
	}
	return 0;
}

static int print(const struct cli *cli, const char *dir, const struct repo_cves_added *a,
		 struct oak_error *err)
{
	char delta[64] = "no delta", line[256];

	if (a->delta)
		(void)snprintf(delta, sizeof(delta), "%" PRIu64 " bytes as a delta", a->delta);
	(void)snprintf(line, sizeof(line),
		       "staged the CVE database: %" PRIu64 " bytes, %" PRIu64 " compressed, %s%s",
		       a->size, a->bytes, delta,
		       a->delegated ? "; targets delegates it to the role 'cves'" : "");
	return cli_print_staged(cli, dir,
				json_pack("{s:s, s:I, s:I, s:I, s:I, s:b}", "sha256", a->sha256,
					  "size", (json_int_t)a->size, "bytes", (json_int_t)a->bytes,
					  "delta", (json_int_t)a->delta, "deltas",
					  (json_int_t)a->deltas, "delegated", a->delegated),
				line, err);
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	const struct repo_options opt = cli_repo_options(cli, args->v[0]);
	_cleanup_(repo_closep) struct repo *repo = NULL;
	struct tuf_key *keys[SIGNERS_MAX] = { NULL };
	_cleanup_(free_keys) struct repo_signers signers = { .keys = keys, .threshold = 1 };
	struct repo_cves_added added = { .size = 0 };
	int r = read_keys(&args->opt[SIGNER], &signers, err);

	if (r == 0)
		r = repo_open(&opt, &repo, err);
	if (r == 0)
		r = repo_add_cves(repo, args->v[1], signers.n ? &signers : NULL, &added, err);
	return r < 0 ? r : print(cli, opt.dir, &added, err);
}

const struct verb verb_repo_add_cves = {
	.name = "add-cves",
	.args = "DIR DATABASE",
	.help = "stage a CVE database of 'oakum-repo cves', and its difference to the one before",
	.more = "Hosts that have the one before, or one of the 64 before that, fetch what is new, some\n"
		"kilobytes; others the whole. The first time targets.json is staged too: it\n"
		"delegates the database to the role 'cves', with the keys of targets, or with those\n"
		"of --signer. A database comes each day: give it a key of its own.",
	.min_args = 2,
	.max_args = 2,
	.options = options,
	.run = run,
};
