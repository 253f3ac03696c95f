/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/platform.h"

#include <stddef.h>

const char *const platform_programs[] = {
	"dockerd",
	"containerd",
	"runc",
	NULL,
};
