/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/repo.h"

#include <time.h>

#define LOCK_WAIT_MS 10000u /* a publishing takes well under a second */

struct repo_options cli_repo_options(const struct cli *cli, const char *dir, const char *keys)
{
	return (struct repo_options){
		.dir = dir,
		.keys = keys,
		.now_s = (int64_t)time(NULL),
		.lock_wait_ms = LOCK_WAIT_MS,
		.progress = cli->progress,
	};
}

int cli_print_published(const struct cli *cli, const char *dir, const struct repo_published *p,
			struct oak_error *err)
{
	if (cli->json)
		return cli_print_json(json_pack("{s:s, s:I, s:I, s:I, s:s}", "repository", dir,
						"targets", (json_int_t)p->targets_version,
						"snapshot", (json_int_t)p->snapshot_version,
						"timestamp", (json_int_t)p->timestamp_version,
						"expires", p->expires),
				      err);
	printf("published %s: targets %llu, snapshot %llu, timestamp %llu\n"
	       "hosts accept it until %s; renew it before with: oakum-repo refresh\n",
	       dir, (unsigned long long)p->targets_version, (unsigned long long)p->snapshot_version,
	       (unsigned long long)p->timestamp_version, p->expires);
	return 0;
}

int cli_publish(const struct cli *cli, const char *dir, const char *keys,
		int (*publish)(struct repo *repo, struct repo_published *ret, struct oak_error *err),
		struct oak_error *err)
{
	const struct repo_options opt = cli_repo_options(cli, dir, keys);
	_cleanup_(repo_closep) struct repo *repo = NULL;
	struct repo_published published = { 0 };
	int r = repo_open(&opt, &repo, err);

	if (r == 0)
		r = publish(repo, &published, err);
	return r < 0 ? r : cli_print_published(cli, dir, &published, err);
}
