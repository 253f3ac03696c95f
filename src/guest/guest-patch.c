/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Levels come and go. */
#include "guest/guest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/*
 * The kernel wakes tasks that stay behind with a signal after 15 s (SIGNALS_TIMEOUT,
 * kernel/livepatch/transition.c) and goes on trying. A level of 43 fixes took 14 s, emulated, for
 * each task's stack is compared with each function.
 */
#define TRANSITION_MS 45000
#define PATH_SIZE     512
#define NAME_SIZE     64
#define ABSENT        (-1)

/* The digit in a file of a patch, ABSENT where there is none. */
static int digit(const char *patch, const char *file)
{
	char path[PATH_SIZE], text[8];

	(void)snprintf(path, sizeof(path), LIVEPATCH "/%s/%s", patch, file);
	if (!read_text(path, text, sizeof(text)) || text[0] < '0' || text[0] > '9')
		return ABSENT;
	return text[0] - '0';
}

static bool is_settled(const char *patch)
{
	return digit(patch, "enabled") == 1 && digit(patch, "transition") == 0;
}

static bool is_gone(const char *patch)
{
	return digit(patch, "enabled") == ABSENT;
}

static bool is_number(const char *s)
{
	return s[0] != '\0' && s[strspn(s, "0123456789")] == '\0';
}

/* A task whose state differs from what the transition wants holds it up. */
static bool holds_up(const char *pid, int target)
{
	char path[PATH_SIZE], text[8];

	(void)snprintf(path, sizeof(path), "/proc/%s/patch_state", pid);
	return read_text(path, text, sizeof(text)) && text[0] >= '0' && text[0] - '0' != target;
}

/* "who: name (pid), ..." of those that hold the transition up. */
static int say_who(struct answer *ret, int target)
{
	DIR *dir = opendir("/proc");
	const struct dirent *e;
	size_t at;

	(void)say_why(ret, 0,
		      "no end of the transition after %d s; held up by:", TRANSITION_MS / 1000);
	while (dir && (e = readdir(dir))) {
		char path[PATH_SIZE], name[NAME_SIZE] = "?";

		if (!is_number(e->d_name) || !holds_up(e->d_name, target))
			continue;
		(void)snprintf(path, sizeof(path), "/proc/%s/comm", e->d_name);
		(void)read_text(path, name, sizeof(name));
		name[strcspn(name, "\n")] = '\0';
		at = strlen(ret->why);
		(void)snprintf(ret->why + at, sizeof(ret->why) - at, " %s(%s)", name, e->d_name);
	}
	if (dir)
		(void)closedir(dir);
	return -ETIMEDOUT;
}

/* Until @check holds; the probe runs meanwhile where there is a @b. */
static int wait_until(bool (*check)(const char *), const char *patch, struct background *b)
{
	uint64_t until = now_ms() + TRANSITION_MS;

	while (!check(patch)) {
		int r = b ? probe_background(b, true) : 0;

		if (r < 0)
			return r;
		if (now_ms() >= until)
			return -ETIMEDOUT;
		nap();
	}
	return 0;
}

static int disable(const char *patch)
{
	char path[PATH_SIZE];
	int fd, r;

	(void)snprintf(path, sizeof(path), LIVEPATCH "/%s/enabled", patch);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = write(fd, "0", 1) == 1 ? 0 : -errno;
	(void)close(fd);
	return r;
}

/* The end of a transition: how long it took, and what the probe did meanwhile. */
static int end(struct background *b, uint64_t start, struct answer *ret)
{
	uint64_t took = now_ms() - start;
	int r = b ? probe_background_end(b) : 0;

	if (r < 0)
		return r;
	if (b && b->crashed)
		return say_why(ret, -EFAULT, "the probe was killed while the kernel switched over");
	ret->value[0] = took;
	ret->value[1] = b ? b->runs : 0;
	ret->value[2] = b ? b->fixed : 0;
	ret->value[3] = b ? b->vulnerable : 0;
	ret->n_values = 4;
	return 0;
}

