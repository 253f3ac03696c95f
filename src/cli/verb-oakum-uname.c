/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum uname: the version that the running kernel is as good as. */
#include <sys/utsname.h>

#include "agent/picture.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "cli/oakum-verbs.h"
#include "cli/oakum.h"

enum {
	ALL = OAKUM_ROOT + 1,
	RELEASE,
};

static const struct cli_option options[] = {
	OAKUM_OPTION_ROOT,
	{ .name = "all",
	  .help = "the line of 'uname -a', with the effective version",
	  .letter = 'a' },
	{ .name = "kernel-release",
	  .help = "the effective version alone, as without options",
	  .letter = 'r' },
	{ .name = NULL },
};

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(closep) int root = -1;
	_cleanup_(picture_clear) struct picture p = { 0 };
	struct utsname u = { 0 };
	const char *path, *version;
	int r = oakum_open_root(args, &root, &path, err);

	if (r == 0)
		r = picture_take(root, path, &p, err);
	if (r < 0)
		return oakum_finish(cli, NULL, "uname", r, err);
	version = picture_effective_version(&p);
	(void)uname(&u);
	if (cli->json)
		return oakum_finish(cli,
				    json_pack("{s:s, s:s}", "effective_version", version, "release",
					      p.host.id.release),
				    "uname", 0, err);
	if (args->opt[ALL].n)
		printf("%s %s %s %s %s GNU/Linux\n", u.sysname, u.nodename, version, u.version,
		       u.machine);
	else
		printf("%s\n", version);
	return 0;
}

const struct verb verb_oakum_uname = {
	.name = "uname",
	.help = "the version that the running kernel is as good as",
	.more = "Without an applied level, or where its publisher names no version, that is the\n"
		"release. uname(1) itself is never faked: it shows what was booted.",
	.options = options,
	.run = run,
};
