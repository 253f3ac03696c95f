/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bundle: a repository, or some kernels of it, as one file for a site without a network.
 *
 * A tar archive compressed with zstd, of the very files that a web server would serve. Nothing is
 * signed anew: the metadata inside is, and importing holds it to the rules of any refresh: root
 * chain, rollback, expiry, hashes. The site serves the directory that the bundle was imported into,
 * or its hosts read it ("repository = /srv/oakum").
 */
#ifndef OAK_TRUST_AUTHOR_BUNDLE_H
#define OAK_TRUST_AUTHOR_BUNDLE_H

#include <stddef.h>
#include <stdint.h>

#include "trust/author/author.h"

#define BUNDLE_FILE_MAX  (64u << 20)   /* bytes of one file in it */
#define BUNDLE_BYTES_MAX (16ull << 30) /* of all of them */
#define BUNDLE_FILES_MAX 1000000u

struct bundle_sum {
	size_t files;
	uint64_t bytes;
	uint64_t timestamp_version;
	char expires[21]; /* of the timestamp: until then it can be imported */
};

/**
 * bundle_export() - write what hosts need
 * @opt:     dir, now_s and progress alone are looked at
 * @kernels: build-ids; NULL with @n 0: all
 *
 * Verifies what it writes; takes the publisher's lock, so that it never sees half a publishing.
 * Errors: OAK_E_NOTFOUND (a kernel without levels), OAK_E_TRUST (expired among them), OAK_E_IO.
 */
int bundle_export(const struct repo_options *opt, const char *file, const char *const *kernels,
		  size_t n, struct bundle_sum *ret, struct oak_error *err) _must_check_;

/**
 * bundle_import() - verify a bundle and put its files into a directory
 * @root: the trusted root.json for a directory that is empty; NULL: the one that is there
 *
 * Errors: OAK_E_FORMAT (not such an archive, an unsafe name), OAK_E_TRUST, OAK_E_REFUSED (no root
 * to start from), OAK_E_NOTHING (there already), OAK_E_IO. On failure the directory is as before.
 */
int bundle_import(const struct repo_options *opt, const char *file, const char *root,
		  struct bundle_sum *ret, struct oak_error *err) _must_check_;

#endif
