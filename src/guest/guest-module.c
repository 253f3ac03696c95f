/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Modules come and go. */
#include "guest/guest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REMOVE_MS 3000 /* a module stays busy for a moment after its last user */
#define PATH_SIZE 256

int module_insert(const char *file)
{
	char path[PATH_SIZE];
	int fd, r;

	(void)snprintf(path, sizeof(path), "/oakum/%s", file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = syscall(SYS_finit_module, fd, "", 0) < 0 ? -errno : 0;
	(void)close(fd);
	return r;
}

int module_remove(const char *name)
{
	uint64_t until = now_ms() + REMOVE_MS;

	for (;;) {
		int r = syscall(SYS_delete_module, name, O_NONBLOCK) < 0 ? -errno : 0;

		if ((r != -EAGAIN && r != -EBUSY) || now_ms() >= until)
			return r;
		nap();
	}
}

/* insmod FILE: one that is there already is fine, for cases share what they depend on. */
static int step_insmod(struct guest *g, const char *const *w, struct answer *ret)
{
	int r = module_insert(w[0]);

	(void)g;
	(void)ret;
	return r == -EEXIST ? 0 : r;
}

bool module_is_held(const struct guest *g, const char *name)
{
	for (size_t i = 0; i < g->n_held; i++)
		if (strcmp(g->held[i], name) == 0)
			return true;
	return false;
}

/* Modules that need this one: each counts as a user. */
static unsigned int count_holders(const struct guest *g, const char *name, bool *ret_one_is_held)
{
	char path[PATH_SIZE];
	const struct dirent *e;
	unsigned int n = 0;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/sys/module/%s/holders", name);
	dir = opendir(path);
	while (dir && (e = readdir(dir))) {
		n += e->d_name[0] != '.';
		*ret_one_is_held = *ret_one_is_held || module_is_held(g, e->d_name);
	}
	if (dir)
		(void)closedir(dir);
	return n;
}

/*
 * holds MODULE: fresh from its loading it has users beyond the modules that need it, so it made
 * something (a control socket) that refers to it until it goes: it never can. What it needs stays
 * as well, so the host asks for those after it.
 */
static int step_holds(struct guest *g, const char *const *w, struct answer *ret)
{
	char path[PATH_SIZE], text[32];
	bool holds = false;
	unsigned int users = 0, holders = count_holders(g, w[0], &holds);

	(void)snprintf(path, sizeof(path), "/sys/module/%s/refcnt", w[0]);
	if (!read_text(path, text, sizeof(text)))
		return -ENOENT;
	for (const char *p = text; *p >= '0' && *p <= '9' && users <= holders; p++)
		users = users * 10 + (unsigned int)(*p - '0');
	holds = holds || users > holders;
	if (holds && !module_is_held(g, w[0])) {
		if (g->n_held >= GUEST_HELD)
			return say_why(ret, -ENOSPC, "too many modules hold themselves");
		(void)snprintf(g->held[g->n_held++], GUEST_NAME, "%s", w[0]);
	}
	ret->value[ret->n_values++] = holds;
	return 0;
}

/* rmmod MODULE */
static int step_rmmod(struct guest *g, const char *const *w, struct answer *ret)
{
	char path[PATH_SIZE], users[32] = "?";
	int r = module_is_held(g, w[0]) ? 0 : module_remove(w[0]);

	if (r != -EAGAIN && r != -EBUSY)
		return r;
	(void)snprintf(path, sizeof(path), "/sys/module/%s/refcnt", w[0]);
	if (read_text(path, users, sizeof(users)))
		users[strcspn(users, "\n")] = '\0';
	return say_why(ret, r, "it is in use: reference count %s", users);
}

/* Modules in memory, counted by the areas that hold them. */
static uint64_t module_areas(void)
{
	return count_lines("/proc/vmallocinfo", "module_alloc") +
	       count_lines("/proc/vmallocinfo", "load_module") +
	       count_lines("/proc/vmallocinfo", "move_module");
}

/* mark: what "clean" compares with */
static int step_mark(struct guest *g, const char *const *w, struct answer *ret)
{
	(void)w;
	g->marks.areas = module_areas();
	ret->value[ret->n_values++] = g->marks.areas;
	return 0;
}

/* clean: nothing of any level is left: no patch, no hooked function, no memory of a module */
static int step_clean(struct guest *g, const char *const *w, struct answer *ret)
{
	uint64_t patches = count_lines("/proc/modules", "oakum_");
	uint64_t hooks = count_lines("/sys/kernel/tracing/enabled_functions", "(");
	uint64_t areas = module_areas();

	(void)w;
	if (patches)
		return say_why(ret, -EBUSY, "%lu modules of levels are still loaded",
			       (unsigned long)patches);
	if (hooks)
		return say_why(ret, -EBUSY, "%lu functions are still hooked (enabled_functions)",
			       (unsigned long)hooks);
	if (areas > g->marks.areas)
		return say_why(ret, -ENOMEM,
			       "a leak: %lu areas of memory hold modules, before the level %lu",
			       (unsigned long)areas, (unsigned long)g->marks.areas);
	return 0;
}

const struct step module_steps[] = {
	{ "holds", step_holds }, { "insmod", step_insmod }, { "rmmod", step_rmmod },
	{ "mark", step_mark },   { "clean", step_clean },   { .verb = NULL },
};
