/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust/url.h"

#include <errno.h>
#include <string.h>

#include "base/hash.h"

static const char unreserved[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789-._~/";

int url_quote(const char *path, struct buf *ret)
{
	for (;;) {
		size_t n = strspn(path, unreserved);
		int r = buf_add(ret, path, n);

		path += n;
		if (r < 0 || !*path)
			return r;
		r = buf_printf(ret, "%%%02X", (unsigned)(unsigned char)*path++);
		if (r < 0)
			return r;
	}
}

int url_unquote(const char *text, struct buf *ret)
{
	for (;;) {
		size_t n = strcspn(text, "%");
		int r = buf_add(ret, text, n);
		uint8_t byte;
		char digits[3] = { 0 };

		text += n;
		if (r < 0 || !*text)
			return r;
		if (strnlen(text, 3) < 3)
			return -EINVAL;
		memcpy(digits, text + 1, 2);
		if (hex_decode(digits, &byte, 1) != 1 || byte == 0)
			return -EINVAL;
		r = buf_add(ret, &byte, 1);
		if (r < 0)
			return r;
		text += 3;
	}
}
