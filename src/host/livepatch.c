/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/livepatch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "host/number.h"
#include "host/sysfs.h"

#define LIVEPATCH_DIR "sys/kernel/livepatch"
#define OUR_PREFIX    "oakum_"

#define POLL_FIRST_NS 1000000u
#define POLL_MOST_NS  20000000u

uint32_t livepatch_level_of(const char *name)
{
	uint32_t level;

	if (strncmp(name, OUR_PREFIX, strlen(OUR_PREFIX)) != 0)
		return 0;
	return number_parse_u32(name + strlen(OUR_PREFIX), &level) == 0 ? level : 0;
}

void livepatch_name_of(uint32_t level, char ret[LIVEPATCH_NAME_MAX])
{
	(void)snprintf(ret, LIVEPATCH_NAME_MAX, OUR_PREFIX "%u", level);
}

static void patch_clear(struct livepatch *p)
{
	for (size_t i = 0; i < p->n_functions; i++) {
		free(p->functions[i].object);
		free(p->functions[i].name);
	}
	free(p->functions);
	*p = (struct livepatch){ 0 };
}

void livepatch_list_free(struct livepatch_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		patch_clear(&l->patches[i]);
	free(l->patches);
	*l = (struct livepatch_list){ 0 };
}

const struct livepatch *livepatch_find(const struct livepatch_list *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->patches[i].name, name) == 0)
			return &l->patches[i];
	return NULL;
}

/* Calls @fn for each directory below @path; a path that is missing or just vanished has none. */
static int each_dir(int root, const char *path,
		    int (*fn)(void *ctx, const char *name, struct oak_error *err), void *ctx,
		    struct oak_error *err)
{
	int fd = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(closedirp) DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!d && fd >= 0)
		(void)close(fd);
	if (!d)
		return errno == ENOENT ? 0 : oak_fail_errno(err, errno, "/%s", path);
	while ((e = readdir(d))) {
		struct stat st;
		int r;

		if (e->d_name[0] == '.' || fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISDIR(st.st_mode))
			continue;
		r = fn(ctx, e->d_name, err);
		if (r < 0)
			return r;
	}
	return 0;
}

struct reader {
	int root;
	struct livepatch_list *list;
	struct livepatch *patch;
	const char *object;
};

/* @entry is "<function>,<sympos>". */
static int read_function(void *ctx, const char *entry, struct oak_error *err)
{
	const struct reader *rd = ctx;
	struct livepatch *p = rd->patch;
	const char *comma = strrchr(entry, ',');
	struct livepatch_function f = { 0 }, *v;

	if (!comma || number_parse_u32(comma + 1, &f.sympos) < 0)
		return 0; /* not a function: newer kernels may add directories here */
	if (p->n_functions == LIVEPATCH_FUNCTIONS_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "%s: more than %u functions", p->name,
				LIVEPATCH_FUNCTIONS_MAX);
	v = reallocarray(p->functions, p->n_functions + 1, sizeof(*v));
	if (!v)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	p->functions = v;
	f.object = strdup(rd->object);
	f.name = strndup(entry, (size_t)(comma - entry));
	v[p->n_functions++] = f;
	if (!f.object || !f.name)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return 0;
}

static int read_object(void *ctx, const char *object, struct oak_error *err)
{
	struct reader *rd = ctx;
	char path[SYSFS_PATH_MAX];

	(void)snprintf(path, sizeof(path), LIVEPATCH_DIR "/%s/%s", rd->patch->name, object);
	rd->object = object;
	return each_dir(rd->root, path, read_function, rd, err);
}

static bool attribute_is_true(int root, const char *name, const char *attribute)
{
	char path[SYSFS_PATH_MAX];

	(void)snprintf(path, sizeof(path), LIVEPATCH_DIR "/%s/%s", name, attribute);
	return sysfs_is_true(root, path);
}

