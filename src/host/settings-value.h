/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings-value: the forms of values: "24h", "7", "2026-11-01", "Mon-Fri 22:00-04:00". Pure.
 *
 * Parsers return 0 or -EINVAL; what is written is parsed again to the same.
 */
#ifndef OAK_HOST_SETTINGS_VALUE_H
#define OAK_HOST_SETTINGS_VALUE_H

#include "base/buf.h"
#include "host/settings.h"

#define VALUE_TEXT_MAX 32 /* of a duration or a pin, with the NUL */

/* A number and s, m, h or d; a 0 needs no unit. At most 32 bits of seconds. */
int duration_parse(const char *text, uint32_t *ret_s) _must_check_;
void duration_format(uint32_t s, char ret[VALUE_TEXT_MAX]); /* in the largest unit that is whole */

/* A level (1 and up), a day, or "none". */
int pin_parse(const char *text, struct settings_pin *ret) _must_check_;
void pin_format(const struct settings_pin *pin, char ret[VALUE_TEXT_MAX]);

/* "<days> <hh:mm>-<hh:mm>; ...", or "any": none. @ret has SETTINGS_WINDOWS_MAX. */
int windows_parse(const char *text, struct settings_window *ret, size_t *ret_n) _must_check_;
int windows_format(const struct settings_window *v, size_t n, struct buf *ret) _must_check_;

#endif
