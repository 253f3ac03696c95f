/* SPDX-License-Identifier: GPL-2.0-or-later */
/* built-read: the configuration, and the lists of modules. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/cve/built.h"
#include "host/cve/gunzip.h"

#define PATH_BYTES    256
#define MODPROBE_MAX  (256u << 10)
#define MODPROBE_DIRS 5

typedef int (*take_line)(struct words *w, char *line);

static int out_of_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

static void words_free(struct words *w)
{
	buf_free(&w->text);
	free(w->v);
	*w = (struct words){ 0 };
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorts what was added: each word, or word and value, ends with its NUL. */
static int words_finish(struct words *w, bool values)
{
	const char *at = (const char *)w->text.data, *end;
	size_t n = 0;

	if (w->text.len == 0)
		return 0;
	end = at + w->text.len;
	for (size_t i = 0; i < w->text.len; i++)
		n += at[i] == '\0';
	w->v = calloc(n + 1, sizeof(const char *));
	if (!w->v)
		return -ENOMEM;
	while (at < end) {
		w->v[w->n++] = at;
		at += strlen(at) + 1;
		if (values)
			at += strlen(at) + 1;
	}
	qsort(w->v, w->n, sizeof(const char *), by_text);
	return 0;
}

static int add_word(struct words *w, const char *text)
{
	return buf_add(&w->text, text, strlen(text) + 1);
}

/* "CONFIG_A=y" */
static int take_config(struct words *w, char *line)
{
	char *equals = strchr(line, '=');

	if (strncmp(line, "CONFIG_", 7) != 0 || !equals)
		return 0;
	*equals = '\0';
	/* Of a value only y or m matters. */
	return add_word(w, line) < 0 || add_word(w, equals[1] == 'm' ? "m" : "y") < 0 ? -1 : 0;
}

/* "kernel/net/netfilter/nf_tables.ko" of modules.order and modules.builtin */
static int take_module(struct words *w, char *line)
{
	size_t len = strlen(line);

	if (strncmp(line, "kernel/", 7) != 0 || len < 11 || strcmp(line + len - 3, ".ko") != 0)
		return 0;
	line[len - 3] = '\0';
	return add_word(w, line + 7);
}

static void to_kernel_name(char *name)
{
	for (; *name; name++)
		if (*name == '-')
			*name = '_';
}

/* "nf_tables 286720 0 - Live 0x0" */
static int take_loaded(struct words *w, char *line)
{
	line[strcspn(line, " ")] = '\0';
	to_kernel_name(line);
	return *line ? add_word(w, line) : 0;
}

/* Does the command of an install line end without loading the module? */
static bool does_nothing(const char *command)
{
	static const char *const commands[] = {
		"/bin/false", "/bin/true", "/usr/bin/false", "/usr/bin/true", "false", "true", ":"
	};
	size_t len = strcspn(command, " \t");

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strlen(commands[i]) == len && memcmp(commands[i], command, len) == 0)
			return command[len + strspn(command + len, " \t")] == '\0';
	return false;
}

/* "install nf_tables /bin/false" of modprobe.d(5); "blacklist" does not keep its name away. */
static int take_install(struct words *w, char *line)
{
	char *name;

	line += strspn(line, " \t");
	if (strncmp(line, "install", 7) != 0 || !strchr(" \t", line[7]))
		return 0;
	name = line + 7 + strspn(line + 7, " \t");
	line = name + strcspn(name, " \t");
	if (!*line)
		return 0;
	*line++ = '\0';
	to_kernel_name(name);
	return does_nothing(line + strspn(line, " \t")) ? add_word(w, name) : 0;
}

static int take_lines(struct words *w, const struct buf *text, take_line take)
{
	char *save = NULL, *copy = text->len ? strdup(buf_str(text)) : NULL;
	int r = text->len && !copy ? -1 : 0;

	for (char *line = copy ? strtok_r(copy, "\n", &save) : NULL; line && r == 0;
	     line = strtok_r(NULL, "\n", &save))
		r = take(w, line);
	free(copy);
	return r;
}

/* A missing file is an empty one. */
static int read_list(int root, const char *path, take_line take, struct words *ret, bool *ret_there,
		     struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = file_read(root, path, BUILT_FILE_MAX, &text, err);

	if (ret_there)
		*ret_there = r == 0;
	if (r < 0)
		return r == -OAK_E_NOTFOUND || r == -OAK_E_IO ? 0 : r;
	return take_lines(ret, &text, take) < 0 ? out_of_memory(err) : 0;
}

