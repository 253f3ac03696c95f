/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Debian's kernels, from whatever archive apt is set up for. Packages of the versions that the
 * archive has dropped still serve from downloads/.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/debian-version.h"
#include "kernel/debian-available.h"
#include "kernel/debian-index.h"
#include "kernel/debian-packages.h"
#include "kernel/debian-unpack.h"
#include "kernel/downloads.h"
#include "kernel/provider.h"

#define OFFERS_SHOWN 3

static int no_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

/* Versions of all parts: what the archive has, and what downloads/ keeps. */
static int find_parts(const struct debian_names *names, const char *downloads,
		      struct debian_index *ret, struct oak_error *err)
{
	const char *all[DEBIAN_PARTS * DEBIAN_NAMES_PER_PART + 1];
	size_t n = 0;
	int r;

	for (int part = 0; part < DEBIAN_PARTS; part++)
		for (int i = 0; i < DEBIAN_NAMES_PER_PART; i++)
			if (names->name[part][i][0])
				all[n++] = names->name[part][i];
	all[n] = NULL;
	r = debian_madison(all, ret, err);
	return r < 0 ? r : downloads_list(downloads, "linux-", ret, err);
}

/* Does @offer belong to the series ("6.1") of @release? */
static bool same_series(const struct kernel_offer *offer, const char *release)
{
	size_t len = strcspn(release, ".");

	if (release[len])
		len += 1 + strcspn(release + len + 1, ".");
	return strncmp(offer->release, release, len + 1) == 0;
}

/* Names the newest complete kernels, those of the wanted series where there are any. */
static int list_offers(const char *release, struct buf *ret)
{
	_cleanup_(kernel_offers_free) struct kernel_offers offers = { 0 };
	bool series = false;
	size_t shown = 0;

	if (debian_available(&offers, NULL) < 0)
		return 0;
	for (size_t i = 0; i < offers.n; i++)
		series = series || same_series(&offers.v[i], release);
	for (size_t i = 0; i < offers.n && shown < OFFERS_SHOWN; i++) {
		if (series && !same_series(&offers.v[i], release))
			continue;
		if (buf_printf(ret, "%s%s", shown++ ? ", " : "", offers.v[i].reference) < 0)
			return -1;
	}
	return 0;
}

/* Puts behind @what which kernels are complete, or what else to do. */
static int fail_incomplete(struct oak_error *err, const char *release, const char *what)
{
	_cleanup_(buf_free) struct buf list = { 0 };

	if (list_offers(release, &list) < 0)
		return no_memory(err);
	if (list.len == 0)
		return oak_fail(err, OAK_E_NOTFOUND,
				"%s, and the package lists name no complete kernel at all: run "
				"'apt-get update' first",
				what);
	return oak_fail(err, OAK_E_NOTFOUND,
			"%s. If that is new, run 'apt-get update' first. Complete now: %s "
			"('oakum-build kernel list --available' shows all)",
			what, buf_str(&list));
}

/* The newest image, and the newest whose other parts are there too; each NULL for none. */
static void find_newest(const struct debian_index *x, const struct debian_names *names,
			const char **ret_image, const char **ret_complete)
{
	for (size_t i = 0; i < x->n; i++) {
		const char *v = x->v[i].version;

		if (strcmp(x->v[i].name, names->name[DEBIAN_IMAGE][0]) != 0 &&
		    strcmp(x->v[i].name, names->name[DEBIAN_IMAGE][1]) != 0)
			continue;
		if (!*ret_image || debian_version_compare(v, *ret_image) > 0)
			*ret_image = v;
		if (debian_complete(x, names, v, NULL, NULL) &&
		    (!*ret_complete || debian_version_compare(v, *ret_complete) > 0))
			*ret_complete = v;
	}
}

static int resolve(const char *release, const char *downloads, char **ret_version,
		   struct oak_error *err)
{
	_cleanup_(debian_index_free) struct debian_index x = { 0 };
	const char *image = NULL, *complete = NULL, *missing = NULL;
	struct debian_names names;
	char what[384];
	int r = debian_names_of(release, &names, err);

