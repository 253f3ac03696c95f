/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A path that is taken can be opened below a root as it is: it names nothing above, and nothing twice. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "fleet/http/route.h"
#include "fleet/http/target.h"

static const struct route rows[] = {
	{ .method = "GET", .pattern = "/v1/decisions/{file}" },
	{ .method = "GET", .pattern = "/api/v1/hosts/{id}/tags/{tag}" },
	{ .method = "GET", .pattern = "/repository/*" },
	{ 0 },
};
static const struct route *const tables[] = { rows, NULL };

static void check_path(const char *path)
{
	size_t len = strlen(path);

	FUZZ_CHECK(path[0] == '/');
	FUZZ_CHECK(!strstr(path, "//") && !strstr(path, "/../") && !strstr(path, "/./"));
	FUZZ_CHECK(len < 3 || strcmp(path + len - 3, "/..") != 0);
	for (size_t i = 0; i < len; i++)
		FUZZ_CHECK((unsigned char)path[i] >= 0x20 && path[i] != 0x7f && path[i] != '\\');
}

static void check_route(const char *path)
{
	char *room = malloc(strlen(path) + 1);
	struct route_found found;

	if (!room)
		return;
	route_find(tables, "GET", path, room, &found);
	FUZZ_CHECK(found.route || found.status == 404);
	for (size_t i = 0; found.route && i < HTTP_PARAMS_MAX && found.params[i]; i++)
		FUZZ_CHECK(found.route == &rows[2] || !strchr(found.params[i], '/'));
	free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_target t;
	struct oak_error err;
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	if (http_target_parse(text, &t, &err) == 0) {
		check_path(t.path);
		check_route(t.path);
		FUZZ_CHECK(t.n_query <= HTTP_QUERY_MAX);
		for (size_t i = 0; i < t.n_query; i++)
			FUZZ_CHECK(strlen(t.query[i].name) + strlen(t.query[i].value) <= size);
	}
	free(text);
	return 0;
}
