/* SPDX-License-Identifier: GPL-2.0-or-later */
/* api-priv: what the files of this folder share with its tests alone. */
#ifndef OAK_FLEET_API_API_PRIV_H
#define OAK_FLEET_API_API_PRIV_H

#include <stdbool.h>

#define API_ETAG_MAX 40

bool api_etag_listed(const char *list, const char *etag);

#endif
