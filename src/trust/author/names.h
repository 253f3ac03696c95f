/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * names: how roles are called and what their files are. A role that targets.json delegates to is
 * one bin of kernels: "kernels-0a" vouches for those whose build-id begins with 0a, with all their
 * levels. A build-id is a hash already, so the bins fill evenly, and a host needs one of them
 * (docs/decisions/0012).
 */
#ifndef OAK_TRUST_AUTHOR_NAMES_H
#define OAK_TRUST_AUTHOR_NAMES_H

#include <stddef.h>

#include "trust/metadata.h"

#define ROLE_FILE_MAX (ROLE_NAME_MAX + 32)

#define BINS_DIGITS_MAX 3 /* hexadecimal digits of a build-id: 4096 bins */

enum tuf_role role_of_name(const char *name);              /* TUF_TARGETS for all but three */
void role_file(const char *name, char ret[ROLE_FILE_MAX]); /* "<name>.json" */

/* "<version>.<name>.json", but "timestamp.json". */
void role_published_file(const char *name, uint64_t version, char ret[ROLE_FILE_MAX]);

/* The name of bin @i of 16^digits, and the patterns of the paths that it vouches for. */
void bin_name(unsigned i, unsigned digits, char ret[ROLE_NAME_MAX]);
json_t *bin_patterns(unsigned i, unsigned digits);

#endif
