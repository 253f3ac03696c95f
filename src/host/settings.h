/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings: /etc/oakum/oakum.conf.
 *
 *	# where levels come from
 *	repository = https://patches.example.org/oakum/
 *	mirrors = https://eu.example.org/oakum/ https://us.example.org/oakum/
 *	channel = stable
 *	ca = /etc/oakum/ca.pem
 *	proxy = http://proxy.example.org:3128
 *
 * Read by inih: lines "key = value" of at most 198 bytes, comments begin with '#' or ';'. An
 * unknown key, a bad value, a key given twice is one error with file and line, and nothing is
 * used of such a file.
 *
 * To add a key: a member of struct settings, a row in the table in settings.c.
 */
#ifndef OAK_HOST_SETTINGS_H
#define OAK_HOST_SETTINGS_H

#include <stddef.h>

#include "base/error.h"

#define SETTINGS_PATH      "etc/oakum/oakum.conf"
#define SETTINGS_BYTES_MAX 65536

struct settings {
	char *repository; /* NULL: not set */
	char *mirrors;    /* NULL: none; URLs as above, with blanks between */
	char *channel;    /* NULL: any */
	char *ca;         /* NULL: certificates as the system trusts them */
	char *proxy;      /* NULL: by the environment */
};

/**
 * settings_parse() - add the settings of one file to @settings
 * @name: of the file, for messages: "<name>:<line>: ..."
 *
 * Pure. Fuzzed by tests/fuzz/fuzz-settings.c. Errors: OAK_E_FORMAT, OAK_E_NOMEM.
 */
int settings_parse(const char *name, const void *data, size_t len, struct settings *settings,
		   struct oak_error *err) _must_check_;

/* Reads SETTINGS_PATH below @root; a missing file leaves everything unset. */
int settings_read(int root, struct settings *ret, struct oak_error *err) _must_check_;

/* Checks one value as the file would, for the command line. Errors: OAK_E_USAGE. */
int settings_check(const char *key, const char *value, struct oak_error *err) _must_check_;

void settings_free(struct settings *s); /* also the guard */

#endif
