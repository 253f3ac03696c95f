/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oakum register, unregister: with which fleet's server this host is. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "agent/control.h"
#include "agent/fleet/enrol.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/oakum-verbs.h"
#include "cli/oakum.h"
#include "host/settings.h"

#define TOKEN_BYTES_MAX 4096

enum {
	SERVER = OAKUM_ROOT + 1,
	TOKEN,
	TOKEN_FILE,
	CA,
	FINGERPRINT,
	NAME,
	TAG,
};

static const struct cli_option options[] = {
	OAKUM_OPTION_ROOT,
	{ .name = "server", .arg = "URL", .help = "https://HOST[:PORT]", .required = true },
	{ .name = "token",
	  .arg = "TOKEN",
	  .help = "as the server's owner gave it; others on this host may see it" },
	{ .name = "token-file", .arg = "FILE", .help = "where it stands; -: standard input" },
	{ .name = "ca",
	  .arg = "FILE",
	  .help = "the certificates to trust, PEM; otherwise as 'ca' in oakum.conf" },
	{ .name = "fingerprint",
	  .arg = "SHA256",
	  .help = "of the server's certificate, in the place of --ca" },
	{ .name = "name", .arg = "NAME", .help = "for people; otherwise the host's name" },
	{ .name = "tag",
	  .arg = "WORD=VALUE",
	  .help = "where the token lets hosts bring their own",
	  .multi = true },
	{ .name = NULL },
};

static void say(const struct fleet_home *h, bool told)
{
	printf("registered with %s\nhost       %s\nring       %s\n", h->server, h->host, h->ring);
	printf("tags      ");
	for (size_t i = 0; i < json_array_size(h->tags); i++)
		printf(" %s", json_string_value(json_array_get(h->tags, i)));
	printf("%s\n%s\n", json_array_size(h->tags) ? "" : " none",
	       told ? "the agent reports now; see 'oakum status'"
		    : "no agent runs: it reports once it does");
}

static json_t *home_json(const struct fleet_home *h)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:o}", "server", h->server, "host", h->host, "name",
			 h->name, "ring", h->ring, "tags",
			 h->tags ? json_incref(h->tags) : json_array());
}

/* The token, which a file holds as a line. */
static int read_token(const struct cli_args *args, char **ret, struct oak_error *err)
{
	const char *path = cli_value(args, TOKEN_FILE, NULL);
	_cleanup_(buf_free) struct buf b = { 0 };
	int r;

	if ((path != NULL) == (args->opt[TOKEN].n > 0))
		return oak_fail(err, OAK_E_USAGE, "--token or --token-file: one of them");
	if (path) {
		r = file_read(AT_FDCWD, strcmp(path, "-") == 0 ? "/dev/stdin" : path,
			      TOKEN_BYTES_MAX, &b, err);
		if (r < 0)
			return r;
	}
	*ret = strdup(path ? buf_str(&b) : cli_value(args, TOKEN, ""));
	if (!*ret)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	(*ret)[strcspn(*ret, " \t\r\n")] = '\0';
	return 0;
}

static int enrol(const struct cli_args *args, struct enrol_options *o, struct fleet_home *ret,
		 struct oak_error *err)
{
	_cleanup_(settings_free) struct settings s = { 0 };
	_cleanup_(freep) char *token = NULL;
	int r;

	if (args->opt[CA].n && args->opt[FINGERPRINT].n)
		return oak_fail(err, OAK_E_USAGE, "--ca and --fingerprint: one of them");
	r = read_token(args, &token, err);
	if (r == 0)
		r = settings_read(o->root, &s, err);
	if (r < 0)
		return r;
	o->server = cli_value(args, SERVER, "");
	o->token = token;
	o->fingerprint = cli_value(args, FINGERPRINT, NULL);
	o->ca = cli_value(args, CA, o->fingerprint ? NULL : s.ca);
	o->name = cli_value(args, NAME, NULL);
	o->tags = args->opt[TAG].v;
	o->n_tags = args->opt[TAG].n;
	o->proxy = s.proxy && strcmp(s.proxy, "none") == 0 ? "" : s.proxy;
	return enrol_host(o, ret, err);
}

static int run(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(fleet_home_clear) struct fleet_home h = { .server = "" };
	_cleanup_(closep) int root = -1;
	struct enrol_options o = { .root_path = "" };
	int r = oakum_open_root(args, &root, &o.root_path, err);
	bool told;

	o.root = root;
	if (r == 0)
		r = enrol(args, &o, &h, err);
	if (r < 0)
		return oakum_finish(cli, NULL, "register", r, err);
	told = control_say(o.root_path, "check");
	if (!cli->json)
		say(&h, told);
	return oakum_finish(cli, cli->json ? home_json(&h) : NULL, "registered", 0, err);
}

const struct verb verb_oakum_register = {
	.name = "register",
	.help = "make this host known to a fleet's server",
	.more = "The server can then hold levels back and slow them down, no more. Done again with the\n"
		"same key where it was interrupted. What reports tell: oakum.conf(5).",
	.options = options,
	.run = run,
};

static const struct cli_option forget_options[] = {
	OAKUM_OPTION_ROOT,
	{ .name = NULL },
};

static int forget(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(fleet_home_clear) struct fleet_home h = { .server = "" };
	_cleanup_(closep) int root = -1;
	const char *path = "";
	int r = oakum_open_root(args, &root, &path, err);

	if (r == 0 && fleet_home_read(root, &h, err) < 0)
		h.server[0] = '\0';
	if (r == 0)
		r = enrol_forget(root, err);
	if (r < 0)
		return oakum_finish(cli, NULL, "unregister", r, err);
	(void)control_say(path, "check");
	if (!cli->json)
		printf("this host is registered no more%s%s\n",
		       h.host[0] ? "; on the server: oakum fleet hosts revoke " : "", h.host);
	return oakum_finish(cli,
			    cli->json ? json_pack("{s:s, s:s}", "server", h.server, "host", h.host)
				      : NULL,
			    "unregistered", 0, err);
}

const struct verb verb_oakum_unregister = {
	.name = "unregister",
	.help = "forget the fleet's server: this host's own settings decide alone",
	.options = forget_options,
	.run = forget,
};
