/* SPDX-License-Identifier: GPL-2.0-or-later */
/* patches-view: which level of which kernel is where, and what each fixes. Pure; NULL: out of memory. */
#ifndef OAK_FLEET_WEB_PATCHES_VIEW_H
#define OAK_FLEET_WEB_PATCHES_VIEW_H

#include <stdint.h>

#include <jansson.h>

/*
 * GET /api/v1/matrix as a table for each kernel: {"rings": [{"name","href"}], "kernels": [{"release","build_id",
 * "href","hosts_text","levels": [{..., "cells": [{"n_text","href","rest","tone"}]}]}]}
 */
json_t *patches_view(const json_t *matrix, int64_t now_s);

/* One level out of GET /api/v1/levels; null where there is none such. "fresh": CVEs that the level before it has not. */
json_t *patch_view(const json_t *levels, const char *build_id, int64_t level, int64_t now_s);

/* [{"ring","n_text","href","rest"}]: where it is. */
json_t *patch_rings_view(const json_t *matrix, const char *build_id, int64_t level);

#endif
