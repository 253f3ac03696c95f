/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/downloads.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"
#include "kernel/command.h"

static int no_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

char *downloads_path(const char *dir, const struct debian_package *p)
{
	char *s;

	return asprintf(&s, "%s/%s_%s.deb", dir, p->name, p->version) < 0 ? NULL : s;
}

static int hash_file(const char *path, char ret[SHA256_HEX_MAX], struct oak_error *err)
{
	_cleanup_(mapping_close) struct mapping m = { 0 };
	int r = mapping_open(AT_FDCWD, path, &m, err);

	if (r == 0)
		sha256_hex(m.data, m.len, ret);
	return r;
}

int downloads_have(const char *dir, const struct debian_package *p, struct oak_error *err)
{
	_cleanup_(freep) char *path = downloads_path(dir, p), *sum_path = NULL, *want = NULL;
	char sum[SHA256_HEX_MAX];

	if (!path || asprintf(&sum_path, "%s.sha256", path) < 0) {
		sum_path = NULL;
		return no_memory(err);
	}
	/* Whatever is wrong with the copy: fetching it again puts it right. */
	if (file_read_line(AT_FDCWD, sum_path, &want, NULL) < 0 || hash_file(path, sum, NULL) < 0 ||
	    strcmp(sum, want) != 0 || (p->sha256 && strcmp(sum, p->sha256) != 0))
		return 0;
	return 1;
}

/* The one .deb in @dir, however apt named it. */
static int find_deb(const char *dir, char **ret, struct oak_error *err)
{
	_cleanup_(closedirp) DIR *d = opendir(dir);
	const struct dirent *e;

	if (!d)
		return oak_fail_errno(err, errno, "%s", dir);
	while ((e = readdir(d))) {
		size_t len = strlen(e->d_name);

		if (len < 4 || strcmp(e->d_name + len - 4, ".deb") != 0)
			continue;
		*ret = path_join(dir, e->d_name);
		return *ret ? 0 : no_memory(err);
	}
	return oak_fail(err, OAK_E_FAILED, "apt-get download brought no package");
}

static int apt_download(const char *dir, const struct debian_package *p, struct oak_error *err)
{
	const struct process_options opt = { .cwd = dir };
	_cleanup_(freep) char *which = NULL;
	int r;

	if (asprintf(&which, "%s=%s", p->name, p->version) < 0) {
		which = NULL;
		return no_memory(err);
	}
	/* As root apt would drop to a user who may not write here, and warn about it. */
	const char *const argv[] = {
		"apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", which, NULL,
	};
	r = command_run(argv, &opt, err);
	if (r == -OAK_E_FAILED && err)
		err->code = OAK_E_AGAIN;
	return r < 0 ? oak_context(err, "cannot download %s", which) : 0;
}

/* Checks the package in @partial and moves it to its place; the hash goes last. */
static int keep(const char *partial, const char *path, const struct debian_package *p,
		struct oak_error *err)
{
	_cleanup_(freep) char *deb = NULL, *sum_path = NULL;
	char sum[SHA256_HEX_MAX];
	int r = find_deb(partial, &deb, err);

	if (r < 0)
		return r;
	r = hash_file(deb, sum, err);
	if (r < 0)
		return r;
	if (p->sha256 && strcmp(sum, p->sha256) != 0)
		return oak_fail(err, OAK_E_TRUST,
				"%s %s: the download is not what the archive's index promises",
				p->name, p->version);
	if (asprintf(&sum_path, "%s.sha256", path) < 0) {
		sum_path = NULL;
		return no_memory(err);
	}
	if (rename(deb, path) < 0)
		return oak_fail_errno(err, errno, "%s", path);
	return file_write(AT_FDCWD, sum_path, sum, strlen(sum), 0644, err);
}

int downloads_fetch(const char *dir, const struct debian_package *p, struct oak_error *err)
{
	_cleanup_(freep) char *path = downloads_path(dir, p), *partial = path_join(dir, ".partial");
	int r;

	if (!path || !partial)
		return no_memory(err);
	r = tree_remove(AT_FDCWD, partial, err);
	if (r < 0)
		return r;
	r = dir_make(AT_FDCWD, partial, err);
	if (r < 0)
		return r;
	r = apt_download(partial, p, err);
	if (r == 0)
		r = keep(partial, path, p, err);
	(void)!tree_remove(AT_FDCWD, partial, NULL);
	return r;
}

static int add_entry(const char *name, struct debian_index *x, struct oak_error *err)
{
	const char *bar = strchr(name, '_'), *end = strrchr(name, '.');
	struct debian_package *v;

	v = reallocarray(x->v, x->n + 1, sizeof(*v));
	if (!v)
		return no_memory(err);
	x->v = v;
	v[x->n] = (struct debian_package){
		.name = strndup(name, (size_t)(bar - name)),
		.version = strndup(bar + 1, (size_t)(end - bar - 1)),
	};
	x->n++;
	return v[x->n - 1].name && v[x->n - 1].version ? 0 : no_memory(err);
}

int downloads_list(const char *dir, const char *prefix, struct debian_index *ret,
		   struct oak_error *err)
{
	_cleanup_(closedirp) DIR *d = opendir(dir);
	const struct dirent *e;

	if (!d)
		return errno == ENOENT ? 0 : oak_fail_errno(err, errno, "%s", dir);
	while ((e = readdir(d))) {
		const char *dot = strrchr(e->d_name, '.');
		int r;

		if (strncmp(e->d_name, prefix, strlen(prefix)) != 0 || !dot ||
		    strcmp(dot, ".deb") != 0 || !strchr(e->d_name, '_'))
			continue;
		r = add_entry(e->d_name, ret, err);
		if (r < 0)
			return r;
	}
	return 0;
}