static int add_piece(void *ctx, const char *data, size_t len, struct oak_error *err)
{
	return buf_add(ctx, data, len) < 0 ? out_of_memory(err) : 0;
}

/* /boot/config-<release>, else /proc/config.gz */
static int read_config(int root, const char *release, struct built *b, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	char path[PATH_BYTES];
	int r;

	(void)snprintf(path, sizeof(path), "boot/config-%s", release);
	r = read_list(root, path, take_config, &b->config, &b->config_known, err);
	if (r < 0 || b->config_known)
		return r;
	r = gunzip_read(root, "proc/config.gz", BUILT_FILE_MAX, add_piece, &text, err);
	if (r < 0)
		return r == -OAK_E_NOMEM ? r : 0;
	b->config_known = true;
	return take_lines(&b->config, &text, take_config) < 0 ? out_of_memory(err) : 0;
}

static int is_conf(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return len > 5 && d->d_name[0] != '.' && strcmp(d->d_name + len - 5, ".conf") == 0;
}

/* What modprobe.d says: "nf_tables" of install lines, "NAME FILE LINE 1" of soft dependencies. */
struct modprobe {
	struct words installs, soft;
};

static void modprobe_free(struct modprobe *m)
{
	words_free(&m->installs);
	words_free(&m->soft);
}

/* "softdep f2fs pre: crc32"; the last field is 0 where it names nothing. */
static int take_softdep(struct words *w, char *line, const char *file, unsigned number)
{
	char *save = NULL, *word = strtok_r(line, " \t", &save), *name, entry[512];
	bool any = false;

	if (!word || strcmp(word, "softdep") != 0)
		return 0;
	name = strtok_r(NULL, " \t", &save);
	if (!name)
		return 0;
	to_kernel_name(name);
	while ((word = strtok_r(NULL, " \t", &save)))
		any = any || (strcmp(word, "pre:") != 0 && strcmp(word, "post:") != 0);
	if (snprintf(entry, sizeof(entry), "%s %s %06u %d", name, file, number, any) >=
	    (int)sizeof(entry))
		return 0;
	return add_word(w, entry);
}

static int take_softdeps(struct words *w, const struct buf *text, const char *file)
{
	_cleanup_(freep) char *copy = text->len ? strdup(buf_str(text)) : NULL;
	char *rest = copy, *line;
	unsigned number = 0;
	int r = text->len && !copy ? -1 : 0;

	while (r == 0 && rest && (line = strsep(&rest, "\n")))
		r = take_softdep(w, line, file, number++);
	return r;
}

/*
 * modprobe heeds no install line of a module that has soft dependencies. Of those the first counts, by
 * the names of the files; modules.softdep is one more of them.
 */
static bool has_softdeps(const struct modprobe *m, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < m->soft.n; i++)
		if (strncmp(m->soft.v[i], name, len) == 0 && m->soft.v[i][len] == ' ')
			return m->soft.v[i][strlen(m->soft.v[i]) - 1] == '1';
	return false;
}

static int read_modprobe_file(int dir, const char *path, const char *name, struct modprobe *m,
			      struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	if (file_read(dir, path, MODPROBE_MAX, &text, NULL) < 0)
		return 0;
	if (take_softdeps(&m->soft, &text, name) < 0 ||
	    take_lines(&m->installs, &text, take_install) < 0)
		return out_of_memory(err);
	return 0;
}

