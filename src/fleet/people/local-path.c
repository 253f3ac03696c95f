/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/people/local-path.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* No bytes that a browser or a proxy reads otherwise than we do. */
static bool is_plain(const char *path)
{
	size_t n = 0;

	for (; path[n]; n++)
		if (n == LOCAL_PATH_MAX || path[n] <= ' ' || path[n] >= 0x7f ||
		    strchr("\\\"<>^`{|}", path[n]))
			return false;
	return n > 0;
}

/*
 * "%2f", "%5c", "%2e" (a dot to browsers), and what stands for a control character: somebody may decode it
 * once more.
 */
static bool has_hidden(const char *path, size_t len)
{
	for (size_t i = 0; i + 2 < len; i++) {
		if (path[i] != '%')
			continue;
		if (path[i + 1] == '0' || path[i + 1] == '1' ||
		    strncasecmp(path + i + 1, "2f", 2) == 0 ||
		    strncasecmp(path + i + 1, "5c", 2) == 0 ||
		    strncasecmp(path + i + 1, "2e", 2) == 0 ||
		    strncasecmp(path + i + 1, "7f", 2) == 0 || strncmp(path + i + 1, "25", 2) == 0)
			return true;
	}
	return false;
}

static bool has_empty_part(const char *path, size_t len)
{
	for (size_t i = 0; i + 1 < len; i++)
		if (path[i] == '/' && path[i + 1] == '/')
			return true;
	return false;
}

/* "." and ".." would make another path of it. */
static bool has_dots(const char *path, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		size_t part = 1;

		if (path[i] != '/')
			continue;
		while (i + part < len && path[i + part] != '/')
			part++;
		if ((part == 2 && path[i + 1] == '.') ||
		    (part == 3 && path[i + 1] == '.' && path[i + 2] == '.'))
			return true;
	}
	return false;
}

static bool is_sign_in(const char *path, size_t len)
{
	static const char *const ours[] = { "/login", "/logout", "/oidc", "/prove" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		size_t n = strlen(ours[i]);

		if (len >= n && strncmp(path, ours[i], n) == 0 && (len == n || path[n] == '/'))
			return true;
	}
	return false;
}

bool local_path(const char *path)
{
	size_t len;

	if (!path || path[0] != '/' || !is_plain(path))
		return false;
	len = strcspn(path, "?#");
	return !has_empty_part(path, len) && !has_hidden(path, len) && !has_dots(path, len) &&
	       !is_sign_in(path, len);
}

const char *local_path_or_home(const char *path)
{
	return local_path(path) ? path : "/";
}
