/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/debian-packages.h"

#include <stdio.h>
#include <string.h>

#include "base/debian-version.h"

static const char *const flavours[] = { "-cloud-amd64", "-rt-amd64", "-amd64" };

/* Length of the release without its flavour; 0 for another architecture's. */
static size_t base_len(const char *release)
{
	size_t len = strlen(release);

	for (size_t i = 0; i < sizeof(flavours) / sizeof(flavours[0]); i++) {
		size_t tail = strlen(flavours[i]);

		if (len > tail && strcmp(release + len - tail, flavours[i]) == 0)
			return len - tail;
	}
	return 0;
}

/* Length of "6.1" in "6.1.0-50-amd64"; 0 where it does not begin so. */
static size_t series_len(const char *release)
{
	size_t major = strspn(release, "0123456789"), minor;

	if (major == 0 || release[major] != '.')
		return 0;
	minor = strspn(release + major + 1, "0123456789");
	return minor ? major + 1 + minor : 0;
}

int debian_names_of(const char *release, struct debian_names *ret, struct oak_error *err)
{
	size_t base = base_len(release), series = series_len(release);
	int b = (int)base, s = (int)series;
	char(*n)[DEBIAN_NAMES_PER_PART][DEBIAN_NAME_MAX] = ret->name;

	/* The longest prefix and suffix around it must fit too. */
	if (base == 0 || series == 0 || strlen(release) > DEBIAN_NAME_MAX - 32)
		return oak_fail(err, OAK_E_USAGE,
				"'%s' is not a kernel release of Debian for amd64, such as "
				"6.1.0-50-amd64",
				release);
	*ret = (struct debian_names){ 0 };
	(void)snprintf(n[DEBIAN_IMAGE][0], DEBIAN_NAME_MAX, "linux-image-%s", release);
	(void)snprintf(n[DEBIAN_IMAGE][1], DEBIAN_NAME_MAX, "linux-image-%s-unsigned", release);
	(void)snprintf(n[DEBIAN_HEADERS][0], DEBIAN_NAME_MAX, "linux-headers-%s", release);
	(void)snprintf(n[DEBIAN_KBUILD][0], DEBIAN_NAME_MAX, "linux-kbuild-%.*s", s, release);
	(void)snprintf(n[DEBIAN_KBUILD][1], DEBIAN_NAME_MAX, "linux-kbuild-%.*s", b, release);
	(void)snprintf(n[DEBIAN_SOURCE][0], DEBIAN_NAME_MAX, "linux-source-%.*s", s, release);
	return 0;
}

/* The package of exactly that version; or, with @newer, of the one that follows it most closely. */
static const struct debian_package *find(const struct debian_index *x, const char *name,
					 const char *version, bool newer)
{
	const struct debian_package *best = NULL;

	for (size_t i = 0; i < x->n; i++) {
		const struct debian_package *p = &x->v[i];
		int d;

		if (strcmp(p->name, name) != 0)
			continue;
		d = debian_version_compare(p->version, version);
		if (d == 0)
			return p;
		if (newer && d > 0 &&
		    (!best || debian_version_compare(p->version, best->version) < 0))
			best = p;
	}
	return best;
}

bool debian_complete(const struct debian_index *x, const struct debian_names *names,
		     const char *version, const struct debian_package *ret[DEBIAN_PARTS],
		     const char **ret_missing)
{
	static const bool newer_serves[DEBIAN_PARTS] = { [DEBIAN_KBUILD] = true };

	for (int part = 0; part < DEBIAN_PARTS; part++) {
		const struct debian_package *found = NULL;

		for (int i = 0; i < DEBIAN_NAMES_PER_PART && !found; i++)
			found = find(x, names->name[part][i], version, newer_serves[part]);
		if (ret)
			ret[part] = found;
		if (!found) {
			if (ret_missing)
				*ret_missing = names->name[part][0];
			return false;
		}
	}
	return true;
}
