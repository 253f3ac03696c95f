/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "cli/repo.h"
#include "trust/key-file.h"

#define KEYS_MAX 64

enum {
	OPT_ROLE,
	OPT_ADD,
	OPT_REMOVE,
	OPT_THRESHOLD
};

static const struct cli_option options[] = {
	[OPT_ROLE] = { .name = "role",
		       .arg = "ROLE",
		       .help = "root, targets, snapshot or timestamp",
		       .required = true },
	[OPT_ADD] = { .name = "add", .arg = "KEY.pub", .help = "a new key", .multi = true },
	[OPT_REMOVE] = { .name = "remove",
			 .arg = "KEY",
			 .help = "a key that signs no more: its keyid or its .pub file",
			 .multi = true },
	[OPT_THRESHOLD] = { .name = "threshold",
			    .arg = "N",
			    .help = "so many of them must sign from now on" },
	{ .name = NULL },
};

struct keys {
	struct tuf_key *key[KEYS_MAX];
	const char *id[KEYS_MAX];
	size_t n;
};

static void keys_free(struct keys *k)
{
	for (size_t i = 0; i < k->n; i++)
		tuf_key_free(k->key[i]);
}

/* Of what is removed a keyid is enough. */
static int read_keys(const struct cli_values *v, bool ids, struct keys *ret, struct oak_error *err)
{
	if (v->n > KEYS_MAX)
		return oak_fail(err, OAK_E_USAGE, "more than %d keys", KEYS_MAX);
	for (; ret->n < v->n; ret->n++) {
		const char *text = v->v[ret->n];
		struct tuf_key *key = NULL;
		int r = ids && !file_exists(AT_FDCWD, text)
				? 0
				: key_file_read_public(AT_FDCWD, text, &key, err);

		if (r < 0)
			return r;
		ret->key[ret->n] = key;
		ret->id[ret->n] = key ? tuf_key_id(key) : text;
	}
	return 0;
}

/* @what: all but the keys. */
static int rotate(const struct repo_options *opt, const struct cli_args *args,
		  struct repo_rotation what, struct oak_error *err)
{
	_cleanup_(keys_free) struct keys add = { 0 }, remove = { 0 };
	_cleanup_(repo_closep) struct repo *repo = NULL;
	int r = read_keys(&args->opt[OPT_ADD], false, &add, err);

	if (r == 0)
		r = read_keys(&args->opt[OPT_REMOVE], true, &remove, err);
	if (r == 0)
		r = repo_open(opt, &repo, err);
	if (r < 0)
		return r;
	what.add = add.key;
	what.n_add = add.n;
	what.remove = remove.id;
	what.n_remove = remove.n;
	return repo_rotate(repo, &what, err);
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	const struct repo_options opt = cli_repo_options(cli, args->v[0]);
	const char *role = cli_value(args, OPT_ROLE, "");
	const char *threshold = cli_value(args, OPT_THRESHOLD, NULL);
	struct repo_rotation what = { 0 };
	char line[256];
	int r = cli_parse_role(role, strlen(role), &what.role, err);

	if (r == 0 && threshold)
		r = cli_parse_number("--threshold", threshold, KEYS_MAX, &what.threshold, err);
	if (r == 0)
		r = rotate(&opt, args, what, err);
	if (r < 0)
		return r;
	(void)snprintf(line, sizeof(line), "staged the next root, with the signers of %s as given",
		       role);
	return cli_print_staged(cli, opt.dir, json_pack("{s:s}", "role", role), line, err);
}

const struct verb verb_repo_rotate = {
	.name = "rotate",
	.args = "DIR",
	.help = "stage a root in which other keys sign for a role",
	.more = "The next root must be signed by a threshold of the present root keys and by its "
		"own.\nWhere the keys of targets change, targets and every bin are staged again, "
		"for the new\nkeys to sign. Without --add, --remove and --threshold the root "
		"is only renewed.\nSeveral calls before one 'oakum-repo sign' add up.",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.run = run,
};
