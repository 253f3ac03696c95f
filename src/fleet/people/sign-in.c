/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet/http/route.h"

const struct route routes_sign_in[] = {
	{ .method = NULL },
};
