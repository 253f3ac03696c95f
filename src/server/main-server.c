/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cli.h"

static const struct verb *const verbs[] = { NULL };

static const struct program server = {
	.name = "oakum-server",
	.about = "roll levels out over a fleet of hosts",
	.verbs = verbs,
};

int main(int argc, char **argv)
{
	return cli_main(&server, argc, argv);
}
