/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/security/label.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/plain.h"
#include "host/sysfs.h"

/* Types that may do all: of services in containers, of the engines, of people's sessions. */
static const char *const free_types[] = { "unconfined_t", "spc_t",  "unconfined_service_t",
					  "kernel_t",     "init_t", "initrc_t" };

/* "user:role:type:level" */
static bool has_free_type(const char *text)
{
	const char *type = strchr(text, ':');
	size_t len;

	type = type ? strchr(type + 1, ':') : NULL;
	if (!type)
		return true;
	len = strcspn(++type, ":");
	for (size_t i = 0; i < sizeof(free_types) / sizeof(free_types[0]); i++)
		if (strlen(free_types[i]) == len && memcmp(type, free_types[i], len) == 0)
			return true;
	return false;
}

enum fact label_confines(const char *lsm, const char *text, bool enforcing)
{
	bool free;

	if (!text[0])
		return FACT_UNKNOWN;
	if (strcmp(lsm, "selinux") == 0)
		free = !enforcing || has_free_type(text);
	else if (strcmp(lsm, "apparmor") == 0)
		free = strcmp(text, "unconfined") == 0 || strstr(text, " (complain)") ||
		       strstr(text, " (unconfined)");
	else
		free = strcmp(text, "_") == 0;
	return free ? FACT_NO : FACT_YES;
}

/* Of "lockdown,capability,landlock,yama,apparmor" the one that labels; "" none does. */
static void which_lsm(const char *list, char ret[16])
{
	static const char *const labelling[] = { "apparmor", "selinux", "smack" };

	ret[0] = '\0';
	for (size_t i = 0; i < sizeof(labelling) / sizeof(labelling[0]); i++)
		if (strstr(list, labelling[i])) {
			(void)snprintf(ret, 16, "%s", labelling[i]);
			return;
		}
}

static int read_text(int proc, const char *lsm, char *ret, size_t size)
{
	char path[64];
	int r;

	(void)snprintf(path, sizeof(path), "attr/%s/current", lsm);
	r = sysfs_read(proc, path, ret, size);
	return r < 0 ? sysfs_read(proc, "attr/current", ret, size) : r;
}

void label_host_read(int root, struct label_host *ret)
{
	struct label_host h = { .enforcing = sysfs_is_true(root, "sys/fs/selinux/enforce") };
	char list[256] = "";

	if (sysfs_read(root, "sys/kernel/security/lsm", list, sizeof(list)) == 0) {
		which_lsm(list, h.lsm);
		h.nobody = !h.lsm[0];
	}
	*ret = h;
}

void label_read(struct label_host *h, int proc, struct label *ret)
{
	struct label l = { .confined = FACT_NO };
	char text[LABEL_TEXT_MAX] = "";
	int r;

	*ret = l;
	if (h->nobody)
		return;
	memcpy(l.lsm, h->lsm, sizeof(l.lsm));
	r = read_text(proc, l.lsm[0] ? l.lsm : "apparmor", text, sizeof(text));
	if (r == -EINVAL && !l.lsm[0]) {
		/* securityfs may not be mounted; the file itself tells that nobody labels. */
		h->nobody = true;
		return;
	}
	if (r < 0) {
		l.unread = true;
		l.confined = FACT_UNKNOWN;
		*ret = l;
		return;
	}
	if (!l.lsm[0])
		(void)snprintf(l.lsm, sizeof(l.lsm), "%s",
			       strchr(text, ':') && !strchr(text, '(') ? "selinux" : "apparmor");
	l.confined = label_confines(l.lsm, text, h->enforcing);
	plain_copy(l.text, sizeof(l.text), text);
	*ret = l;
}
