/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/debian-available.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/debian-version.h"
#include "kernel/debian-packages.h"

#define IMAGE        "linux-image-"
#define RELEASES_MAX 128 /* an archive holds some dozens */
#define NAMES_MAX    (DEBIAN_PARTS * DEBIAN_NAMES_PER_PART)

/* Names of one release, kept while a query borrows them. */
struct release {
	char *text;
	struct debian_names names;
};

struct releases {
	struct release v[RELEASES_MAX];
	size_t n;
};

static int no_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

static void releases_freep(struct releases **p)
{
	for (size_t i = 0; *p && i < (*p)->n; i++)
		free((*p)->v[i].text);
	free(*p);
}

static int add_offer(struct kernel_offers *o, const char *release, const char *version,
		     struct oak_error *err)
{
	struct kernel_offer *v = reallocarray(o->v, o->n + 1, sizeof(*v));
	char *reference;

	if (!v)
		return no_memory(err);
	o->v = v;
	if (asprintf(&reference, "debian:%s=%s", release, version) < 0)
		reference = NULL;
	v[o->n] = (struct kernel_offer){
		.reference = reference,
		.release = strdup(release),
		.version = strdup(version),
	};
	o->n++;
	return v[o->n - 1].reference && v[o->n - 1].release && v[o->n - 1].version ? 0
										   : no_memory(err);
}

/* Newest version first; of one version the longer-lived name first. */
static int compare_offers(const void *a, const void *b)
{
	const struct kernel_offer *x = a, *y = b;
	int d = debian_version_compare(y->version, x->version);

	return d ? d : strcmp(x->release, y->release);
}

int debian_offers(const struct debian_index *x, const char *const *releases,
		  struct kernel_offers *ret, struct oak_error *err)
{
	_cleanup_(kernel_offers_free) struct kernel_offers o = { 0 };

	for (; *releases; releases++) {
		struct debian_names names;

		if (debian_names_of(*releases, &names, NULL) < 0)
			continue;
		for (size_t i = 0; i < x->n; i++) {
			const char *v = x->v[i].version;
			int r;

			if (strcmp(x->v[i].name, names.name[DEBIAN_IMAGE][0]) != 0 ||
			    !debian_complete(x, &names, v, NULL, NULL))
				continue;
			r = add_offer(&o, *releases, v, err);
			if (r < 0)
				return r;
		}
	}
	if (o.n)
		qsort(o.v, o.n, sizeof(*o.v), compare_offers);
	*ret = o;
	o = (struct kernel_offers){ 0 };
	return 0;
}

/* "6.1.0-50-amd64" of "linux-image-6.1.0-50-amd64"; NULL for other names and flavours. */
static char *plain_release(const char *line, size_t len)
{
	const size_t prefix = strlen(IMAGE);
	_cleanup_(freep) char *s = len > prefix ? strndup(line + prefix, len - prefix) : NULL;
	struct debian_names names;

	if (!s || !isdigit((unsigned char)s[0]) || strstr(s, "-cloud-") || strstr(s, "-rt-") ||
	    !strchr(s, '.') || debian_names_of(s, &names, NULL) < 0)
		return NULL;
	/* "linux-image-6.12-amd64" follows a series and holds no kernel itself. */
	if (!strchr(strchr(s, '.') + 1, '.'))
		return NULL;
	return take_ptr(s);
}

static int collect_releases(struct releases *all, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	int r = debian_package_names(IMAGE, &text, err);

	if (r < 0)
		return r;
	for (const char *p = buf_str(&text); *p && all->n < RELEASES_MAX;) {
		size_t len = strcspn(p, "\n");
		struct release *slot = &all->v[all->n];

		slot->text = plain_release(p, len);
		p += len + (p[len] == '\n');
		if (!slot->text)
			continue;
		all->n++;
		r = debian_names_of(slot->text, &slot->names, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* All names of all releases in one query: apt-cache takes 0.7 s to start. */
static int query_all(const struct releases *all, struct debian_index *ret, struct oak_error *err)
{
	const char *names[RELEASES_MAX * NAMES_MAX + 1];
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		for (int part = 0; part < DEBIAN_PARTS; part++)
			for (int k = 0; k < DEBIAN_NAMES_PER_PART; k++)
				if (all->v[i].names.name[part][k][0])
					names[n++] = all->v[i].names.name[part][k];
	names[n] = NULL;
	return n ? debian_madison(names, ret, err) : 0;
}

int debian_available(struct kernel_offers *ret, struct oak_error *err)
{
	__attribute__((cleanup(releases_freep))) struct releases *all = calloc(1, sizeof(*all));
	_cleanup_(debian_index_free) struct debian_index x = { 0 };
	const char *texts[RELEASES_MAX + 1] = { NULL };
	int r;

	if (!all)
		return no_memory(err);
	r = collect_releases(all, err);
	if (r == 0)
		r = query_all(all, &x, err);
	for (size_t i = 0; i < all->n; i++)
		texts[i] = all->v[i].text;
	return r < 0 ? r : debian_offers(&x, texts, ret, err);
}
