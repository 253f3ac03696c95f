/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage-kernel: algorithms, live patches, and what is loaded at boot.
 *
 * A terminal's line discipline holds a reference of its module, so /proc/tty/ldiscs, which lists
 * those that are registered, adds nothing. Source: crypto/proc.c, drivers/tty/tty_ldisc.c of 6.1;
 * modules-load.d(5).
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/livepatch.h"
#include "host/modules/usage-priv.h"
#include "host/procs.h"
#include "host/sysfs.h"

#define CRYPTO_MAX    (4u << 20)
#define LOAD_FILE_MAX (256u << 10)

struct algorithm {
	char name[MODULE_NAME_MAX];
	char module[MODULE_NAME_MAX];
	unsigned references;
};

/* "refcnt       : 3" */
static bool field(struct word line, const char *key, struct word *ret)
{
	struct word name, colon;

	return word_next(&line, &name) && word_is(name, key) && word_next(&line, &colon) &&
	       word_is(colon, ":") && word_next(&line, ret);
}

/* One reference is the registration's. */
static int end_algorithm(struct gather *g, struct algorithm *a, struct oak_error *err)
{
	int r = 0;

	if (a->module[0] && a->references > 1)
		r = use_add(g, a->module, USE_CRYPTO, "proc/crypto", err, "%s has %u user%s",
			    a->name, a->references - 1, a->references > 2 ? "s" : "");
	*a = (struct algorithm){ .references = 0 };
	return r;
}

int gather_crypto(struct gather *g, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct algorithm a = { .references = 0 };
	struct word line, value;
	const char *p;
	int r = 0;

	if (file_read(g->root, "proc/crypto", CRYPTO_MAX, &text, NULL) < 0)
		return 0;
	p = buf_str(&text);
	while (r == 0 && word_line(&p, &line)) {
		if (field(line, "driver", &value))
			word_copy(a.name, sizeof(a.name), value);
		else if (field(line, "module", &value))
			(void)word_module(value, a.module);
		else if (field(line, "refcnt", &value))
			(void)word_number(value, &a.references);
		else if (!line.len)
			r = end_algorithm(g, &a, err);
	}
	return r < 0 ? r : end_algorithm(g, &a, err);
}

int gather_livepatches(struct gather *g, struct oak_error *err)
{
	_cleanup_(livepatch_list_free) struct livepatch_list list = { 0 };
	int r = livepatch_read(g->root, &list, err);

	for (size_t i = 0; r == 0 && i < list.n; i++) {
		const struct livepatch *p = &list.patches[i];

		r = use_add(g, p->name, USE_LIVEPATCH, "sys/kernel/livepatch", err,
			    "redirects %zu function%s", p->n_functions,
			    p->n_functions == 1 ? "" : "s");
		for (size_t k = 0; r == 0 && k < p->n_functions; k++)
			if (!k || strcmp(p->functions[k].object, p->functions[k - 1].object) != 0)
				r = use_add(g, p->functions[k].object, USE_LIVEPATCH,
					    "sys/kernel/livepatch", err, "is patched by %s",
					    p->name);
	}
	return r;
}

static int add_load_file(struct gather *g, const char *path, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	struct word line, w;
	const char *p;
	int r = 0;

	if (file_read(g->root, path, LOAD_FILE_MAX, &text, NULL) < 0)
		return 0;
	p = buf_str(&text);
	while (r == 0 && word_line(&p, &line)) {
		char name[MODULE_NAME_MAX];
		const char *module;

		if (!word_next(&line, &w) || strchr("#;", w.p[0]) || !word_module(w, name))
			continue;
		module = use_module(g, "", name);
		if (module)
			r = use_add(g, module, USE_BOOT, path, err, "is loaded at boot");
	}
	return r;
}

int gather_boot(struct gather *g, struct oak_error *err)
{
	static const char *const dirs[] = { "etc/modules-load.d", "run/modules-load.d",
					    "usr/local/lib/modules-load.d",
					    "usr/lib/modules-load.d", "lib/modules-load.d" };
	int r = add_load_file(g, "etc/modules", err);

	for (size_t i = 0; r == 0 && i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		_cleanup_(closedirp) DIR *d = procs_open(g->root, dirs[i]);
		char path[SYSFS_PATH_MAX];
		struct dirent *e;

		while (r == 0 && d && (e = readdir(d))) {
			/* What we write ourselves proves nothing. */
			if (e->d_name[0] == '.' || strcmp(e->d_name, USAGE_OWN_FILE) == 0)
				continue;
			(void)snprintf(path, sizeof(path), "%s/%s", dirs[i], e->d_name);
			r = add_load_file(g, path, err);
		}
	}
	return r;
}
