/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/self.h"

#include <linux/capability.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"

#define STATUS_MAX 65536

/* The number after "\n<key>:", in the given base (10 or 16); 0 where it is missing. */
static uint64_t status_number(int root, const char *key, unsigned base)
{
	static const char digits[] = "0123456789abcdef";
	_cleanup_(buf_free) struct buf text = { 0 };
	struct oak_error err;
	uint64_t n = 0;
	const char *p;

	if (file_read(root, "proc/self/status", STATUS_MAX, &text, &err) < 0)
		return 0;
	p = strstr(buf_str(&text), key);
	if (!p)
		return 0;
	for (p += strlen(key); *p == ' ' || *p == '\t';)
		p++;
	for (; *p; p++) {
		const char *digit = strchr(digits, *p);

		if (!digit || (unsigned)(digit - digits) >= base)
			break;
		n = n * base + (unsigned)(digit - digits);
	}
	return n;
}

bool self_may_load_modules(int root)
{
	return (status_number(root, "\nCapEff:", 16) >> CAP_SYS_MODULE) & 1;
}

unsigned long self_peak_kib(int root)
{
	return status_number(root, "\nVmHWM:", 10);
}
