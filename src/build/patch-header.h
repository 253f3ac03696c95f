/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * patch-header: include/oakum/patch.h, which fixes may include.
 *
 * It is part of the program, so that a level is made with the header that its builder understands,
 * wherever the program lies.
 */
#ifndef OAK_BUILD_PATCH_HEADER_H
#define OAK_BUILD_PATCH_HEADER_H

#include "base/error.h"

/**
 * patch_header_write() - put the header where sources of a tree find <oakum/patch.h>
 * @tree: a work tree; nothing is written where the same text is there
 */
int patch_header_write(const char *tree, struct oak_error *err) _must_check_;

#endif
