/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/images.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/history.h"
#include "audit/inside.h"
#include "base/cleanup.h"
#include "host/plain.h"

#define CONFIG_MAX       (1u << 20)
#define REPOSITORIES_MAX (8u << 20)
#define STORAGE          "/var/lib/containers/storage"
#define DAY              86400
#define SHA256           "sha256:"

const char *image_signs(const char *name)
{
	static const char before[] = ":sha256-", end[] = ".sig";
	const char *p = strstr(name, before);

	if (!p)
		return NULL;
	p += strlen(before);
	return strspn(p, "0123456789abcdef") == 64 && strcmp(p + 64, end) == 0 ? p : NULL;
}

static void set_digest(struct image *image, const char *text)
{
	image->digest[0] = '\0';
	if (text && strncmp(text, SHA256, strlen(SHA256)) == 0 &&
	    strspn(text + strlen(SHA256), "0123456789abcdef") == 64)
		(void)snprintf(image->digest, sizeof(image->digest), "%.64s", text + strlen(SHA256));
}

/* "nginx@sha256:..." among the names of an image. */
static void find_digest(json_t *repositories, const char *id, struct image *image)
{
	const char *repository, *name;
	json_t *names, *target;

	json_object_foreach(repositories, repository, names)
	{
		json_object_foreach(names, name, target)
		{
			const char *text = json_string_value(target), *at = strchr(name, '@');

			if (text && at && strncmp(text, SHA256, strlen(SHA256)) == 0 &&
			    strcmp(text + strlen(SHA256), id) == 0)
				set_digest(image, at + 1);
		}
	}
}

static int digits(const char *p, size_t n)
{
	int ret = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return -1;
		ret = ret * 10 + (p[i] - '0');
	}
	return ret;
}

long image_age_days(const char *from, int64_t now)
{
	struct tm tm = { .tm_isdst = 0 };
	int year, month, day;

	if (strnlen(from, 10) < 10 || from[4] != '-' || from[7] != '-')
		return -1;
	year = digits(from, 4);
	month = digits(from + 5, 2);
	day = digits(from + 8, 2);
	/* Builds that are to be repeatable say year 1 or 1970. */
	if (year < 2000 || month < 1 || month > 12 || day < 1 || day > 31)
		return -1;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	return (long)((now - (int64_t)timegm(&tm)) / DAY);
}

