/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/json.h"
#include "cli/fleet/fleet.h"

/* What stands in braces in a command's path, and where its names are found. */
static const struct {
	const char *kind, *what;
	size_t digits; /* an id has so many hexadecimal digits */
	const char *path, *list, *name;
} kinds[] = {
	{ "host", "host", 32, "/api/v1/hosts?limit=1000&text=", "hosts", "name" },
	{ "rollout", "rollout", 16, "/api/v1/rollouts?limit=1000", "rollouts", "name" },
	{ "token", "token", 0, "/api/v1/tokens", "tokens", "name" },
	{ "enrol-token", "enrolment token", 0, "/api/v1/enrol-tokens", "enrol_tokens", "name" },
	{ "view", "view", 16, "/api/v1/views", "views", "name" },
	{ "user", "person", 16, "/api/v1/users", "users", "name" },
	{ "webhook", "webhook", 32, "/api/v1/webhooks", "webhooks", "url" },
};

static bool is_id(const char *text, size_t digits)
{
	return digits && strlen(text) == digits && strspn(text, "0123456789abcdef") == digits;
}

/* The row whose id or name is @text. Where a name fits several, which of them is not ours to guess. */
static int pick(const json_t *rows, const char *name, const char *text, const json_t **ret,
		struct buf *several)
{
	int found = 0;

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		const char *id = json_get_str(row, "id"), *its = json_get_str(row, name);

		if (id && strcmp(id, text) == 0) {
			*ret = row;
			return 1;
		}
		if (!id || !its || strcmp(its, text) != 0)
			continue;
		*ret = row;
		if (buf_printf(several, "%s%s", found ? ", " : "", id) < 0)
			return -OAK_E_NOMEM;
		found++;
	}
	return found;
}

static int ask(struct fleet_session *s, size_t k, const char *text, json_t **ret,
	       struct oak_error *err)
{
	_cleanup_(buf_free) struct buf target = { 0 };
	const char *path = kinds[k].path;

	if (buf_add_str(&target, path) < 0 ||
	    (path[strlen(path) - 1] == '=' && fleet_quote(&target, text) < 0))
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return fleet_call(s, "GET", buf_str(&target), NULL, ret, err);
}

static int look_up(struct fleet_session *s, size_t k, const char *text, char **ret,
		   struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *answer = NULL;
	_cleanup_(buf_free) struct buf several = { 0 };
	const json_t *row = NULL;
	int r = ask(s, k, text, &answer, err);

	if (r < 0)
		return r;
	r = pick(json_object_get(answer, kinds[k].list), kinds[k].name, text, &row, &several);
	if (r == 0)
		return oak_fail(err, OAK_E_NOTFOUND, "there is no %s '%s'", kinds[k].what, text);
	if (r > 1)
		return oak_fail(err, OAK_E_REFUSED, "'%s' is the name of %d: say which id: %.400s",
				text, r, buf_str(&several));
	*ret = r < 0 ? NULL : strdup(json_get_str(row, "id"));
	return *ret ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}

int fleet_resolve(struct fleet_session *s, const char *kind, const char *text, char **ret,
		  struct oak_error *err)
{
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		if (strcmp(kinds[k].kind, kind) == 0 && !is_id(text, kinds[k].digits))
			return look_up(s, k, text, ret, err);
	*ret = strdup(text);
	return *ret ? 0 : oak_fail(err, OAK_E_NOMEM, "out of memory");
}
