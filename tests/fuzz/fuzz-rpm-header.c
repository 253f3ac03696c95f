/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A package's header in rpm's database: what it tells is whole and lies within the bytes. */
#include "fuzz.h"

#include <string.h>

#include "audit/rpm-header.h"
#include "base/cleanup.h"

static const enum rpm_tag tags[] = { RPM_NAME,           RPM_VERSION,   RPM_RELEASE,
				     RPM_EPOCH,          RPM_DIR_NAMES, RPM_CHANGELOG_NAME,
				     RPM_CHANGELOG_TEXT, RPM_BASE_NAMES };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(buf_free) struct buf log = { 0 };
	const char *end = (const char *)data + size, *text;
	struct rpm_header h;
	char path[256];

	if (!rpm_header_parse(data, size, &h))
		return 0;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		struct rpm_texts t = rpm_header_texts(&h, tags[i]);

		while ((text = rpm_texts_next(&t)))
			FUZZ_CHECK(text >= (const char *)data && text + strlen(text) < end);
	}
	for (size_t i = 0; i < 4; i++)
		if (rpm_header_file(&h, i, path, sizeof(path)))
			FUZZ_CHECK(strlen(path) < sizeof(path));
	if (rpm_header_version(&h, path, 32))
		FUZZ_CHECK(strlen(path) < 32 && strchr(path, '-'));
	FUZZ_CHECK(rpm_header_changelog(&h, 4096, &log) == 0);
	/* No line but ours begins an entry. */
	for (text = buf_str(&log); *text; text += strcspn(text, "\n") + 1)
		FUZZ_CHECK(strncmp(text, "package (", 9) == 0 || strncmp(text, "  ", 2) == 0);
	return 0;
}