static int read_patch(void *ctx, const char *name, struct oak_error *err)
{
	struct reader *rd = ctx;
	struct livepatch_list *l = rd->list;
	char path[SYSFS_PATH_MAX];
	struct livepatch *v;

	if (strlen(name) >= LIVEPATCH_NAME_MAX || l->n == LIVEPATCH_PATCHES_MAX)
		return oak_fail(err, OAK_E_TOOLARGE,
				"/" LIVEPATCH_DIR ": more than %u patches, "
				"or a name longer than %u bytes",
				LIVEPATCH_PATCHES_MAX, LIVEPATCH_NAME_MAX - 1);
	v = reallocarray(l->patches, l->n + 1, sizeof(*v));
	if (!v)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	l->patches = v;
	v += l->n++;
	*v = (struct livepatch){ .level = livepatch_level_of(name) };
	(void)snprintf(v->name, sizeof(v->name), "%s", name);
	v->enabled = attribute_is_true(rd->root, name, "enabled");
	v->transition = attribute_is_true(rd->root, name, "transition");
	rd->patch = v;
	(void)snprintf(path, sizeof(path), LIVEPATCH_DIR "/%s", name);
	return each_dir(rd->root, path, read_object, rd, err);
}

static int by_name(const void *a, const void *b)
{
	const struct livepatch *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int livepatch_read(int root, struct livepatch_list *ret, struct oak_error *err)
{
	_cleanup_(livepatch_list_free) struct livepatch_list list = { 0 };
	struct reader rd = { .root = root, .list = &list };
	int r = each_dir(root, LIVEPATCH_DIR, read_patch, &rd, err);

	if (r < 0)
		return r;
	if (list.n)
		qsort(list.patches, list.n, sizeof(list.patches[0]), by_name);
	*ret = list;
	list = (struct livepatch_list){ 0 };
	return 0;
}

/* Return: 1 reached, 0 not yet, or a negative code where it can no longer be reached. */
static int goal_reached(int root, const char *name, enum livepatch_goal goal, struct oak_error *err)
{
	char path[SYSFS_PATH_MAX], enabled[4];
	int r;

	(void)snprintf(path, sizeof(path), LIVEPATCH_DIR "/%s/enabled", name);
	r = sysfs_read(root, path, enabled, sizeof(enabled));
	/* ENODEV: sysfs answers so for a patch that vanishes while its file is open. */
	if (r == -ENOENT || r == -ENODEV) {
		if (goal == LIVEPATCH_GONE)
			return 1;
		return oak_fail(err, OAK_E_FAILED, "%s is no longer in the kernel", name);
	}
	if (r < 0)
		return oak_fail_errno(err, r, "/%s", path);
	if (goal == LIVEPATCH_GONE)
		return 0;
	if (enabled[0] != '1')
		return oak_fail(err, OAK_E_FAILED, "%s was disabled meanwhile", name);
	return !attribute_is_true(root, name, "transition");
}

int livepatch_wait(int root, const char *name, enum livepatch_goal goal, unsigned timeout_ms,
		   double *ret_ms, struct oak_error *err)
{
	uint64_t start = clock_now_ns(), pause = POLL_FIRST_NS;

	for (;;) {
		int r = goal_reached(root, name, goal, err);

		*ret_ms = clock_seconds_since(start) * 1e3;
		if (r != 0)
			return r < 0 ? r : 0;
		if (clock_now_ns() - start >= (uint64_t)timeout_ms * 1000000u)
			return oak_fail(err, OAK_E_AGAIN,
					"the transition of %s did not end within %u ms", name,
					timeout_ms);
		(void)nanosleep(&(struct timespec){ .tv_nsec = (long)pause }, NULL);
		pause = pause * 3 / 2 < POLL_MOST_NS ? pause * 3 / 2 : POLL_MOST_NS;
	}
}

int livepatch_set_enabled(int root, const char *name, bool enabled, struct oak_error *err)
{
	const char *verb = enabled ? "enabled" : "disabled";
	char path[SYSFS_PATH_MAX], now[4];
	int r;

	(void)snprintf(path, sizeof(path), LIVEPATCH_DIR "/%s/enabled", name);
	r = sysfs_read(root, path, now, sizeof(now));
	if (r == 0 && (now[0] == '1') == enabled)
		return 0;
	if (r == 0)
		r = sysfs_write(root, path, enabled ? "1" : "0");
	switch (r) {
	case 0:
		return 0;
	case -ENOENT:
	case -ENODEV:
		return oak_fail(err, OAK_E_NOTFOUND, "%s is not in the kernel", name);
	case -EACCES:
	case -EPERM:
		return oak_fail(err, OAK_E_PERMISSION,
				"%s cannot be %s: not permitted: run as root", name, verb);
	case -EBUSY:
		return oak_fail(err, OAK_E_AGAIN,
				"%s cannot be %s while another patch is in transition", name, verb);
	default:
		return oak_fail_errno(err, r, "/%s", path);
	}
}
