/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kconfig: the configuration a kernel was built with, from /boot/config-<release> or, where it is
 * not there, /proc/config.gz.
 */
#ifndef OAK_AUDIT_KCONFIG_H
#define OAK_AUDIT_KCONFIG_H

#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

#define KCONFIG_MAX (4u << 20) /* measured: 280 KB (Debian) */

struct kconfig {
	char path[128];  /* for evidence: "/boot/config-6.1.0-50-amd64"; "" where there is none */
	struct buf text; /* lines became texts: their ends are NUL */
	struct kconfig_option {
		const char *name;  /* without CONFIG_ */
		const char *value; /* "y", "m", a number, a text without quotes; "n": is not set */
	} * options;               /* by name */
	size_t n;
};

/* What is not there leaves @ret empty; no error but OAK_E_NOMEM. */
int kconfig_read(int root, const char *release, struct kconfig *ret, struct oak_error *err)
	_must_check_;
void kconfig_clear(struct kconfig *k); /* also the guard */

/* Takes over @text. Pure; lines that are none of a configuration are left out. */
int kconfig_parse(struct buf *text, struct kconfig *ret, struct oak_error *err) _must_check_;

/* The value; NULL where the option is not mentioned, which means that this kernel has none. */
const char *kconfig_get(const struct kconfig *k, const char *name);

#endif
