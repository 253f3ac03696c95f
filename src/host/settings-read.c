/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/ini-text.h"
#include "host/settings-keys.h"

#define SEEN_MAX      64
#define PATH_TEXT_MAX 320

/* Keys that this file had. */
struct taker {
	struct settings *s;
	bool seen[SEEN_MAX]; /* by key */
};

static int take_setting(void *ctx, const char *name, const char *value, struct oak_error *err)
{
	struct taker *t = ctx;
	size_t i = settings_key(name);
	char want[KEY_WANT_MAX];
	int r;

	if (i == n_settings_keys || i >= SEEN_MAX)
		return oak_fail(err, OAK_E_FORMAT, "unknown key '%.40s'", name);
	if (!value[0])
		return oak_fail(err, OAK_E_FORMAT, "%s: the value is missing", name);
	if (t->seen[i])
		return oak_fail(err, OAK_E_FORMAT, "%s: given twice", name);
	r = settings_take(&settings_keys[i], t->s, value, want);
	if (r == -OAK_E_NOMEM)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (r < 0)
		return oak_fail(err, OAK_E_FORMAT, "%s: '%.80s' must be %s", name, value, want);
	t->seen[i] = true;
	return 0;
}

int settings_parse(const char *name, const void *data, size_t len, struct settings *settings,
		   struct oak_error *err)
{
	struct taker t = { .s = settings };

	return ini_text_parse(name, data, len, take_setting, &t, err);
}

/* A missing file leaves everything as it is. */
static int read_file(int root, const char *path, struct settings *s, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	char name[PATH_TEXT_MAX];
	int r = file_read(root, path, SETTINGS_BYTES_MAX, &text, err);

	if (r == -OAK_E_NOTFOUND)
		return 0;
	if (r < 0)
		return r;
	(void)snprintf(name, sizeof(name), "/%s", path);
	return settings_parse(name, text.data, text.len, s, err);
}

static int is_drop_in(const struct dirent *e)
{
	static const char suffix[] = ".conf";
	size_t len = strlen(e->d_name);

	return e->d_name[0] != '.' && len >= sizeof(suffix) &&
	       strcmp(e->d_name + len - (sizeof(suffix) - 1), suffix) == 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* A link to a file is fine; what is neither would block, or is a mistake to be told. */
static int read_drop_in(int root, const char *name, struct settings *s, struct oak_error *err)
{
	char path[PATH_TEXT_MAX];
	struct stat st;

	(void)snprintf(path, sizeof(path), SETTINGS_DIR "/%s", name);
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return oak_fail(err, OAK_E_FORMAT,
					"/" SETTINGS_DIR ": a file name with a control character");
	if (fstatat(root, path, &st, 0) < 0)
		return errno == ENOENT ? 0 : oak_fail_errno(err, errno, "/%s", path);
	if (!S_ISREG(st.st_mode))
		return oak_fail(err, OAK_E_FORMAT, "/%s: not a regular file", path);
	return read_file(root, path, s, err);
}

static int read_drop_ins(int root, struct settings *s, struct oak_error *err)
{
	struct dirent **v = NULL;
	int n = scandirat(root, SETTINGS_DIR, &v, is_drop_in, by_bytes), r = 0;

	if (n < 0)
		return errno == ENOENT ? 0 : oak_fail_errno(err, errno, "/" SETTINGS_DIR);
	if (n > SETTINGS_FILES_MAX)
		r = oak_fail(err, OAK_E_TOOLARGE,
			     "/" SETTINGS_DIR ": %d files, at most %d are read", n,
			     SETTINGS_FILES_MAX);
	for (int i = 0; r == 0 && i < n; i++)
		r = read_drop_in(root, v[i]->d_name, s, err);
	for (int i = 0; i < n; i++)
		free(v[i]);
	free(v);
	return r;
}

/* A zone without its file would silently be UTC. */
static int check_zone(int root, const struct settings *s, struct oak_error *err)
{
	char path[PATH_TEXT_MAX];

	if (!s->timezone || strcmp(s->timezone, "UTC") == 0)
		return 0;
	(void)snprintf(path, sizeof(path), "usr/share/zoneinfo/%s", s->timezone);
	return file_exists(root, path) ? 0
				       : oak_fail(err, OAK_E_FORMAT,
						  "timezone: '%s': /%s is missing (package tzdata)",
						  s->timezone, path);
}

int settings_read(int root, struct settings *ret, struct oak_error *err)
{
	_cleanup_(settings_free) struct settings s = { 0 };
	int r = settings_init(&s, err);

	if (r == 0)
		r = read_file(root, SETTINGS_PATH, &s, err);
	if (r == 0)
		r = read_drop_ins(root, &s, err);
	if (r == 0)
		r = check_zone(root, &s, err);
	if (r < 0)
		return r;
	if (s.jitter_s > s.poll_s)
		s.jitter_s = s.poll_s;
	*ret = s;
	s = (struct settings){ 0 };
	return 0;
}