static int add(struct images *images, const struct image *image, const char *created)
{
	struct image *more;

	if (images->n == IMAGES_MAX)
		return 0;
	more = reallocarray(images->v, images->n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	images->v = more;
	more = &images->v[images->n++];
	*more = *image;
	if (created && image_age_days(created, 0) != -1)
		(void)snprintf(more->created, sizeof(more->created), "%.10s", created);
	return 0;
}

/* The shortest name of an image that is no digest. */
static const char *name_of(json_t *repositories, const char *id)
{
	const char *repository, *name, *best = NULL;
	json_t *names, *target;

	json_object_foreach(repositories, repository, names)
	{
		json_object_foreach(names, name, target)
		{
			const char *text = json_string_value(target);

			if (text && strncmp(text, SHA256, strlen(SHA256)) == 0 &&
			    strcmp(text + strlen(SHA256), id) == 0 && !strchr(name, '@') &&
			    (!best || strlen(name) < strlen(best)))
				best = name;
		}
	}
	return best;
}

/* An image begins with its root file system: the first step has to be an ADD. */
static void read_history(const json_t *history, struct image *image)
{
	size_t i, n = json_array_size(history);
	bool fetches;

	image->has_history = n > 0;
	for (i = 0; i < n; i++) {
		const char *step = json_get_str(json_array_get(history, i), "created_by");

		if (step && !image->updates[0] && history_only_updates(step))
			plain_copy(image->updates, sizeof(image->updates), step);
		if (step && !image->adds[0] && history_adds(step, &fetches) && (i > 0 || fetches))
			plain_copy(image->adds, sizeof(image->adds), step);
	}
}

static int read_docker_image(int root, const char *folder, const char *id, json_t *repositories,
			     struct images *images)
{
	struct image image = { .store = IMAGE_STORE_DOCKER };
	_cleanup_(json_decrefp) json_t *j = NULL;
	const char *name;
	char short_id[13];
	int r;

	(void)snprintf(image.file, sizeof(image.file), "%s/imagedb/content/sha256/%s", folder, id);
	r = inside_read_json(root, image.file, CONFIG_MAX, &j);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	name = name_of(repositories, id);
	(void)snprintf(short_id, sizeof(short_id), "%.12s", id);
	plain_copy(image.name, sizeof(image.name), name ? name : short_id);
	image.has_health =
		json_is_object(json_object_get(json_object_get(j, "config"), "Healthcheck"));
	read_history(json_object_get(j, "history"), &image);
	find_digest(repositories, id, &image);
	return add(images, &image, json_get_str(j, "created"));
}

/* One driver's: /var/lib/docker/image/overlay2. */
static int read_docker(int root, const char *folder, struct images *images)
{
	_cleanup_(json_decrefp) json_t *names = NULL;
	_cleanup_(closedirp) DIR *d = NULL;
	struct dirent *e;
	char path[400];
	int r = 0;

	(void)snprintf(path, sizeof(path), "%s/imagedb/content/sha256", folder);
	d = inside_opendir(root, path);
	if (!d)
		return 0;
	images->docker_read = true;
	(void)snprintf(path, sizeof(path), "%s/repositories.json", folder);
	if (inside_read_json(root, path, REPOSITORIES_MAX, &names) == -ENOMEM)
		return -ENOMEM;
	while (r == 0 && (e = readdir(d)))
		if (strlen(e->d_name) == 64)
			r = read_docker_image(root, folder, e->d_name,
					      json_object_get(names, "Repositories"), images);
	return r;
}

static int read_containers(int root, const char *driver, struct images *images)
{
	struct image image = { .store = IMAGE_STORE_CONTAINERS };
	_cleanup_(json_decrefp) json_t *list = NULL;
	json_t *j;
	size_t i;
	int r;

	(void)snprintf(image.file, sizeof(image.file), STORAGE "/%s/images.json", driver);
	r = inside_read_json(root, image.file, REPOSITORIES_MAX, &list);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	json_array_foreach(list, i, j)
	{
		const char *name =
			json_string_value(json_array_get(json_object_get(j, "names"), 0));
		const char *id = json_get_str(j, "id");
		char short_id[13];

		(void)snprintf(short_id, sizeof(short_id), "%.12s", id ? id : "unknown");
		plain_copy(image.name, sizeof(image.name), name ? name : short_id);
		set_digest(&image, json_get_str(j, "digest"));
		r = add(images, &image, json_get_str(j, "created"));
		if (r < 0)
			return r;
	}
	return 0;
}

int images_read(int root, const char *docker_root, struct images *ret, struct oak_error *err)
{
	static const char *const drivers[] = { "overlay-images", "vfs-images", "btrfs-images" };
	struct images images = { .n = 0 };
	_cleanup_(closedirp) DIR *d = NULL;
	struct dirent *e;
	char path[300];
	int r = 0;

	(void)snprintf(path, sizeof(path), "%.250s/image", docker_root);
	d = inside_opendir(root, path);
	while (r == 0 && d && (e = readdir(d))) {
		char folder[300];

		if (e->d_name[0] == '.' || strlen(e->d_name) > 32)
			continue;
		(void)snprintf(folder, sizeof(folder), "%.200s/image/%.32s", docker_root, e->d_name);
		r = read_docker(root, folder, &images);
	}
	for (size_t i = 0; r == 0 && i < sizeof(drivers) / sizeof(drivers[0]); i++)
		r = read_containers(root, drivers[i], &images);
	if (r < 0) {
		images_clear(&images);
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	}
	*ret = images;
	return 0;
}

void images_clear(struct images *i)
{
	free(i->v);
	*i = (struct images){ .n = 0 };
}
