/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * containers: a survey of the host's containers as a table, a page and a document. Pure; "oakum
 * containers" prints them.
 */
#ifndef OAK_CLI_CONTAINERS_H
#define OAK_CLI_CONTAINERS_H

#include <jansson.h>

#include "base/buf.h"
#include "cli/cli.h"
#include "host/security/survey.h"

/* One line a container, the worst first, and a line that counts. */
int containers_table(const struct cli *cli, const struct survey *s, struct buf *ret,
		     struct oak_error *err) _must_check_;

/* All about one. */
int containers_page(const struct cli *cli, const struct surveyed *v, struct buf *ret,
		    struct oak_error *err) _must_check_;

/* The members are in docs/formats/containers.md. NULL when out of memory. */
json_t *containers_json(const struct survey *s);
json_t *container_json(const struct surveyed *v);

/* Words of a cell, "" or "-" where there is nothing to say; more than @size is cut. */
#define CONTAINERS_CELL_MAX 256
void containers_append(char ret[CONTAINERS_CELL_MAX], const char *text);
void containers_root_text(const struct security *s, char ret[CONTAINERS_CELL_MAX]);
void containers_caps_text(const struct security *s, char ret[CONTAINERS_CELL_MAX]);
void containers_namespaces_text(const struct security *s, char ret[CONTAINERS_CELL_MAX]);
void containers_mounts_text(const struct security *s, char ret[CONTAINERS_CELL_MAX]);
/* "docker.sock rw", "/etc ro" */
void containers_mount_text(const struct security_mount *m, char ret[CONTAINERS_CELL_MAX]);
bool containers_mount_is_bad(const struct security_mount *m);
/* "512 MiB", "1.5 CPUs", "no limit", "not known" */
void containers_bytes_text(uint64_t bytes, char ret[CONTAINERS_CELL_MAX]);
void containers_cpu_text(const struct security *s, char ret[CONTAINERS_CELL_MAX]);

#endif
