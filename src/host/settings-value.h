/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings-value: the forms of a pin: "7", "2026-11-01"; those of times are in base/words.h. Pure.
 *
 * Parsers return 0 or -EINVAL; what is written is parsed again to the same.
 */
#ifndef OAK_HOST_SETTINGS_VALUE_H
#define OAK_HOST_SETTINGS_VALUE_H

#include "base/buf.h"
#include "host/settings.h"

#define VALUE_TEXT_MAX 32 /* with the NUL */

/* A level (1 and up), a day, or "none". */
int pin_parse(const char *text, struct settings_pin *ret) _must_check_;
void pin_format(const struct settings_pin *pin, char ret[VALUE_TEXT_MAX]);

#endif
