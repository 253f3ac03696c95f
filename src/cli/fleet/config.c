/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "cli/fleet/fleet.h"

#define CONFIG     "fleet.json"
#define CONFIG_MAX (256u << 10)

void fleet_config_clear(struct fleet_config *c)
{
	free(c->url);
	if (c->token)
		explicit_bzero(c->token, strlen(c->token));
	free(c->token);
	free(c->ca);
	*c = (struct fleet_config){ 0 };
}

static int config_dir(char **ret, struct oak_error *err)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	_cleanup_(freep) char *base = NULL;

	if (xdg && xdg[0] == '/')
		base = strdup(xdg);
	else if (home && home[0] == '/')
		base = path_join(home, ".config");
	else
		return oak_fail(err, OAK_E_USAGE,
				"HOME is not set: set OAKUM_FLEET_URL and"
				" OAKUM_FLEET_TOKEN in the place of a login");
	*ret = base ? path_join(base, "oakum") : NULL;
	return *ret ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

int fleet_config_path(const char *name, char **ret, struct oak_error *err)
{
	_cleanup_(freep) char *dir = NULL;
	int r = config_dir(&dir, err);

	if (r < 0)
		return r;
	*ret = path_join(dir, name);
	return *ret ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

static int take_text(const json_t *doc, const char *name, char **ret, struct oak_error *err)
{
	const char *text = json_get_str(doc, name);

	free(*ret);
	*ret = text ? strdup(text) : NULL;
	if (text && !*ret)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

/* Whoever may read it may do what we may. */
static int check_mode(const char *path, struct oak_error *err)
{
	struct stat st;

	if (stat(path, &st) == 0 && (st.st_mode & (S_IRWXG | S_IRWXO)))
		return oak_fail(err, OAK_E_REFUSED,
				"%s: others may read the token in it: chmod 600 it", path);
	return 0;
}

static int read_file(struct fleet_config *c, struct oak_error *err)
{
	_cleanup_(freep) char *path = NULL;
	_cleanup_(buf_free) struct buf b = { 0 };
	_cleanup_(json_decrefp) json_t *doc = NULL;
	int r = fleet_config_path(CONFIG, &path, err);

	if (r < 0)
		return r;
	r = check_mode(path, err);
	if (r == 0)
		r = file_read(AT_FDCWD, path, CONFIG_MAX, &b, err);
	if (r == 0)
		r = json_parse(b.data, b.len, CONFIG_MAX, path, &doc, err);
	if (r == 0)
		r = take_text(doc, "url", &c->url, err);
	if (r == 0)
		r = take_text(doc, "token", &c->token, err);
	if (r == 0)
		r = take_text(doc, "ca", &c->ca, err);
	c->pinned = json_is_true(json_object_get(doc, "pinned"));
	if (b.data)
		explicit_bzero(b.data, b.len);
	return r;
}

static int from_environment(const char *name, char **into, struct oak_error *err)
{
	const char *value = getenv(name);

	if (!value || !value[0])
		return 0;
	free(*into);
	*into = strdup(value);
	return *into ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

int fleet_config_read(struct fleet_config *ret, struct oak_error *err)
{
	_cleanup_(fleet_config_clear) struct fleet_config c = { 0 };
	const char *url = getenv("OAKUM_FLEET_URL"), *ca = getenv("OAKUM_FLEET_CA");
	bool alone = url && url[0] && getenv("OAKUM_FLEET_TOKEN");
	int r = alone ? 0 : read_file(&c, err);

	if (r == -OAK_E_NOTFOUND)
		return oak_fail(err, OAK_E_USAGE,
				"no server is known: oakum fleet login https://SERVER:8443");
	if (r == 0)
		r = from_environment("OAKUM_FLEET_URL", &c.url, err);
	if (r == 0)
		r = from_environment("OAKUM_FLEET_TOKEN", &c.token, err);
	if (r == 0)
		r = from_environment("OAKUM_FLEET_CA", &c.ca, err);
	c.pinned = c.pinned && !(ca && ca[0]);
	if (r < 0)
		return r;
	if (!c.url || !c.token)
		return oak_fail(
			err, OAK_E_USAGE,
			"no server or no token is known: oakum fleet login https://SERVER:8443");
	while (c.url[0] && c.url[strlen(c.url) - 1] == '/')
		c.url[strlen(c.url) - 1] = '\0';
	*ret = c;
	c = (struct fleet_config){ 0 };
	return 0;
}

int fleet_config_write(const struct fleet_config *c, struct oak_error *err)
{
	_cleanup_(freep) char *dir = NULL, *path = NULL, *text = NULL;
	_cleanup_(json_decrefp)
		json_t *doc = json_pack("{s:i, s:s, s:s, s:s*, s:b}", "schema", 1, "url", c->url,
					"token", c->token, "ca", c->ca, "pinned", (int)c->pinned);
	int r = config_dir(&dir, err);

	if (r == 0)
		r = fleet_config_path(CONFIG, &path, err);
	if (r == 0)
		r = dir_make(AT_FDCWD, dir, err);
	text = doc ? json_text(doc) : NULL;
	if (r == 0 && !text)
		r = oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (r == 0)
		r = file_write(AT_FDCWD, path, text, strlen(text), 0600, err);
	if (text)
		explicit_bzero(text, strlen(text));
	return r;
}

int fleet_config_remove(struct oak_error *err)
{
	_cleanup_(freep) char *path = NULL;
	int r = fleet_config_path(CONFIG, &path, err);

	if (r < 0)
		return r;
	if (unlink(path) == 0)
		return 0;
	if (errno == ENOENT)
		return oak_fail(err, OAK_E_NOTHING, "there is no login");
	return oak_fail_errno(err, errno, "%s", path);
}
