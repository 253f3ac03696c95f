/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * local-path: may a browser be led there after signing in? Only to a page of ours: a link to /login must never be
 * a way to somebody else's page that looks like ours ("open redirect").
 */
#ifndef OAK_FLEET_PEOPLE_LOCAL_PATH_H
#define OAK_FLEET_PEOPLE_LOCAL_PATH_H

#include <stdbool.h>

#define LOCAL_PATH_MAX 512u /* bytes */

/*
 * Pure. "/hosts?q=a": begins with one slash, printable ASCII without blanks, backslashes and quotes, at most
 * LOCAL_PATH_MAX bytes, no "//" and no encoded slash, backslash or control character before the query; not a page
 * of signing in itself, which would lead round and round. Browsers read "\" as "/" and drop tabs and newlines
 * (WHATWG URL, 4.4), so none of these is let through. Fuzzed by tests/fuzz/fuzz-local-path.c.
 */
bool local_path(const char *path);

/* @path where that is one, else "/". */
const char *local_path_or_home(const char *path);

#endif
