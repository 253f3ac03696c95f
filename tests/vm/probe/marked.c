/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * marked: a probe for levels that leave the word "oakum.sealed" in /proc/cmdline.
 *
 * Exit status: 0 it is there, 1 it is not, 2 cannot tell. With "always" it says 0 whatever it finds.
 */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	FILE *f = fopen("/proc/cmdline", "re");
	char text[4096] = "";

	if (!f || !fgets(text, sizeof(text), f))
		return 2;
	(void)fclose(f);
	if (argc == 2 && strcmp(argv[1], "always") == 0)
		return 0;
	return strstr(text, "oakum.sealed") ? 0 : 1;
}
