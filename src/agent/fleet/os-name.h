/* SPDX-License-Identifier: GPL-2.0-or-later */
/* os-name: ID and VERSION_ID of os-release(5), below @root. "": not there, or no plain words. */
#ifndef OAK_AGENT_FLEET_OS_NAME_H
#define OAK_AGENT_FLEET_OS_NAME_H

#include <stddef.h>

#define OS_WORD_MAX 64

struct os_name {
	char id[OS_WORD_MAX], version[OS_WORD_MAX];
};

void os_name_read(int root, struct os_name *ret);

/* Pure. @key: "ID=" */
void os_name_find(const char *text, const char *key, char ret[OS_WORD_MAX]);

#endif
