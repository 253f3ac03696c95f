/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum cves: which CVEs the kernel still has, and why. */
#include <fcntl.h>

#include "cli/cves.h"
#include "cli/oakum-verbs.h"
#include "cli/oakum.h"

enum {
	DATABASE = OAKUM_ROOT + 1,
	UPSTREAM,
};

static const struct cli_option options[] = {
	OAKUM_OPTION_ROOT,
	[DATABASE] = { .name = "database",
		       .arg = "FILE",
		       .help = "the CVE database; otherwise /" CVE_DB_PATH },
	[UPSTREAM] = { .name = "upstream",
		       .arg = "VERSION",
		       .help = "judge this upstream version, not this host" },
	{ .name = NULL },
};

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(closep) int root = -1;
	_cleanup_(cve_db_close) struct cve_db db = { 0 };
	const char *file = cli_value(args, DATABASE, NULL), *root_path;
	int r = oakum_open_root(args, &root, &root_path, err);

	if (r == 0)
		r = cve_db_open(file ? AT_FDCWD : root, file ? file : CVE_DB_PATH, &db, err);
	if (r < 0)
		return r;
	return cves_upstream(cli, &db, file ? file : "/" CVE_DB_PATH,
			     cli_value(args, UPSTREAM, "0"), args, err);
}

const struct verb verb_oakum_cves = {
	.name = "cves",
	.args = "[CVE-ID...]",
	.help = "the CVEs that the kernel has, by verdict, with the reason",
	.min_args = 0,
	.max_args = -1,
	.options = options,
	.run = run,
};
