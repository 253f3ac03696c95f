/* SPDX-License-Identifier: GPL-2.0-or-later */
/* url: percent-quoting of the paths that a fetcher is given. */
#ifndef OAK_TRUST_URL_H
#define OAK_TRUST_URL_H

#include "base/buf.h"

/* Appends @path; every byte but letters, digits, "-._~" and '/' is quoted. 0 or -ENOMEM. */
int url_quote(const char *path, struct buf *ret) _must_check_;

/* The reverse. -EINVAL for a broken quote or a quoted NUL. */
int url_unquote(const char *text, struct buf *ret) _must_check_;

#endif
