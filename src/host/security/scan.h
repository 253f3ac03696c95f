/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scan: numbers within a text of the kernel; each moves @p behind what it took. Pure. */
#ifndef OAK_HOST_SECURITY_SCAN_H
#define OAK_HOST_SECURITY_SCAN_H

#include <stdbool.h>
#include <stdint.h>

/* Blanks and tabs, then digits of base 10 or 16. False without a digit, or with too many. */
bool scan_u64(const char **p, unsigned base, uint64_t *ret);
bool scan_u32(const char **p, unsigned base, uint32_t *ret);

/* Exactly this character. */
bool scan_char(const char **p, char c);

/* To the line after; at the end of the text "". */
void scan_next_line(const char **p);

#endif
