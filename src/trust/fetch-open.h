/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fetch-open: one open function a transport; called through the table of fetch.c only. */
#ifndef OAK_TRUST_FETCH_OPEN_H
#define OAK_TRUST_FETCH_OPEN_H

#include "trust/fetch.h"

/* @url: a directory, with or without "file://". */
int fetch_file_open(const char *url, const struct fetch_options *opt, struct fetcher *ret,
		    struct oak_error *err) _must_check_;
int fetch_http_open(const char *url, const struct fetch_options *opt, struct fetcher *ret,
		    struct oak_error *err) _must_check_;

#endif
