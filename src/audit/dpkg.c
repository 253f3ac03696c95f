/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/dpkg.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "audit/inside.h"
#include "base/cleanup.h"
#include "base/gunzip.h"

#define INFO          "/var/lib/dpkg/info"
#define LIST_MAX      (8u << 20)
#define CHANGELOG_MAX (4u << 20) /* the youngest entries: a kernel's is longer */

bool dpkg_list_has(const char *list, const char *path)
{
	size_t len = strlen(path);

	for (const char *p = list; (p = strstr(p, path)); p++)
		if ((p == list || p[-1] == '\n') && (p[len] == '\n' || !p[len]))
			return true;
	return false;
}

/* Whether the list of the file @name has the path, or its name before the folders were merged. */
static bool list_has(int root, const char *name, const char *path)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	char file[512];

	(void)snprintf(file, sizeof(file), INFO "/%s", name);
	if (inside_read(root, file, LIST_MAX, &text) < 0)
		return false;
	return dpkg_list_has(buf_str(&text), path) ||
	       (strncmp(path, "/usr/", 5) == 0 && dpkg_list_has(buf_str(&text), path + 4));
}

/* "runc.list" and "libc6:amd64.list" without their ends; false for other files. */
static bool package_of(const char *file, char ret[DPKG_NAME_MAX])
{
	size_t len = strlen(file), name = strcspn(file, ":");

	if (len < 6 || strcmp(file + len - 5, ".list") != 0)
		return false;
	if (name == len)
		name = len - 5;
	if (name >= DPKG_NAME_MAX)
		return false;
	(void)snprintf(ret, DPKG_NAME_MAX, "%.*s", (int)name, file);
	return true;
}

bool dpkg_owner(int root, const char *path, const char *const *hints, char ret[DPKG_NAME_MAX])
{
	_cleanup_(closedirp) DIR *d = NULL;
	struct dirent *e;

	for (size_t i = 0; hints[i]; i++) {
		char name[DPKG_NAME_MAX + 8];

		(void)snprintf(name, sizeof(name), "%s.list", hints[i]);
		if (list_has(root, name, path)) {
			(void)snprintf(ret, DPKG_NAME_MAX, "%s", hints[i]);
			return true;
		}
	}
	/* No package has files there: Debian Policy 9.1.2. */
	if (strncmp(path, "/usr/local/", 11) == 0)
		return false;
	d = inside_opendir(root, INFO);
	while (d && (e = readdir(d)))
		if (package_of(e->d_name, ret) && list_has(root, e->d_name, path))
			return true;
	return false;
}

/* The value of a field in the paragraph at @p; its length, 0 where there is none. */
static size_t field(const char *p, const char *name, const char **ret)
{
	size_t len = strlen(name);

	for (; *p && *p != '\n'; p += strcspn(p, "\n"), p += *p == '\n') {
		if (strncmp(p, name, len) == 0 && p[len] == ':') {
			p += len + 1;
			p += strspn(p, " \t");
			*ret = p;
			return strcspn(p, "\n");
		}
	}
	return 0;
}

static bool is_installed(const char *paragraph)
{
	static const char word[] = " installed";
	const char *status;
	size_t len = field(paragraph, "Status", &status);

	return len > strlen(word) && strncmp(status + len - strlen(word), word, strlen(word)) == 0;
}

bool dpkg_version(const char *status, const char *package, char ret[DPKG_VERSION_MAX])
{
	char first[DPKG_NAME_MAX + 16];
	size_t len;

	(void)snprintf(first, sizeof(first), "Package: %s\n", package);
	len = strlen(first);
	for (const char *p = status; (p = strstr(p, first)); p += len) {
		const char *version;
		size_t n;

		if ((p != status && p[-1] != '\n') || !is_installed(p))
			continue;
		n = field(p, "Version", &version);
		if (n > 0 && n < DPKG_VERSION_MAX) {
			(void)snprintf(ret, DPKG_VERSION_MAX, "%.*s", (int)n, version);
			return true;
		}
	}
	return false;
}

int dpkg_changelog(int root, const char *package, struct buf *ret)
{
	/* A native package has but one changelog. */
	static const char *const names[] = { "changelog.Debian.gz", "changelog.gz" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[512];
		int fd, r;

		(void)snprintf(path, sizeof(path), "/usr/share/doc/%s/%s", package, names[i]);
		fd = inside_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
		if (fd < 0)
			continue;
		r = gunzip_fd(fd, path, CHANGELOG_MAX, gunzip_to_buf, ret, NULL);
		/* What was unpacked before it was too much is there. */
		if (r == 0 || r == -OAK_E_TOOLARGE)
			return 0;
		buf_free(ret);
	}
	return -OAK_E_NOTFOUND;
}

/* The version of the entry that @at is in: "runc (1.1.5+ds1-1) unstable; urgency=medium". */
static void version_before(const char *changelog, const char *at, char *ret, size_t size)
{
	const char *line = at;

	ret[0] = '\0';
	while (line > changelog) {
		const char *open;

		while (line > changelog && line[-1] != '\n')
			line--;
		open = line + strcspn(line, "(\n");
		if (isalnum((unsigned char)*line) && *open == '(') {
			(void)snprintf(ret, size, "%.*s", (int)strcspn(open + 1, ")\n"), open + 1);
			return;
		}
		line -= line > changelog;
	}
}

bool dpkg_changelog_names(const char *changelog, const char *id, char *ret_version, size_t size)
{
	size_t len = strlen(id);

	for (const char *p = changelog; (p = strstr(p, id)); p += len) {
		if (isalnum((unsigned char)p[len]) ||
		    (p > changelog && isalnum((unsigned char)p[-1])))
			continue;
		version_before(changelog, p, ret_version, size);
		return true;
	}
	return false;
}
