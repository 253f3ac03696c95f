/* SPDX-License-Identifier: GPL-2.0-or-later */
/* preflight-kernel: the kernel itself, and the livepatches in it. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/number.h"
#include "host/preflight-priv.h"
#include "host/self.h"
#include "host/sysfs.h"

void preflight_privilege(const struct preflight_subject *s, struct preflight_row *row)
{
	if (self_may_load_modules(s->h->root))
		preflight_say(row, PREFLIGHT_PASS, OAK_OK, "may load modules");
	else
		preflight_say(row, PREFLIGHT_FAIL, OAK_E_PERMISSION,
			      "not permitted: run as root (CAP_SYS_MODULE is missing)");
}

void preflight_livepatch(const struct preflight_subject *s, struct preflight_row *row)
{
	if (s->h->id.livepatch)
		preflight_say(row, PREFLIGHT_PASS, OAK_OK, "the kernel can be live patched");
	else
		preflight_say(
			row, PREFLIGHT_FAIL, OAK_E_UNSUPPORTED,
			"this kernel has no livepatch support (CONFIG_LIVEPATCH): boot a kernel of the "
			"distribution that has it");
}

void preflight_kernel(const struct preflight_subject *s, struct preflight_row *row)
{
	const struct identity *id = &s->h->id;

	if (!id->build_id[0])
		preflight_say(row, PREFLIGHT_FAIL, OAK_E_UNSUPPORTED,
			      "this kernel does not tell its build-id (/sys/kernel/notes)");
	else if (!s->m)
		preflight_say(row, PREFLIGHT_PASS, OAK_OK, "kernel %s", id->build_id);
	else if (strcmp(id->build_id, s->m->kernel.build_id) != 0)
		preflight_say(row, PREFLIGHT_FAIL, OAK_E_REFUSED,
			      "level %u is for kernel %s (%s), this host runs kernel %s (%s)",
			      s->m->level, s->m->kernel.build_id, s->m->kernel.release,
			      id->build_id, id->release);
	else
		preflight_say(row, PREFLIGHT_PASS, OAK_OK, "level %u is for this kernel",
			      s->m->level);
}

/* A level replaces every livepatch there is, also those of others. */
void preflight_foreign(const struct preflight_subject *s, struct preflight_row *row)
{
	const struct livepatch_list *l = &s->h->patches;

	for (size_t i = 0; i < l->n; i++) {
		if (l->patches[i].level)
			continue;
		preflight_say(
			row, PREFLIGHT_FAIL, OAK_E_REFUSED,
			"livepatch '%s' of another tool is loaded, and a level would replace it: "
			"remove it with that tool first",
			l->patches[i].name);
		return;
	}
	preflight_say(row, PREFLIGHT_PASS, OAK_OK, "no livepatch of another tool");
}

void preflight_transition(const struct preflight_subject *s, struct preflight_row *row)
{
	const struct livepatch_list *l = &s->h->patches;

	for (size_t i = 0; i < l->n; i++) {
		const struct livepatch *p = &l->patches[i];

		/* Our own level on its way in is waited for, not applied a second time. */
		if (!p->transition || (p->level && p->enabled && (!s->m || p->level == s->m->level)))
			continue;
		preflight_say(row, PREFLIGHT_FAIL, OAK_E_AGAIN,
			      "livepatch '%s' is in transition: try again later", p->name);
		return;
	}
	preflight_say(row, PREFLIGHT_PASS, OAK_OK, "no transition is under way");
}

#define BIT_OF(letter_bit) (1u << (letter_bit))

/* What the kernel holds against itself: whoever sees an oops later should know that. */
static const struct {
	unsigned bit;
	const char *text;
} taints[] = {
	{ 1, "a module was loaded by force" },
	{ 3, "a module was unloaded by force" },
	{ 4, "the processor reported a machine check" },
	{ 5, "a page was in a bad state" },
	{ 7, "it had an oops" },
	{ 14, "it had a soft lockup" },
};

static void taint_of_kernel(const char *number, struct preflight_row *row)
{
	uint32_t mask;

	if (number_parse_u32(number, &mask) < 0)
		return;
	for (size_t i = 0; i < sizeof(taints) / sizeof(taints[0]); i++)
		if (mask & BIT_OF(taints[i].bit)) {
			preflight_say(row, PREFLIGHT_WARN, OAK_OK,
				      "the kernel is tainted (%s): %s since it booted; a reboot is "
				      "due",
				      number, taints[i].text);
			return;
		}
}

/* The letters of a module that is not of the kernel's own tree; our levels are none either. */
static bool is_outsider(int root, const char *name, char ret_flags[16])
{
	char path[SYSFS_PATH_MAX];

	if (name[0] == '.' || livepatch_level_of(name))
		return false;
	(void)snprintf(path, sizeof(path), "sys/module/%s/taint", name);
	return sysfs_read(root, path, ret_flags, 16) == 0 && strpbrk(ret_flags, "OPF");
}

static void taint_of_modules(int root, struct preflight_row *row)
{
	int fd = openat(root, "sys/module", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(closedirp) DIR *d = fd < 0 ? NULL : fdopendir(fd);
	char names[256] = "", flags[16];
	size_t len = 0, n = 0;

	if (!d && fd >= 0)
		(void)close(fd);
	for (const struct dirent *e; d && (e = readdir(d));) {
		if (!is_outsider(root, e->d_name, flags))
			continue;
		n++;
		if (len < sizeof(names))
			len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s (%s)",
						len ? ", " : "", e->d_name, flags);
	}
	if (n)
		preflight_say(row, PREFLIGHT_WARN, OAK_OK,
			      "%zu module%s not of the distribution's kernel: %s; a level knows "
			      "nothing of what they do",
			      n, n == 1 ? " is" : "s are", names);
}

void preflight_taint(const struct preflight_subject *s, struct preflight_row *row)
{
	char number[24];

	if (sysfs_read(s->h->root, "proc/sys/kernel/tainted", number, sizeof(number)) < 0) {
		preflight_say(row, PREFLIGHT_UNKNOWN, OAK_OK,
			      "whether the kernel is tainted cannot be read");
		return;
	}
	preflight_say(row, PREFLIGHT_PASS, OAK_OK, "no fault since boot, no foreign module");
	taint_of_modules(s->h->root, row);
	taint_of_kernel(number, row);
}
