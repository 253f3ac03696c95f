/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * platform: the programs that containers stand on, in which version they are here, and in which
 * versions their flaws are fixed.
 *
 * What counts is the file that a process executes. Its version is that of the package that owns
 * the file; of a file that no package of the component owns, what its build left in it. Whether a
 * package is fixed its distribution knows: by the table of what Debian fixed, else by the package's
 * own changelog; the ranges of upstream decide only where neither names the flaw. Changelogs of rpm
 * are cut by age and often name a ticket in place of a flaw: there such a range is a doubt, but for
 * packages that the project itself builds.
 */
#ifndef OAK_AUDIT_PLATFORM_H
#define OAK_AUDIT_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>

#include "audit/dpkg.h"
#include "audit/go-build.h"
#include "audit/programs.h"
#include "audit/rpm.h"

struct platform_component {
	const char *name;            /* "docker" */
	const char *const *programs; /* file names; ends with NULL */
	const char *const *packages; /* that carry the component's version; ends with NULL */
};

extern const struct platform_component platform_components[];
extern const size_t platform_n_components;

/* Names of all programs that are looked for; ends with NULL. */
extern const char *const platform_programs[];

struct platform_cve {
	const char *component;
	const char *id;
	const char *introduced; /* "0;1.2.0-rc.1": ranges [introduced, fixed), parted by ";" */
	const char *fixed;      /* "?": not known, of both */
};

enum platform_answer {
	PLATFORM_FIXED,
	PLATFORM_AFFECTED,
	PLATFORM_DOUBTFUL, /* in a range, and the package's distribution may have fixed it */
	PLATFORM_UNKNOWN,
};

/* What the ranges of upstream say of a version. Pure. */
enum platform_answer platform_compare(const struct platform_cve *cve, const char *version);

/*
 * The version of Debian's package that fixes it, where upstream's ranges say otherwise; NULL where
 * the table has none. It holds for packages of the same upstream version only.
 */
const char *platform_debian_fix(const char *package, const char *id);

/* Of the same upstream version, and not older? Pure. */
bool platform_has_debian_fix(const char *version, const char *fix);

/* A package that a distribution makes: it may be fixed though its version is not. Pure. */
bool platform_may_backport(const char *package);

/* One file of a component. */
struct platform_binary {
	const struct platform_component *component;
	const struct program_found *program; /* borrowed */
	char package[DPKG_NAME_MAX];         /* "" where none owns it */
	char package_version[DPKG_VERSION_MAX];
	const char *database; /* where the package stands: "/var/lib/dpkg/status" */
	bool is_rpm;
	bool is_components;             /* the package carries the component's own version */
	char version[DPKG_VERSION_MAX]; /* upstream; "" where nothing tells */
	const char *source;             /* what tells: "the package runc" */
	struct buf changelog;
};

struct platform {
	struct platform_binary *v;
	size_t n;
	char why[RPM_WHY_MAX]; /* why nobody knows which package of rpm has a file; "" */
};

int platform_read(int root, const struct programs *p, struct platform *ret, struct oak_error *err)
	_must_check_;
void platform_clear(struct platform *p); /* zero is fine */

#endif
