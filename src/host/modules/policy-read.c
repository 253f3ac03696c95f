/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy-read: the files of modprobe.d, and the kernel's settings beside them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/modules/policy.h"
#include "host/plain.h"
#include "host/procs.h"
#include "host/sysfs.h"

#define CMDLINE_MAX 65536

/* The first directory that has a file of some name is the one that counts. */
static const char *const dirs[] = { "etc/modprobe.d", "run/modprobe.d", "usr/local/lib/modprobe.d",
				    "usr/lib/modprobe.d", "lib/modprobe.d" };

static const char *base_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

static bool is_config(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > 5 && strcmp(name + len - 5, ".conf") == 0;
}

static bool has_base(const struct module_policy *p, const char *name)
{
	for (size_t i = 0; i < p->n_files; i++)
		if (strcmp(base_of(p->files[i]), name) == 0)
			return true;
	return false;
}

static int add_file(struct module_policy *p, const char *dir, const char *name,
		    struct oak_error *err)
{
	char *path;

	if (!is_config(name) || has_base(p, name))
		return 0;
	if (p->n_files == POLICY_FILES_MAX)
		return oak_fail(err, OAK_E_TOOLARGE, "more than %u files of modprobe.d",
				POLICY_FILES_MAX);
	path = path_join(dir, name);
	if (!path)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	p->files[p->n_files++] = path;
	return 0;
}

static int by_base(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(base_of(*x), base_of(*y));
}

static int list_files(int root, struct module_policy *p, struct oak_error *err)
{
	int r = 0;

	p->files = (char **)calloc(POLICY_FILES_MAX, sizeof(*p->files));
	if (!p->files)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	for (size_t i = 0; r == 0 && i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		_cleanup_(closedirp) DIR *d = procs_open(root, dirs[i]);
		struct dirent *e;

		while (r == 0 && d && (e = readdir(d)))
			r = add_file(p, dirs[i], e->d_name, err);
	}
	if (p->n_files)
		qsort((void *)p->files, p->n_files, sizeof(p->files[0]), by_base);
	return r;
}

static int read_files(int root, const char *without, struct module_policy *p, struct oak_error *err)
{
	int r = list_files(root, p, err);

	for (size_t i = 0; r == 0 && i < p->n_files; i++) {
		_cleanup_(buf_free) struct buf text = { 0 };

		if (without && strcmp(base_of(p->files[i]), without) == 0)
			continue;
		r = file_read(root, p->files[i], POLICY_FILE_MAX, &text, err);
		if (r == 0)
			r = policy_parse(p, buf_str(&text), p->files[i], err);
		/* As modprobe does it: a link that leads nowhere is no rule. */
		else if (r == -OAK_E_NOTFOUND)
			r = 0;
	}
	return r;
}

static bool is_zero(int root, const char *path)
{
	char text[16];

	return sysfs_read(root, path, text, sizeof(text)) == 0 && strcmp(text, "0") == 0;
}

static void read_userns(int root, struct module_policy *p)
{
	static const struct {
		const char *path, *name;
		enum policy_userns zero;
	} settings[] = {
		{ "proc/sys/user/max_user_namespaces", "user.max_user_namespaces", USERNS_NONE },
		{ "proc/sys/kernel/unprivileged_userns_clone", "kernel.unprivileged_userns_clone",
		  USERNS_NONE },
	};
	static const char apparmor[] = "proc/sys/kernel/apparmor_restrict_unprivileged_userns";

	p->userns = USERNS_FREE;
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (is_zero(root, settings[i].path)) {
			p->userns = settings[i].zero;
			(void)snprintf(p->userns_why, sizeof(p->userns_why), "%s = 0",
				       settings[i].name);
			return;
		}
	if (!sysfs_is_true(root, apparmor))
		return;
	p->userns = USERNS_RESTRICTED;
	(void)snprintf(p->userns_why, sizeof(p->userns_why), "%s = 1",
		       "kernel.apparmor_restrict_unprivileged_userns");
}

static void read_modprobe(int root, struct module_policy *p)
{
	static const char *const nothing[] = { "", "/bin/false", "/bin/true", "/usr/bin/false",
					       "/usr/bin/true" };
	char text[sizeof(p->modprobe)];

	p->autoload = true;
	if (sysfs_read(root, "proc/sys/kernel/modprobe", text, sizeof(text)) < 0)
		(void)snprintf(text, sizeof(text), "/sbin/modprobe");
	plain_copy(p->modprobe, sizeof(p->modprobe), text);
	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
		if (strcmp(text, nothing[i]) == 0)
			p->autoload = false;
}

int policy_read(int root, const char *without, struct module_policy *ret, struct oak_error *err)
{
	_cleanup_(policy_free) struct module_policy p = { 0 };
	_cleanup_(buf_free) struct buf cmdline = { 0 };
	int r = read_files(root, without, &p, err);

	if (r == 0 && file_read(root, "proc/cmdline", CMDLINE_MAX, &cmdline, NULL) == 0)
		r = policy_parse_cmdline(&p, buf_str(&cmdline), err);
	if (r < 0)
		return r;
	p.modules_disabled = sysfs_is_true(root, "proc/sys/kernel/modules_disabled");
	p.ldisc_autoload = !is_zero(root, "proc/sys/dev/tty/ldisc_autoload");
	read_modprobe(root, &p);
	read_userns(root, &p);
	*ret = p;
	p = (struct module_policy){ 0 };
	return 0;
}