static int read_modprobe_dir(int root, const char *dir, struct modprobe *m, struct oak_error *err)
{
	_cleanup_(closep) int fd = openat(root, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent **list;
	int n = fd < 0 ? -1 : scandirat(fd, ".", &list, is_conf, alphasort), r = 0;

	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = read_modprobe_file(fd, list[i]->d_name, list[i]->d_name, m, err);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return r;
}

/* "module_blacklist=a,b": refused by the kernel itself. */
static int read_command_line(int root, struct words *ret, struct oak_error *err)
{
	static const char key[] = "module_blacklist=";
	_cleanup_(freep) char *line = NULL;
	char *save = NULL, *at = NULL;
	int r = 0;

	if (file_read_line(root, "proc/cmdline", &line, NULL) < 0)
		return 0;
	for (char *word = strtok_r(line, " ", &save); word; word = strtok_r(NULL, " ", &save))
		if (strncmp(word, key, sizeof(key) - 1) == 0)
			at = word + sizeof(key) - 1;
	for (char *name = at ? strtok_r(at, ",", &save) : NULL; name && r == 0;
	     name = strtok_r(NULL, ",", &save)) {
		to_kernel_name(name);
		r = add_word(ret, name) < 0 ? out_of_memory(err) : 0;
	}
	return r;
}

static int read_modprobe(int root, const char *release, struct words *ret, struct oak_error *err)
{
	static const char *const dirs[MODPROBE_DIRS] = { "etc/modprobe.d", "run/modprobe.d",
							 "usr/local/lib/modprobe.d",
							 "usr/lib/modprobe.d", "lib/modprobe.d" };
	_cleanup_(modprobe_free) struct modprobe m = { 0 };
	char path[PATH_BYTES];
	int r = 0;

	for (size_t i = 0; i < MODPROBE_DIRS && r == 0; i++)
		r = read_modprobe_dir(root, dirs[i], &m, err);
	(void)snprintf(path, sizeof(path), "lib/modules/%s/modules.softdep", release);
	if (r == 0)
		r = read_modprobe_file(root, path, "modules.softdep", &m, err);
	if (r < 0)
		return r;
	if (words_finish(&m.installs, false) < 0 || words_finish(&m.soft, false) < 0)
		return out_of_memory(err);
	for (size_t i = 0; i < m.installs.n; i++)
		if (!has_softdeps(&m, m.installs.v[i]) && add_word(ret, m.installs.v[i]) < 0)
			return out_of_memory(err);
	return 0;
}

static int read_blocked(int root, const char *release, struct built *b, struct oak_error *err)
{
	_cleanup_(freep) char *disabled = NULL;
	int r = read_command_line(root, &b->blocked, err);

	if (r == 0)
		r = read_modprobe(root, release, &b->blocked, err);
	if (file_read_line(root, "proc/sys/kernel/modules_disabled", &disabled, NULL) == 0)
		b->all_blocked = strcmp(disabled, "1") == 0;
	return r;
}

static int finish(struct built *b, struct oak_error *err)
{
	if (words_finish(&b->config, true) < 0 || words_finish(&b->on_disk, false) < 0 ||
	    words_finish(&b->builtin, false) < 0 || words_finish(&b->loaded, false) < 0 ||
	    words_finish(&b->blocked, false) < 0)
		return out_of_memory(err);
	return 0;
}

static int read_all(int root, const char *release, struct built *b, struct oak_error *err)
{
	char path[PATH_BYTES];
	int r = read_config(root, release, b, err);

	(void)snprintf(path, sizeof(path), "lib/modules/%s/modules.order", release);
	if (r == 0)
		r = read_list(root, path, take_module, &b->on_disk, NULL, err);
	(void)snprintf(path, sizeof(path), "lib/modules/%s/modules.builtin", release);
	if (r == 0)
		r = read_list(root, path, take_module, &b->builtin, NULL, err);
	if (r == 0)
		r = read_list(root, "proc/modules", take_loaded, &b->loaded, &b->loaded_known, err);
	if (r == 0)
		r = read_blocked(root, release, b, err);
	return r < 0 ? r : finish(b, err);
}

int built_read(int root, const char *release, uint64_t upstream, struct built *ret,
	       struct oak_error *err)
{
	_cleanup_(built_free) struct built b = { .upstream = upstream };
	int r = read_all(root, release, &b, err);

	if (r < 0)
		return r;
	*ret = b;
	b = (struct built){ 0 };
	return 0;
}

int built_read_store(int dir, uint64_t upstream, struct built *ret, struct oak_error *err)
{
	_cleanup_(built_free) struct built b = { .upstream = upstream };
	int r = read_list(dir, "config", take_config, &b.config, &b.config_known, err);

	if (r == 0)
		r = read_list(dir, "modules/modules.order", take_module, &b.on_disk, NULL, err);
	if (r == 0)
		r = read_list(dir, "modules/modules.builtin", take_module, &b.builtin, NULL, err);
	if (r == 0)
		r = finish(&b, err);
	if (r < 0)
		return r;
	*ret = b;
	b = (struct built){ 0 };
	return 0;
}

void built_free(struct built *b)
{
	words_free(&b->config);
	words_free(&b->on_disk);
	words_free(&b->builtin);
	words_free(&b->loaded);
	words_free(&b->blocked);
}
