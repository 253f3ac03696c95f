/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/safe-name.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "trust/url.h"

#define FILE_NAME_BYTES_MAX 240 /* of 255: file_write() wants room for its temporary */

int safe_url_part(const char *name, struct buf *ret)
{
	for (;;) {
		size_t n = strcspn(name, "/");
		_cleanup_(freep) char *part = strndup(name, n);
		int r = part ? url_quote(part, ret) : -ENOMEM;

		if (r < 0 || !name[n])
			return r;
		r = buf_add_str(ret, "%2F");
		if (r < 0)
			return r;
		name += n + 1;
	}
}

int safe_file_name(const char *name, const char *suffix, struct buf *ret)
{
	_cleanup_(buf_free) struct buf quoted = { 0 };
	char hex[SHA256_HEX_MAX];
	bool hidden = name[0] == '.';
	int r = hidden ? buf_add_str(&quoted, "%2E") : 0;

	if (r == 0)
		r = safe_url_part(name + hidden, &quoted);
	if (r < 0)
		return r;
	if (quoted.len <= FILE_NAME_BYTES_MAX)
		return buf_printf(ret, "%s%s", buf_str(&quoted), suffix);
	sha256_hex(name, strlen(name), hex);
	return buf_printf(ret, "=%s%s", hex, suffix);
}
