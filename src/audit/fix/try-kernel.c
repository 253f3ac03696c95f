/* SPDX-License-Identifier: GPL-2.0-or-later */
/* try-kernel: settings of the kernel, now and at boot; parameters of its command line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/fix/plan-priv.h"
#include "audit/fix/texts.h"
#include "audit/inside.h"
#include "base/cleanup.h"
#include "host/plain.h"
#include "host/sysfs.h"

#define NAME_MAX_  128
#define VALUE_MAX_ 64

/* "name=value" */
struct setting {
	char name[NAME_MAX_], value[VALUE_MAX_], path[NAME_MAX_ + 16];
};

/* The next of a row's words; false at the end. */
static bool next_setting(const char **p, struct setting *ret)
{
	size_t len, name;

	*p += strspn(*p, " ");
	len = strcspn(*p, " ");
	name = strcspn(*p, "=");
	if (!len || name >= len || name >= sizeof(ret->name) || len - name - 1 >= sizeof(ret->value))
		return false;
	(void)snprintf(ret->name, sizeof(ret->name), "%.*s", (int)name, *p);
	(void)snprintf(ret->value, sizeof(ret->value), "%.*s", (int)(len - name - 1), *p + name + 1);
	(void)snprintf(ret->path, sizeof(ret->path), "/proc/sys/%s", ret->name);
	for (char *c = ret->path; *c; c++)
		*c = (char)(*c == '.' ? '/' : *c);
	*p += len;
	return true;
}

static bool file_overrides(int root, const char *path, const struct setting *s)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	return inside_read(root, path, FIX_TEXT_MAX, &text) == 0 &&
	       text_sets_otherwise(buf_str(&text), s->name, s->value);
}

/* A file that is read after ours at boot and sets it otherwise: ours would be for nothing. */
static bool is_overridden(int root, const struct setting *s, char *ret, size_t size)
{
	static const char *const folders[] = { "/etc/sysctl.d", "/run/sysctl.d",
					       "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		_cleanup_(closedirp) DIR *d = inside_opendir(root, folders[i]);
		struct dirent *e;

		while (d && (e = readdir(d))) {
			size_t len = strlen(e->d_name);

			if (len < 6 || strcmp(e->d_name + len - 5, ".conf") != 0 ||
			    strcmp(e->d_name, strrchr(FIX_SYSCTL_FILE, '/') + 1) <= 0)
				continue;
			(void)snprintf(ret, size, "%s/%s", folders[i], e->d_name);
			if (file_overrides(root, ret, s))
				return true;
		}
	}
	/* procps reads it last. */
	(void)snprintf(ret, size, "/etc/sysctl.conf");
	return file_overrides(root, ret, s);
}

/* A line of a file of ours, once; true where it is new. */
static bool add_line(struct planner *p, struct fix_change *c, const char *line)
{
	size_t len = strlen(c->after);
	char *text;

	if (text_has_line(c->after, line))
		return false;
	if (asprintf(&text, "%s%s%s\n",
		     len ? c->after
			 : "# Written by \"oakum audit --fix-plan --apply\"; \"--undo\" takes it "
			   "back.\n",
		     len && c->after[len - 1] != '\n' ? "\n" : "", line) < 0) {
		p->oom = true;
		return false;
	}
	free(c->after);
	c->after = text;
	return true;
}

static void set_value(struct planner *p, const struct finding *f, const struct setting *s)
{
	struct fix_change *c;
	char now[256];

	if (sysfs_read(p->a->ctx.root, s->path + 1, now, sizeof(now)) < 0 ||
	    strcmp(now, s->value) == 0)
		return;
	c = planner_change(p, FIX_VALUE, s->path);
	if (!c)
		return;
	planner_for(p, c, f);
	if (c->after)
		return;
	c->before = strdup(now);
	c->after = strdup(s->value);
	p->oom |= !c->before || !c->after;
}

void fix_try_sysctl(struct planner *p, const struct finding *f, const struct fix *fix,
		    struct tried *ret)
{
	int root = p->a->ctx.root;
	struct fix_change *text;
	const char *word = fix->set;
	struct setting s;

	while (next_setting(&word, &s)) {
		char other[400], plain[400];

		if (!is_overridden(root, &s, other, sizeof(other)))
			continue;
		plain_copy(plain, sizeof(plain), other);
		tried_why(ret, "%s sets %s to another value, and is read after our file: change it",
			  plain, s.name);
		return;
	}
	text = planner_text(p, FIX_SYSCTL_FILE, ret);
	if (!text)
		return;
	planner_for(p, text, f);
	for (word = fix->set; next_setting(&word, &s);) {
		char line[NAME_MAX_ + VALUE_MAX_ + 4], now[8];

		/* Also where it is as it should be: others of the row are not. */
		if (sysfs_read(root, s.path + 1, now, sizeof(now)) == -ENOENT)
			continue;
		(void)snprintf(line, sizeof(line), "%s = %s", s.name, s.value);
		(void)add_line(p, text, line);
	}
	for (word = fix->set; next_setting(&word, &s);)
		set_value(p, f, &s);
	ret->changed = true;
}

/* Debian's reads all files of the folder; others do not. */
static bool reads_folder(int root)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	return inside_read(root, "/usr/sbin/grub-mkconfig", FIX_TEXT_MAX, &text) == 0 &&
	       strstr(buf_str(&text), "/default/grub.d");
}

void fix_try_boot(struct planner *p, const struct finding *f, const struct fix *fix,
		  struct tried *ret)
{
	static const char waits[] = "update-grub, then a boot";
	struct fix_change *text;
	char line[256];

	if (!reads_folder(p->a->ctx.root)) {
		tried_why(ret, "how this host boots is not known: put %s on the command line",
			  fix->set);
		return;
	}
	text = planner_text(p, FIX_BOOT_FILE, ret);
	if (!text)
		return;
	(void)snprintf(line, sizeof(line),
		       "GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT %s\"", fix->set);
	text->needs = waits;
	ret->changed = add_line(p, text, line);
	if (ret->changed) {
		planner_for(p, text, f);
		return;
	}
	ret->waits = true;
	tried_why(ret, "%s has it: %s", FIX_BOOT_FILE, waits);
}

/* What auditctl takes for one word, and no more. */
static bool is_plain_path(const char *path)
{
	return path[strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				 "/._+-:@")] == '\0';
}

void fix_try_watch(struct planner *p, const struct finding *f, const struct fix *fix,
		   struct tried *ret)
{
	static const char waits[] = "augenrules --load, or a start of auditd";
	char path[TARGET_PATH_MAX], line[TARGET_PATH_MAX + 32];
	struct fix_change *text;

	(void)fix;
	if (!watch_target(&p->a->ctx, f->check, path) || !is_plain_path(path)) {
		tried_why(ret, "its path cannot stand in a rule");
		return;
	}
	text = planner_text(p, FIX_WATCH_FILE, ret);
	if (!text) {
		if (!ret->reason[0] || strstr(ret->reason, "is not here"))
			tried_why(ret, "auditd is not installed: install it, then plan again");
		return;
	}
	(void)snprintf(line, sizeof(line), "-w %s -p wa -k docker", path);
	text->needs = waits;
	ret->changed = add_line(p, text, line);
	if (ret->changed) {
		planner_for(p, text, f);
		return;
	}
	ret->waits = true;
	tried_why(ret, "%s has it: %s", FIX_WATCH_FILE, waits);
}
