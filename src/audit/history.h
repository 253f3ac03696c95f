/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * history: what one step of an image's history did ("created_by"), as builders write it:
 * "/bin/sh -c apt-get update && ...", "RUN /bin/sh -c ... # buildkit", "ADD https://... /x # buildkit",
 * "/bin/sh -c #(nop) ADD file:0123 in / ". Pure.
 */
#ifndef OAK_AUDIT_HISTORY_H
#define OAK_AUDIT_HISTORY_H

#include <stdbool.h>

/* It updates lists of packages, and installs nothing: the next step finds them cached and old. */
bool history_only_updates(const char *step);

/* It is an ADD: @ret_fetches says whether of a URL. */
bool history_adds(const char *step, bool *ret_fetches);

#endif
