/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notes: the GNU build-id in a run of ELF notes, such as /sys/kernel/notes.
 *
 * Pure. Fuzzed by tests/fuzz/fuzz-notes.c.
 * Source: elf(5), "Notes (Nhdr)": three 32-bit words in host order (name size, descriptor size,
 * type), then name and descriptor, each padded to 4 bytes.
 */
#ifndef OAK_HOST_NOTES_H
#define OAK_HOST_NOTES_H

#include <stddef.h>

#include "base/error.h"

#define BUILD_ID_BYTES_MIN 8 /* ld --build-id=uuid makes 16, sha1 20; less names nothing */
#define BUILD_ID_BYTES_MAX 64
#define BUILD_ID_HEX_MAX   (2 * BUILD_ID_BYTES_MAX + 1)

/**
 * notes_find_build_id() - the first note "GNU" of type NT_GNU_BUILD_ID
 * @ret: lower-case hexadecimal; untouched on failure
 *
 * Errors: OAK_E_FORMAT (a note is cut off, the build-id is too short or long),
 * OAK_E_NOTFOUND (no such note).
 */
int notes_find_build_id(const void *data, size_t len, char ret[BUILD_ID_HEX_MAX],
			struct oak_error *err) _must_check_;

#endif
