/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * http-idle PORT N PID: N connections that each asked once and then stay. Prints how many were answered, and
 * the memory of the server (VmRSS, KiB) while they are there.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../unit/http-raw.h"
#include "decimal.h"

static long memory_of(const char *pid)
{
	char path[64], line[256];
	uint64_t kib = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/status", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, "VmRSS:", 6) == 0)
			(void)decimal_read(line + 6, &kib);
	if (f)
		(void)fclose(f);
	return (long)kib;
}

int main(int argc, char **argv)
{
	const struct rlimit files = { 100000, 100000 };
	uint64_t number = 0, many = 0;
	long n, answered = 0;
	uint16_t port;
	char got[4096];
	int *fds;

	if (argc != 4 || !decimal_read(argv[1], &number) || number > UINT16_MAX ||
	    !decimal_read(argv[2], &many))
		return 2;
	port = (uint16_t)number;
	n = (long)many;
	fds = calloc((size_t)n + 1, sizeof(*fds));
	(void)setrlimit(RLIMIT_NOFILE, &files);
	for (long i = 0; fds && i < n; i++) {
		fds[i] = raw_connect(port);
		raw_send(fds[i], "GET /v1/decisions/default.json HTTP/1.1\r\nHost: x\r\n\r\n");
		if (raw_is_readable(fds[i], 10000) && recv(fds[i], got, sizeof(got), 0) > 12 &&
		    memcmp(got, "HTTP/1.1 200", 12) == 0)
			answered++;
	}
	(void)printf("%ld %ld\n", answered, memory_of(argv[3]));
	free(fds);
	return answered ? 0 : 1;
}
