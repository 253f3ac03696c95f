/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * go-build: the version of a program of Go, from what its linker left in it: the version of the
 * main module, else the variable that the project's own build sets (-ldflags "-X
 * main.version=1.1.12").
 *
 * The file is not run. Source: Go's debug/buildinfo, for what Go 1.18 and later write.
 */
#ifndef OAK_AUDIT_GO_BUILD_H
#define OAK_AUDIT_GO_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GO_VERSION_MAX 64

/* The version in a program's file; false where it tells none. Reads no more than its parts. */
bool go_build_version(int root, const char *path, char ret[GO_VERSION_MAX]);

/* @data: begins at the magic of the build information. Pure. */
bool go_build_parse(const uint8_t *data, size_t len, char ret[GO_VERSION_MAX]);

#endif