	if (r == 0)
		r = find_parts(&names, downloads, &x, err);
	if (r < 0)
		return r;
	find_newest(&x, &names, &image, &complete);
	if (complete) {
		*ret_version = strdup(complete);
		return *ret_version ? 0 : no_memory(err);
	}
	if (image) {
		(void)debian_complete(&x, &names, image, NULL, &missing);
		(void)snprintf(what, sizeof(what),
			       "the archive has %s %s, but no %s of that version",
			       names.name[DEBIAN_IMAGE][0], image, missing);
	} else {
		(void)snprintf(what, sizeof(what), "the archive has no package %s",
			       names.name[DEBIAN_IMAGE][0]);
	}
	return fail_incomplete(err, release, what);
}

/* Size and hash of each part: from the archive's index, else found in downloads/ by name. */
static int look_up(const struct provider_job *job,
		   const struct debian_package *const found[DEBIAN_PARTS], struct debian_index *x,
		   struct oak_error *err)
{
	const char *which[DEBIAN_PARTS + 1] = { NULL };
	_cleanup_(buf_free) struct buf text = { 0 };
	size_t at[DEBIAN_PARTS];
	int r;

	for (int i = 0; i < DEBIAN_PARTS; i++) {
		at[i] = text.len;
		if (buf_printf(&text, "%s=%s", found[i]->name, found[i]->version) < 0 ||
		    buf_add_zero(&text, 1) < 0)
			return no_memory(err);
	}
	for (int i = 0; i < DEBIAN_PARTS; i++)
		which[i] = buf_str(&text) + at[i];
	r = debian_show(which, x, err);
	/* Behind the others, so that an entry with a hash is found first. */
	return r < 0 ? r : downloads_list(job->downloads, "linux-", x, err);
}

static int pick_parts(const struct provider_job *job, struct debian_index *x,
		      const struct debian_package *ret[DEBIAN_PARTS], struct oak_error *err)
{
	_cleanup_(debian_index_free) struct debian_index known = { 0 };
	const struct debian_package *found[DEBIAN_PARTS];
	const char *missing = NULL;
	struct debian_names names;
	char what[256];
	int r = debian_names_of(job->release, &names, err);

	if (r == 0)
		r = find_parts(&names, job->downloads, &known, err);
	if (r < 0)
		return r;
	if (!debian_complete(&known, &names, job->version, found, &missing)) {
		(void)snprintf(what, sizeof(what), "the archive has no %s of version %s (any more)",
			       missing, job->version);
		return fail_incomplete(err, job->release, what);
	}
	r = look_up(job, found, x, err);
	for (int i = 0; i < DEBIAN_PARTS && r == 0; i++) {
		ret[i] = debian_index_find(x, found[i]->name, found[i]->version);
		if (!ret[i])
			return oak_fail(err, OAK_E_FAILED, "apt-cache does not show %s=%s",
					found[i]->name, found[i]->version);
	}
	return r;
}

static int fetch(const struct provider_job *job, const struct debian_package *p,
		 struct oak_error *err)
{
	uint64_t start = clock_now_ns();
	int r = downloads_have(job->downloads, p, err);

	if (r != 0)
		return r < 0 ? r : 0;
	r = downloads_fetch(job->downloads, p, err);
	if (r == 0)
		progress_step(job->progress, "downloaded %s %s, %.1f MB (%.1f s)", p->name,
			      p->version, (double)p->size_bytes / 1e6, clock_seconds_since(start));
	return r;
}

static int provide(const struct provider_job *job, struct oak_error *err)
{
	_cleanup_(debian_index_free) struct debian_index x = { 0 };
	const struct debian_package *parts[DEBIAN_PARTS];
	char *paths[DEBIAN_PARTS] = { NULL };
	int r = pick_parts(job, &x, parts, err);

	if (r == 0 && strcmp(parts[DEBIAN_KBUILD]->version, job->version) != 0)
		progress_step(job->progress, "%s %s is gone, %s serves", parts[DEBIAN_KBUILD]->name,
			      job->version, parts[DEBIAN_KBUILD]->version);
	for (int i = 0; i < DEBIAN_PARTS && r == 0; i++) {
		paths[i] = downloads_path(job->downloads, parts[i]);
		r = paths[i] ? fetch(job, parts[i], err) : no_memory(err);
	}
	if (r == 0)
		r = debian_unpack(job, (const char *const *)paths, err);
	for (int i = 0; i < DEBIAN_PARTS; i++)
		free(paths[i]);
	return r;
}

const struct provider provider_debian = {
	.name = "debian",
	.resolve = resolve,
	.provide = provide,
	.available = debian_available,
};
