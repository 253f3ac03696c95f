/* SPDX-License-Identifier: GPL-2.0-or-later */
/* include-scan: reads a source tree for include-graph. */
#ifndef OAK_BUILD_INCLUDE_SCAN_H
#define OAK_BUILD_INCLUDE_SCAN_H

#include "base/buf.h"

/*
 * Appends "FILES INCLUDES\n", the sorted paths, a line each, and for each of them the number of
 * its includes and, a line each, their indexes. Errors: OAK_E_IO, OAK_E_NOMEM.
 */
int include_scan(const char *source, struct buf *ret, struct oak_error *err) _must_check_;

#endif
