/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum pin: hold this host at a level, or at what was published up to a day. */
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/dropin.h"
#include "cli/oakum-verbs.h"
#include "cli/oakum.h"
#include "host/settings-value.h"
#include "host/settings.h"

static const struct cli_option options[] = {
	OAKUM_OPTION_ROOT,
	{ .name = NULL },
};

/* Read again after it was written: what holds is what all files together say. */
static int tell(const struct cli *cli, int root, const char *wanted, struct oak_error *err)
{
	_cleanup_(settings_free) struct settings s = { 0 };
	char text[VALUE_TEXT_MAX];
	int r = settings_read(root, &s, err);

	if (r < 0)
		return oakum_finish(cli, NULL, "pin", r, err);
	pin_format(&s.pin, text);
	if (!cli->json)
		printf("pin        %s\n", text);
	if (!cli->json && wanted)
		printf("           the agent follows at its next check; 'oakum update' at once\n");
	if (wanted && strcmp(wanted, text) != 0)
		r = oak_fail(err, OAK_E_FAILED,
			     "%s is not what holds: another file of /" SETTINGS_DIR
			     " or /" SETTINGS_PATH " sets pin = %s",
			     wanted, text);
	return oakum_finish(cli, cli->json ? json_pack("{s:s}", "pin", text) : NULL, "pin", r, err);
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(closep) int root = -1;
	int r = oakum_open_root(args, &root, NULL, err);

	if (r == 0 && args->n)
		r = dropin_set(root, &dropin_pin, args->v[0], err);
	return r < 0 ? oakum_finish(cli, NULL, "pin", r, err)
		     : tell(cli, root, args->n ? args->v[0] : NULL, err);
}

const struct verb verb_oakum_pin = {
	.name = "pin",
	.args = "[LEVEL | YYYY-MM-DD | none]",
	.help = "show or set the level, or day, that this host stays at",
	.more = "Written to /etc/oakum/conf.d/50-pin.conf. A day means the newest level that was\n"
		"published up to its end (UTC).",
	.max_args = 1,
	.options = options,
	.run = run,
};
