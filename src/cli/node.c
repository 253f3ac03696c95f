/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/node.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

#define TOKEN_PATH NODE_ACCOUNT_DIR "/token"
#define CA_PATH    NODE_ACCOUNT_DIR "/ca.crt"

/* The kubelet gives every container the API server's address; an IPv6 one without brackets. */
static int server_of_pod(struct buf *url, struct oak_error *err)
{
	const char *host = getenv("KUBERNETES_SERVICE_HOST");
	const char *port = getenv("KUBERNETES_SERVICE_PORT");
	bool v6 = host && strchr(host, ':');

	if (!host || !port)
		return oak_fail(err, OAK_E_USAGE,
				"no KUBERNETES_SERVICE_HOST in the environment: outside of a pod give "
				"--server URL and --token-file FILE");
	if (buf_printf(url, "https://%s%s%s:%s", v6 ? "[" : "", host, v6 ? "]" : "", port) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

int node_cli_api(const struct cli_args *args, struct buf *url, struct node_api *ret,
		 struct oak_error *err)
{
	const char *server = cli_value(args, NODE_OPT_SERVER, NULL);
	int r = 0;

	if (!server)
		r = server_of_pod(url, err);
	else if (buf_add_str(url, server) < 0)
		r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (r < 0)
		return r;
	while (url->len && url->data[url->len - 1] == '/')
		url->len--;
	*ret = (struct node_api){ .server = buf_str(url),
				  .token = cli_value(args, NODE_OPT_TOKEN, TOKEN_PATH),
				  .ca = cli_value(args, NODE_OPT_CA, NULL) };
	if (!ret->ca && !server)
		ret->ca = CA_PATH;
	return 0;
}

int node_cli_name(const struct cli_args *args, const char **ret, struct oak_error *err)
{
	const char *name = cli_value(args, NODE_OPT_NODE, getenv("NODE_NAME"));

	if (!name)
		return oak_fail(err, OAK_E_USAGE,
				"which node? give --node NAME, or set NODE_NAME "
				"(fieldRef: spec.nodeName)");
	if (!node_name_is(name))
		return oak_fail(err, OAK_E_USAGE, "--node %.100s: not the name of a node", name);
	*ret = name;
	return 0;
}
