/* SPDX-License-Identifier: GPL-2.0-or-later */
/* preflight-room: what the host has left: disk, memory, and time of its own. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/preflight-priv.h"
#include "host/psi.h"

#define DISK_RESERVE   (1u << 20)  /* metadata, journal, the temporary copy's rounding */
#define MEMORY_RESERVE (16u << 20) /* the kernel's own tables of a module, and some air */
#define MEMINFO_MAX    65536

void preflight_disk(const struct preflight_subject *s, struct preflight_row *row)
{
	/* The kernel's copy is not on disk; ours is there twice while it is put in place. */
	uint64_t want = DISK_RESERVE + (s->m ? 2 * s->m->module.size : 0);
	_cleanup_(closep) int fd = openat(s->h->root, "var/lib", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct statvfs v;
	uint64_t have;

	if (s->opt.stored) {
		preflight_say(row, PREFLIGHT_PASS, OAK_OK, "the level is on the disk");
		return;
	}
	if (fd < 0 || fstatvfs(fd, &v) < 0) {
		preflight_say(row, PREFLIGHT_UNKNOWN, OAK_OK, "/var/lib: %s", strerror(errno));
		return;
	}
	have = (uint64_t)v.f_bavail * v.f_frsize;
	if (have < want)
		preflight_say(row, PREFLIGHT_FAIL, OAK_E_REFUSED,
			      "/var/lib has %" PRIu64 " KiB free, level and journal need %" PRIu64
			      " KiB",
			      have / 1024, want / 1024);
	else
		preflight_say(row, PREFLIGHT_PASS, OAK_OK, "/var/lib has room");
}

/* Pure: "MemAvailable:   12345 kB". Return: bytes, or 0 where it is not said. */
static uint64_t available(const char *meminfo)
{
	static const char key[] = "MemAvailable:";
	const char *p = strstr(meminfo, key);
	uint64_t kib = 0;

	if (!p || (p != meminfo && p[-1] != '\n'))
		return 0;
	for (p += sizeof(key) - 1; *p == ' '; p++)
		;
	for (; *p >= '0' && *p <= '9' && kib < UINT64_MAX / 1024 / 10 - 9; p++)
		kib = kib * 10 + (uint64_t)(*p - '0');
	return kib * 1024;
}

/*
 * The module is there three times: our sealed copy, the kernel's copy of the file, and what stays.
 * Nobody is to be killed for it.
 */
void preflight_memory(const struct preflight_subject *s, struct preflight_row *row)
{
	uint64_t want = MEMORY_RESERVE + (s->m ? 3 * s->m->module.size : 0), have;
	_cleanup_(buf_free) struct buf text = { 0 };

	have = file_read(s->h->root, "proc/meminfo", MEMINFO_MAX, &text, NULL) == 0
		       ? available(buf_str(&text))
		       : 0;
	if (!have)
		preflight_say(row, PREFLIGHT_UNKNOWN, OAK_OK,
			      "/proc/meminfo does not tell how much memory is available");
	else if (have < want)
		preflight_say(row, PREFLIGHT_FAIL, OAK_E_AGAIN,
			      "%" PRIu64 " MiB of memory are available, loading takes %" PRIu64
			      " MiB: try again later",
			      have >> 20, (want + (1u << 20) - 1) >> 20);
	else
		preflight_say(row, PREFLIGHT_PASS, OAK_OK, "memory suffices");
}

void preflight_pressure(const struct preflight_subject *s, struct preflight_row *row)
{
	unsigned limit = s->opt.pressure_percent, n = 0;

	if (!limit) {
		preflight_say(row, PREFLIGHT_PASS, OAK_OK, "no limit of pressure is set");
		return;
	}
	for (enum psi_resource i = 0; i < PSI_N; i++) {
		struct psi psi = psi_read(s->h->root, i);

		n += psi.known;
		if (!psi.known || psi.avg10 <= limit)
			continue;
		preflight_say(row, PREFLIGHT_FAIL, OAK_E_AGAIN,
			      "the host is busy: tasks waited for %s %.0f %% of the last 10 s, the "
			      "limit is %u %% (pressure): try again later",
			      psi_name(i), psi.avg10, limit);
		return;
	}
	if (n)
		preflight_say(row, PREFLIGHT_PASS, OAK_OK, "pressure is below %u %%", limit);
	else
		preflight_say(row, PREFLIGHT_UNKNOWN, OAK_OK,
			      "the kernel does not tell its pressure (CONFIG_PSI, psi=1)");
}
