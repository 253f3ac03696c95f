/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The listener of tests/unit/http-loop.h as a program: http-serve REPOSITORY [CERTIFICATE KEY]. Prints its
 * port, ends with its standard input.
 */
#include <stdio.h>
#include <sys/resource.h>

#include "../unit/http-loop.h"

int main(int argc, char **argv)
{
	const struct server_settings settings = { .plain = argc<4, .repository = argc> 1 ? argv[1]
											 : NULL,
						  .certificate = argc > 3 ? argv[2] : NULL,
						  .key = argc > 3 ? argv[3] : NULL };
	struct loop s;

	(void)setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 100000, 100000 });
	loop_start_with(&s, &(struct listener_limits){ .connections = 30000, .per_address = 30000 },
			&settings);
	(void)printf("%u\n", s.port);
	(void)fflush(stdout);
	(void)getchar();
	loop_stop(&s);
	return 0;
}
