/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "cli/repo.h"
#include "trust/author/request.h"

enum {
	OPT_REQUEST = REPO_OPT_PASSPHRASE + 1,
	OPT_FROM
};

static const struct cli_option options[] = {
	[REPO_OPT_KEYS] = REPO_OPTION_KEYS("the keys at hand", false),
	[REPO_OPT_PASSPHRASE] = CLI_PASSPHRASE_OPTION,
	[OPT_REQUEST] = { .name = "request",
			  .arg = "FILE",
			  .help = "write what is staged for holders of other keys to sign" },
	[OPT_FROM] = { .name = "from",
		       .arg = "FILE",
		       .help = "take over the signatures of such a file",
		       .multi = true },
	{ .name = NULL },
};

static bool is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* What a person signs should be seen before: roles, versions, levels, withdrawals. */
static void show_role(const struct staged_role *role)
{
	const json_t *targets = json_object_get(metadata_signed(role->m), "targets");

	printf("%s version %llu, good until %s", role->name,
	       (unsigned long long)metadata_version(role->m), metadata_expires(role->m));
	if (json_object_size(targets))
		printf(", %zu files", json_object_size(targets));
	printf("\n");
}

static void show_levels(const struct staged_role *role)
{
	json_t *targets = json_object_get(metadata_signed(role->m), "targets"), *target;
	const char *path;

	json_object_foreach(targets, path, target)
	{
		const json_t *custom = json_object_get(target, "custom");
		const json_t *list = json_object_get(custom, "levels");
		size_t n = json_array_size(list);
		const json_t *last = n ? json_array_get(list, n - 1) : NULL;

		if (!last)
			continue;
		printf("  kernel %s: newest level %lld\n",
		       json_get_str(json_object_get(custom, "kernel"), "release"),
		       (long long)json_integer_value(json_object_get(last, "level")));
		for (size_t i = 0; i < n; i++) {
			const json_t *w = json_object_get(json_array_get(list, i), "withdrawn");

			if (json_is_object(w))
				printf("  level %lld is withdrawn: %s\n",
				       (long long)json_integer_value(
					       json_object_get(json_array_get(list, i), "level")),
				       json_get_str(w, "why"));
		}
	}
}

static int sign_file(const struct cli *cli, const struct repo_cli *rc, struct oak_error *err)
{
	const char *path = rc->opt.dir;
	_cleanup_(keystore_closep) struct keystore *ks = NULL;
	_cleanup_(staged_free) struct staged s = { 0 };
	size_t n = 0;
	int r = request_read(path, &s, err);

	if (r < 0)
		return r;
	for (size_t i = 0; !cli->json && i < s.n; i++) {
		show_role(&s.roles[i]);
		show_levels(&s.roles[i]);
	}
	if (!rc->opt.keys)
		return cli->json ? cli_print_json(json_pack("{s:s, s:I}", "request", path, "roles",
							    (json_int_t)s.n),
						  err)
				 : 0;
	r = keystore_open(rc->opt.keys, rc->opt.ask, &ks, err);
	if (r == 0)
		r = request_sign(path, &s, ks, &n, err);
	if (r < 0)
		return r;
	if (cli->json)
		return cli_print_json(json_pack("{s:s, s:I}", "request", path, "signatures",
						(json_int_t)n),
				      err);
	printf("signed %zu time%s; give %s back to the publisher\n", n, n == 1 ? "" : "s", path);
	return 0;
}

static int write_request(const struct cli *cli, struct repo *repo, const char *dir,
			 const char *path, struct oak_error *err)
{
	int r = repo_request(repo, path, err);

	if (r < 0)
		return r;
	if (cli->json)
		return cli_print_json(json_pack("{s:s, s:s}", "repository", dir, "request", path),
				      err);
	printf("wrote %s\neach holder signs it with: oakum-repo sign %s --keys KEYDIR\n"
	       "take it back with: oakum-repo sign %s --from %s --keys KEYDIR\n",
	       path, path, dir, path);
	return 0;
}

static int sign_repository(const struct cli *cli, const struct cli_args *args,
			   const struct repo_cli *rc, struct oak_error *err)
{
	const char *request = cli_value(args, OPT_REQUEST, NULL);
	const struct cli_values *from = &args->opt[OPT_FROM];
	_cleanup_(repo_closep) struct repo *repo = NULL;
	struct repo_outcome out = { 0 };
	int r = repo_open(&rc->opt, &repo, err);

	for (size_t i = 0; r == 0 && i < from->n; i++) {
		size_t n;

		r = repo_merge(repo, from->v[i], &n, err);
	}
	if (r < 0)
		return r;
	if (request)
		return write_request(cli, repo, rc->opt.dir, request, err);
	r = repo_sign(repo, &out, err);
	return r < 0 ? r : cli_print_outcome(cli, rc->opt.dir, &out, err);
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(repo_cli_close) struct repo_cli rc;
	bool has_options = args->opt[OPT_REQUEST].n || args->opt[OPT_FROM].n;

	repo_cli_open(cli, args, args->v[0], &rc);
	if (is_file(rc.opt.dir) && has_options)
		return oak_fail(err, OAK_E_USAGE,
				"%s is a request already; --request and --from are for a repository",
				rc.opt.dir);
	return is_file(rc.opt.dir) ? sign_file(cli, &rc, err)
				   : sign_repository(cli, args, &rc, err);
}

const struct verb verb_repo_sign = {
	.name = "sign",
	.args = "DIR|REQUEST",
	.help = "sign what is staged, and publish it once enough keys have signed",
	.more = "Keys that are not here sign in sittings of their own: --request writes a file; its\n"
		"holder looks at it (oakum-repo sign FILE) and signs it (--keys), on a machine that\n"
		"needs neither the repository nor a network; --from takes it back. Everything is\n"
		"signed before anything is published; timestamp.json comes last, so that a reader\n"
		"sees the old repository or the new one. Exit status 75: signed, but more\n"
		"signatures are needed.",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.run = run,
};
