/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fleet/os-name.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "trust/fleet/members.h"

#define OS_RELEASE_MAX 65536

void os_name_find(const char *text, const char *key, char ret[OS_WORD_MAX])
{
	ret[0] = '\0';
	while (*text) {
		size_t len = strcspn(text, "\n"), n = strlen(key);

		if (len > n && strncmp(text, key, n) == 0) {
			text += n;
			len -= n;
			if (len >= 2 && (*text == '"' || *text == '\'') && text[len - 1] == *text) {
				text++;
				len -= 2;
			}
			if (len && len < OS_WORD_MAX) {
				memcpy(ret, text, len);
				ret[len] = '\0';
			}
			if (!text_follows(ret, &fleet_word))
				ret[0] = '\0';
			return;
		}
		text += len + (text[len] == '\n');
	}
}

void os_name_read(int root, struct os_name *ret)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	*ret = (struct os_name){ .id = "" };
	if (file_read(root, "etc/os-release", OS_RELEASE_MAX, &text, NULL) < 0 &&
	    file_read(root, "usr/lib/os-release", OS_RELEASE_MAX, &text, NULL) < 0)
		return;
	os_name_find(buf_str(&text), "ID=", ret->id);
	os_name_find(buf_str(&text), "VERSION_ID=", ret->version);
}
