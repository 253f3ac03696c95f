/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "cli/fleet/commands.h"

#define TOKEN_MAX 256

enum {
	TOKEN_FILE,
	CA,
	FINGERPRINT,
};

static const struct cli_option options[] = {
	[TOKEN_FILE] = { .name = "token-file",
			 .arg = "FILE",
			 .help = "the token; otherwise from standard input" },
	[CA] = { .name = "ca", .arg = "FILE", .help = "PEM: who signs the server's certificate" },
	[FINGERPRINT] = { .name = "fingerprint",
			  .arg = "SHA256",
			  .help = "of the server's own certificate, as oakum-server init shows it" },
	{ .name = NULL },
};

/* Never an argument: all users of a machine see those. */
static int read_token(const char *path, char **ret, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	int r;

	if (!path && isatty(STDIN_FILENO))
		(void)fprintf(stderr, "the token (oakum-api-...), then Enter: ");
	r = file_read(AT_FDCWD, path ? path : "/dev/stdin", TOKEN_MAX, &b, err);
	if (r < 0)
		return r;
	while (b.len && strchr(" \t\r\n", b.data[b.len - 1]))
		b.data[--b.len] = '\0';
	if (strncmp(buf_str(&b), "oakum-api-", 10) != 0 ||
	    strlen(buf_str(&b)) != strcspn(buf_str(&b), " \t\r\n"))
		return oak_fail(err, OAK_E_USAGE,
				"that is no token for the API: it begins with oakum-api-");
	*ret = (char *)buf_take(&b, NULL);
	return 0;
}

/* By its whole path: the next call comes from another folder. */
static int take_ca(const char *path, char **ret, struct oak_error *err)
{
	*ret = realpath(path, NULL);
	return *ret ? 0 : oak_fail_errno(err, errno, "--ca %s", path);
}

/* Hexadecimal digits alone, "AB:CD:..." too. */
static bool same_fingerprint(const char *given, const char *have)
{
	for (; *given; given++) {
		if (*given == ':')
			continue;
		if (strncasecmp(given, have, 1) != 0)
			return false;
		have++;
	}
	return *have == '\0';
}

/* The server's own certificate, in a file of its own beside the login. */
static int keep_certificate(const char *pem, const char *sha256, char **ret, struct oak_error *err)
{
	_cleanup_(freep) char *dir = NULL, *path = NULL;
	char name[64];
	int r = fleet_config_path("", &dir, err);

	(void)snprintf(name, sizeof(name), "fleet-%.16s.pem", sha256);
	if (r == 0)
		r = fleet_config_path(name, &path, err);
	if (r == 0)
		r = dir_make(AT_FDCWD, dir, err);
	if (r == 0)
		r = file_write(AT_FDCWD, path, pem, strlen(pem), 0600, err);
	if (r == 0)
		*ret = take_ptr(path);
	return r;
}

static int pin(struct fleet_config *c, const char *fingerprint, struct oak_error *err)
{
	const struct http_client_options opt = { 0 };
	_cleanup_(freep) char *pem = NULL;
	char sha256[SHA256_HEX_MAX];
	int r = http_certificate(c->url, &opt, &pem, sha256, err);

	if (r < 0)
		return r;
	if (!same_fingerprint(fingerprint, sha256))
		return oak_fail(err, OAK_E_TRUST,
				"%s shows another certificate, its SHA-256 is %s: nothing was sent",
				c->url, sha256);
	c->pinned = true;
	return keep_certificate(pem, sha256, &c->ca, err);
}

/* The token is good if the server says who it is. */
static int try_it(const struct cli *cli, const struct fleet_config *c, json_t **ret,
		  struct oak_error *err)
{
	struct fleet_session s = { 0 };
	int r = fleet_connect(cli, c, &s, err);

	s.config = *c; /* borrowed */
	if (r == 0)
		r = fleet_call(&s, "GET", "/api/v1/info", NULL, ret, err);
	http_client_close(s.http);
	/* A token that may not read is one all the same. */
	if (r == -OAK_E_PERMISSION && strstr(err->msg, "answered 403"))
		return 0;
	return r;
}

static int take_url(const char *url, char **ret, struct oak_error *err)
{
	char *copy;

	if (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0)
		return oak_fail(err, OAK_E_USAGE, "'%s': say https://SERVER:PORT", url);
	copy = strdup(url);
	if (!copy)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	while (copy[strlen(copy) - 1] == '/')
		copy[strlen(copy) - 1] = '\0';
	*ret = copy;
	return 0;
}

static int login(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	_cleanup_(fleet_config_clear) struct fleet_config c = { 0 };
	_cleanup_(json_decrefp) json_t *info = NULL;
	const char *ca = cli_value(args, CA, NULL);
	const char *fingerprint = cli_value(args, FINGERPRINT, NULL);
	int r = take_url(args->v[0], &c.url, err);

	if (r == 0 && ca && fingerprint)
		r = oak_fail(err, OAK_E_USAGE, "--ca and --fingerprint exclude each other");
	if (r == 0)
		r = read_token(cli_value(args, TOKEN_FILE, NULL), &c.token, err);
	if (r == 0 && ca)
		r = take_ca(ca, &c.ca, err);
	if (r == 0 && fingerprint)
		r = pin(&c, fingerprint, err);
	if (r == 0)
		r = try_it(cli, &c, &info, err);
	if (r == 0)
		r = fleet_config_write(&c, err);
	if (r < 0)
		return r;
	if (cli->json)
		return cli_print_json(json_pack("{s:s, s:s*}", "url", c.url, "version",
						json_get_str(info, "version")),
				      err);
	if (!cli->quiet)
		(void)fprintf(stderr, "logged in to %s; next: oakum fleet overview\n", c.url);
	return 0;
}

const struct verb fleet_login = {
	.name = "login",
	.args = "URL",
	.help = "remember a server and a token for it",
	.more = "Kept in ~/.config/oakum/fleet.json, which nobody else can read. In its place, or over it:\n"
		"OAKUM_FLEET_URL, OAKUM_FLEET_TOKEN and OAKUM_FLEET_CA (a file) in the environment.\n"
		"The first token is shown by oakum-server init; others: oakum fleet tokens create.",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.run = login,
};

static int logout(const struct cli *cli, const struct cli_args *args, struct oak_error *err)
{
	int r = fleet_config_remove(err);

	(void)args;
	if (r == 0 && cli->json)
		return cli_print_json(json_object(), err);
	return r;
}

const struct verb fleet_logout = {
	.name = "logout",
	.help = "forget server and token; the token itself stays good",
	.run = logout,
};
