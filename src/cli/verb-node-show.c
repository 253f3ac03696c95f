/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum-node show: what would be told, from this host alone. */
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/node.h"

enum {
	ROOT = NODE_OPTS,
};

static const struct cli_option options[] = {
	NODE_OPTIONS,
	[ROOT] = { .name = "root", .arg = "DIR", .help = "look below DIR, not below /" },
	{ .name = NULL },
};

static json_t *labels_json(const struct node_view *v)
{
	json_t *labels = json_object();
	char key[96];

	for (size_t i = 0; i < NODE_LABELS; i++) {
		(void)snprintf(key, sizeof(key), NODE_PREFIX "%s", v->labels[i].key);
		(void)json_object_set_new(labels, key, json_string(v->labels[i].value));
	}
	return labels;
}

static json_t *events_json(const struct node_view *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->n_events; i++)
		(void)json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:I}", "type",
							    v->events[i].type, "reason",
							    v->events[i].reason, "message",
							    v->events[i].message, "at",
							    (json_int_t)v->events[i].at_s));
	return list;
}

static int print(const struct cli *cli, const struct node_view *v, struct oak_error *err)
{
	const struct node_condition *c = &v->condition;

	if (cli->json)
		return cli_print_json(json_pack("{s:o, s:{s:s, s:s, s:s, s:s}, s:b, s:o}", "labels",
						labels_json(v), "condition", "type", NODE_CONDITION,
						"status", c->status, "reason", c->reason, "message",
						c->message, "critical", v->critical, "events",
						events_json(v)),
				      err);
	for (size_t i = 0; i < NODE_LABELS; i++)
		printf("label      " NODE_PREFIX "%s=%s\n", v->labels[i].key, v->labels[i].value);
	printf("condition  " NODE_CONDITION "=%s %s: %s\n", c->status, c->reason, c->message);
	for (size_t i = 0; i < v->n_events; i++)
		printf("event      %s %s: %s\n", v->events[i].type, v->events[i].reason,
		       v->events[i].message);
	return 0;
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(closep) int root =
		open(cli_value(args, ROOT, "/"), O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(freep) struct node_view *v = calloc(1, sizeof(*v));
	_cleanup_(freep) struct node_sync *s = calloc(1, sizeof(*s));
	int r = 0;

	if (root < 0)
		return oak_fail(err, OAK_E_NOTFOUND, "--root %s: no such folder",
				cli_value(args, ROOT, "/"));
	if (!v || !s)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = node_cli_name(args, &s->node, err);
	if (r < 0)
		return r;
	s->root = root;
	/* The patience that a running client has with an agent that is replaced is none here. */
	s->dead_since_s = 1;
	node_sync_look(s, time(NULL), v);
	return print(cli, v, err);
}

const struct verb verb_node_show = {
	.name = "show",
	.help = "what the cluster would be told, without asking it",
	.options = options,
	.run = run,
};
