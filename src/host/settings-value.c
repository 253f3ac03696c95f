/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/settings-value.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/number.h"
#include "trust/date.h"
#include "trust/manifest.h"

int pin_parse(const char *text, struct settings_pin *ret)
{
	struct settings_pin pin = { 0 };
	char end[DATE_TEXT_MAX];

	if (number_parse_u32(text, &pin.level) == 0) {
		if (pin.level < 1 || pin.level > MANIFEST_LEVEL_MAX)
			return -EINVAL;
	} else if (strcmp(text, "none") != 0) {
		if (strlen(text) != strlen("2026-11-01"))
			return -EINVAL;
		(void)snprintf(end, sizeof(end), "%.10sT23:59:59Z", text);
		if (date_parse(end, &pin.until_s) < 0)
			return -EINVAL;
	}
	*ret = pin;
	return 0;
}

void pin_format(const struct settings_pin *pin, char ret[VALUE_TEXT_MAX])
{
	char date[DATE_TEXT_MAX];

	date_format(pin->until_s, date);
	if (pin->level)
		(void)snprintf(ret, VALUE_TEXT_MAX, "%u", pin->level);
	else
		(void)snprintf(ret, VALUE_TEXT_MAX, "%.10s", pin->until_s ? date : "none");
}