/* load FILE PATCH [probe] */
static int step_load(struct guest *g, const char *const *w, struct answer *ret)
{
	struct background probe = { 0 }, *b = w[2][0] ? &probe : NULL;
	int r = b ? probe_background(b, true) : 0;
	uint64_t start = now_ms();

	(void)g;
	if (r == 0)
		r = module_insert(w[0]);
	if (r < 0)
		return say_why(ret, r, "the kernel did not take the module: %s", strerror(-r));
	r = wait_until(is_settled, w[1], b);
	return r == -ETIMEDOUT ? say_who(ret, 1) : r < 0 ? r : end(b, start, ret);
}

/* revert PATCH [probe] */
static int step_revert(struct guest *g, const char *const *w, struct answer *ret)
{
	struct background probe = { 0 }, *b = w[1][0] ? &probe : NULL;
	int r = b ? probe_background(b, true) : 0;
	uint64_t start = now_ms();

	(void)g;
	if (r == 0)
		r = disable(w[0]);
	if (r == 0)
		r = wait_until(is_gone, w[0], b);
	return r == -ETIMEDOUT ? say_who(ret, 0) : r < 0 ? r : end(b, start, ret);
}

/* gone PATCH: another replaced it */
static int step_gone(struct guest *g, const char *const *w, struct answer *ret)
{
	(void)g;
	return wait_until(is_gone, w[0], NULL) < 0 ? say_why(ret, -EBUSY, "it is still listed") : 0;
}

/* Folders in a folder, which are functions in that of an object. */
static unsigned int count_folders(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *e;
	unsigned int n = 0;

	while (dir && (e = readdir(dir)))
		n += e->d_type == DT_DIR && e->d_name[0] != '.';
	if (dir)
		(void)closedir(dir);
	return n;
}

/* sees PATCH OBJECT COUNT: the object is patched, with as many functions as the manifest names */
static int step_sees(struct guest *g, const char *const *w, struct answer *ret)
{
	char path[PATH_SIZE], count[16];

	(void)g;
	(void)snprintf(path, sizeof(path), LIVEPATCH "/%s/%s", w[0], w[1]);
	(void)snprintf(count, sizeof(count), "%u", count_folders(path));
	if (strcmp(count, w[2]) != 0)
		return say_why(ret, -ENOENT, "%s functions are in the kernel, the manifest has %s",
			       count, w[2]);
	(void)snprintf(path, sizeof(path), "%s/patched", w[1]);
	/* Kernels before 6.1 do not say. */
	return digit(w[0], path) == 0 ? say_why(ret, -EINVAL, "the kernel says it is not patched")
				      : 0;
}

/* misses PATCH OBJECT: the object is not there, so nothing of it is patched */
static int step_misses(struct guest *g, const char *const *w, struct answer *ret)
{
	char path[PATH_SIZE];

	if (module_is_held(g, w[1]))
		return 0;
	(void)snprintf(path, sizeof(path), "%s/patched", w[1]);
	return digit(w[0], path) == 1 ? say_why(ret, -EEXIST, "the kernel says it is patched") : 0;
}

/* Takes back one patch and removes its module. */
static int drop(const char *patch)
{
	int r = disable(patch);

	if (r == 0 || r == -EINVAL) /* on its way out already */
		r = wait_until(is_gone, patch, NULL);
	return r < 0 ? r : module_remove(patch);
}

int patch_recover(struct answer *ret)
{
	DIR *dir = opendir(LIVEPATCH);
	const struct dirent *e;
	int r = 0;

	while (r == 0 && dir && (e = readdir(dir)))
		if (e->d_name[0] != '.')
			r = drop(e->d_name);
	if (dir)
		(void)closedir(dir);
	return r < 0 ? say_why(ret, r, "what the case before left cannot be taken back") : 0;
}

const struct step patch_steps[] = {
	{ "load", step_load }, { "revert", step_revert }, { "gone", step_gone },
	{ "sees", step_sees }, { "misses", step_misses }, { .verb = NULL },
};
