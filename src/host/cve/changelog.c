/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/cve/changelog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cve/gunzip.h"
#include "trust/cve/record.h"

#define SIGNED "linux-signed-"

/* "linux (6.1.174-1) bookworm-security; urgency=high": is it the version that runs? */
static bool is_package(const char *line, const char *package)
{
	const char *open = strstr(line, " ("), *close = open ? strchr(open, ')') : NULL;
	char version[CVE_KERNEL_TEXT];
	size_t len;
	char *plus;

	if (!close)
		return false;
	len = (size_t)(close - open - 2);
	if (len == 0 || len >= sizeof(version))
		return false;
	memcpy(version, open + 2, len);
	version[len] = '\0';
	plus = strrchr(version, '+');
	if (plus && strncmp(line, SIGNED, strlen(SIGNED)) == 0)
		*plus = '-';
	return strcmp(version, package) == 0;
}

static int add(struct changelog *c, uint64_t id, struct oak_error *err)
{
	if (c->n == CHANGELOG_IDS_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "the changelog names more than %u CVEs",
				CHANGELOG_IDS_MAX);
	if (c->n == c->cap) {
		size_t cap = c->cap ? 2 * c->cap : 512;
		void *more = reallocarray(c->ids, cap, sizeof(*c->ids));

		if (!more)
			return oak_fail(err, OAK_E_NOMEM, "out of memory");
		c->ids = more;
		c->cap = cap;
	}
	c->ids[c->n++] = id;
	return 0;
}

/* All ids of a line. */
static int take_ids(struct changelog *c, struct oak_error *err)
{
	int r = 0;

	for (const char *at = c->line; r == 0 && (at = strstr(at, "CVE-")) != NULL; at += 4) {
		size_t len = 4 + strspn(at + 4, "0123456789-");
		char id[CVE_ID_MAX];
		uint32_t year, number;

		while (len && at[len - 1] == '-')
			len--;
		if (len >= sizeof(id))
			continue;
		memcpy(id, at, len);
		id[len] = '\0';
		if (cve_id_parse(id, &year, &number) == 0)
			r = add(c, (uint64_t)year << 32 | number, err);
	}
	return r;
}

static int take_line(struct changelog *c, struct oak_error *err)
{
	c->line[c->len] = '\0';
	c->len = 0;
	if (c->line[0] >= 'a' && c->line[0] <= 'z')
		c->reached = c->reached || is_package(c->line, c->package);
	return c->reached ? take_ids(c, err) : 0;
}

int changelog_feed(struct changelog *c, const char *data, size_t len, struct oak_error *err)
{
	while (len) {
		const char *newline = memchr(data, '\n', len);
		size_t n = newline ? (size_t)(newline - data) : len;
		size_t room = sizeof(c->line) - 1 - c->len, kept = n < room ? n : room;
		int r;

		memcpy(c->line + c->len, data, kept);
		c->len += kept;
		data += n;
		len -= n;
		if (!newline)
			return 0;
		data++;
		len--;
		r = take_line(c, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int by_id(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

int changelog_finish(struct changelog *c, struct oak_error *err)
{
	int r = c->len ? take_line(c, err) : 0;

	if (c->n)
		qsort(c->ids, c->n, sizeof(*c->ids), by_id);
	return r;
}

bool changelog_has(const struct changelog *c, uint32_t year, uint32_t number)
{
	const uint64_t id = (uint64_t)year << 32 | number;

	return c->n && bsearch(&id, c->ids, c->n, sizeof(id), by_id);
}

void changelog_free(struct changelog *c)
{
	free(c->ids);
	*c = (struct changelog){ 0 };
}

static int piece(void *ctx, const char *data, size_t len, struct oak_error *err)
{
	return changelog_feed(ctx, data, len, err);
}

static int read_all(int root, const struct cve_kernel *k, struct changelog *ret,
		    struct oak_error *err)
{
	/* A native package, as those of signed kernels are, has no "Debian" in the name. */
	static const char *const names[] = { "changelog.Debian.gz", "changelog.gz" };
	int r = -OAK_E_NOTFOUND;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && r == -OAK_E_NOTFOUND; i++) {
		char path[256];

		(void)snprintf(path, sizeof(path), "usr/share/doc/linux-image-%s/%s", k->release,
			       names[i]);
		r = gunzip_read(root, path, CHANGELOG_MAX, piece, ret, err);
	}
	return r < 0 ? r : changelog_finish(ret, err);
}

int changelog_read(int root, const struct cve_kernel *k, struct changelog *ret,
		   struct oak_error *err)
{
	struct changelog c = { .package = k->package };
	int r = k->distribution == CVE_DISTRIBUTION_DEBIAN ? read_all(root, k, &c, err) : 0;

	if (r < 0) {
		changelog_free(&c);
		return r;
	}
	*ret = c;
	return 0;
}

int changelog_read_file(int dir, const char *path, const struct cve_kernel *k,
			struct changelog *ret, struct oak_error *err)
{
	struct changelog c = { .package = k->package };
	int r = gunzip_read(dir, path, CHANGELOG_MAX, piece, &c, err);

	if (r == 0)
		r = changelog_finish(&c, err);
	if (r < 0) {
		changelog_free(&c);
		return r;
	}
	*ret = c;
	return 0;
}
