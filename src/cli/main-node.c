/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum-node: tells a Kubernetes cluster what the agent of this node says. It has no privilege. */
#include "cli/node.h"

static const struct verb *const verbs[] = {
	&verb_node_run,
	&verb_node_show,
	&verb_node_remove,
	NULL,
};

static const struct program program = {
	.name = "oakum-node",
	.about = "tell Kubernetes how this node's kernel is patched",
	.verbs = verbs,
};

int main(int argc, char **argv)
{
	return cli_main(&program, argc, argv);
}
