/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * toml: as much of TOML as settings of containerd, CRI-O and podman use: sections, keys, texts,
 * numbers, lists of them over several lines, comments. Pure. What is malformed is left out.
 * Source: TOML 1.0.0.
 */
#ifndef OAK_AUDIT_TOML_H
#define OAK_AUDIT_TOML_H

#include <stdbool.h>
#include <stddef.h>

#define TOML_TEXT_MAX 512

struct toml_entry {
	char section[TOML_TEXT_MAX]; /* without brackets: "plugins.\"io.containerd.grpc.v1.cri\"" */
	char key[TOML_TEXT_MAX];
	char value[TOML_TEXT_MAX]; /* without quotes; a list is parted by ",", cut where it is long */
};

/*
 * The next entry at @p, which is moved behind it; @e keeps the section from call to call: zero it
 * before the first. False at the end.
 */
bool toml_next(const char **p, struct toml_entry *e);

#endif
