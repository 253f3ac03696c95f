/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file-cache: small files that were read within the last second: timestamp.json, which every host asks for. At
 * most FILE_CACHE_SLOTS files of FILE_CACHE_BYTES_MAX; a new version is seen after a second at the latest.
 */
#ifndef OAK_FLEET_HTTP_FILE_CACHE_H
#define OAK_FLEET_HTTP_FILE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"

#define FILE_CACHE_SLOTS     64
#define FILE_CACHE_BYTES_MAX 8192

struct file_facts {
	uint64_t size;
	char etag[64], date[32];
};

struct file_cache;

struct file_cache *file_cache_new(void); /* NULL: out of memory */
void file_cache_free(struct file_cache *c);
DEFINE_CLEANUP(struct file_cache *, file_cache_free)

/* @ret_body: empty; the bytes are added. @c NULL: nothing is there. Return: false: not there, or too old. */
bool file_cache_get(struct file_cache *c, const char *path, struct file_facts *ret,
		    struct buf *ret_body);

/* What was just read; larger files and longer paths are left out. */
void file_cache_put(struct file_cache *c, const char *path, const struct file_facts *facts,
		    const void *data);

#endif
