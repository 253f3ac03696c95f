/* SPDX-License-Identifier: GPL-2.0-or-later */
/* node: what the verbs of oakum-node share. */
#ifndef OAK_CLI_NODE_H
#define OAK_CLI_NODE_H

#include "base/buf.h"
#include "cli/cli.h"
#include "node/sync.h"

/* The first options of every verb, in this order. */
enum {
	NODE_OPT_NODE,
	NODE_OPT_SERVER,
	NODE_OPT_TOKEN,
	NODE_OPT_CA,
	NODE_OPTS
};

#define NODE_OPTIONS                                                                          \
	[NODE_OPT_NODE] = { .name = "node",                                                   \
			    .arg = "NAME",                                                    \
			    .help = "in the place of NODE_NAME in the environment" },         \
	[NODE_OPT_SERVER] = { .name = "server",                                               \
			      .arg = "URL",                                                   \
			      .help = "of the API server; the pod's own otherwise" },         \
	[NODE_OPT_TOKEN] = { .name = "token-file", .arg = "FILE", .help = "a bearer token" }, \
	[NODE_OPT_CA] = { .name = "ca", .arg = "FILE", .help = "certificates (PEM) to believe" }

/* Where the calls go; @url holds the server's. Errors: OAK_E_USAGE, OAK_E_NOMEM. */
int node_cli_api(const struct cli_args *args, struct buf *url, struct node_api *ret,
		 struct oak_error *err) _must_check_;

/* This node's name. Errors: OAK_E_USAGE. */
int node_cli_name(const struct cli_args *args, const char **ret, struct oak_error *err)
	_must_check_;

extern const struct verb verb_node_run;
extern const struct verb verb_node_show;
extern const struct verb verb_node_remove;

#endif
