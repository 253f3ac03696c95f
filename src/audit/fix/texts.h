/* SPDX-License-Identifier: GPL-2.0-or-later */
/* texts: of settings files that others wrote, what a fix has to know and to change. Pure. */
#ifndef OAK_AUDIT_FIX_TEXTS_H
#define OAK_AUDIT_FIX_TEXTS_H

#include <stdbool.h>

#include "base/json.h"

/*
 * Does a file of sysctl.d leave the name with another value? Its last line of it counts, of which
 * "-net/ipv4/x = 1" is one as well. Source: sysctl.d(5).
 */
bool text_sets_otherwise(const char *text, const char *name, const char *value);

bool text_has_line(const char *text, const char *line);

/**
 * text_with_key() - settings of JSON with a key put, or taken out where the value is null
 * @text:    "" is none
 * @ret_had: a reference to what the key had, or null
 *
 * All other keys stay, in their order. NULL where the text is no object of JSON, or out of memory;
 * the caller frees.
 */
char *text_with_key(const char *text, unsigned indent, const char *key, json_t *value,
		    json_t **ret_had);

#endif
