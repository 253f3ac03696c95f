/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum-node remove: labels, condition and taint go, of one node or of all. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/node.h"

#define NODES_MAX 20000

enum {
	ALL = NODE_OPTS,
};

static const struct cli_option options[] = {
	NODE_OPTIONS,
	[ALL] = { .name = "all", .help = "every node that has our labels" },
	{ .name = NULL },
};

static int remove_all(const struct cli *cli, struct node_api *api, struct oak_error *err)
{
	/* "label selector: the key is there" */
	const struct node_call list = { .method = "GET",
					.path = "/api/v1/nodes?labelSelector=" NODE_PREFIX "level" };
	_cleanup_(buf_free) struct buf text = { 0 };
	_cleanup_(freep) char(*names)[NODE_NAME_MAX] = calloc(NODES_MAX, sizeof(*names));
	unsigned status;
	size_t n = 0;
	int r = names ? node_api_call(api, &list, &status, &text, err)
		      : oak_fail(err, OAK_E_NOMEM, "out of memory");

	if (r == 0)
		r = node_list_parse(text.data, text.len, names, NODES_MAX, &n, err);
	for (size_t i = 0; r == 0 && i < n; i++) {
		r = node_sync_remove(api, names[i], err);
		if (r == 0)
			progress_step(cli->progress, "node %s is as before", names[i]);
		else if (r == -OAK_E_NOTFOUND) /* it left the cluster in between */
			r = 0;
	}
	return r;
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf url = { 0 };
	_cleanup_(node_api_close) struct node_api api = { .http = NULL };
	const char *name = NULL;
	int r = args->opt[ALL].n ? 0 : node_cli_name(args, &name, err);

	if (r == 0)
		r = node_cli_api(args, &url, &api, err);
	if (r == 0)
		r = node_api_open(&api, err);
	if (r < 0)
		return r;
	return name ? node_sync_remove(&api, name, err) : remove_all(cli, &api, err);
}

const struct verb verb_node_remove = {
	.name = "remove",
	.help = "take labels, condition and taint away again",
	.options = options,
	.run = run,
};
