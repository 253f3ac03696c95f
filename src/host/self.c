/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/self.h"

#include <linux/capability.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/process-age.h"

#define STATUS_MAX 65536

/* The text of a decimal or hexadecimal number, up to the first other character. */
static uint64_t read_number(const char *p, unsigned base)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t n = 0;

	for (; *p; p++) {
		const char *digit = strchr(digits, *p);

		if (!digit || (unsigned)(digit - digits) >= base)
			break;
		n = n * base + (unsigned)(digit - digits);
	}
	return n;
}

/* The number after "\n<key>:", in the given base (10 or 16); 0 where it is missing. */
static uint64_t status_number(int root, const char *key, unsigned base)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	const char *p;

	if (file_read(root, "proc/self/status", STATUS_MAX, &text, NULL) < 0)
		return 0;
	p = strstr(buf_str(&text), key);
	if (!p)
		return 0;
	p += strlen(key);
	return read_number(p + strspn(p, " \t"), base);
}

bool self_may_load_modules(int root)
{
	return (status_number(root, "\nCapEff:", 16) >> CAP_SYS_MODULE) & 1;
}

unsigned long self_peak_kib(int root)
{
	return status_number(root, "\nVmHWM:", 10);
}

double self_age_ms(int root)
{
	long ticks = sysconf(_SC_CLK_TCK);
	struct timespec now;
	uint64_t start;
	double ms;

	if (ticks <= 0 || clock_gettime(CLOCK_BOOTTIME, &now) < 0 ||
	    !process_start_ticks(root, "self", &start))
		return 0;
	ms = (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6 -
	     (double)start * 1e3 / (double)ticks;
	return ms > 0 ? ms : 0;
}
