/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Source: containernetworking/cni, libcni/api.go: cacheAdd() writes a file a network of a container. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/evidence.h"
#include "host/procs.h"

#define RESULTS  "var/lib/cni/results"
#define FILE_MAX (1u << 20)
#define MOST     4096 /* files; a host has one or two a container */

static void take_file(struct evidence *ev, const char *name)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	_cleanup_(json_decrefp) json_t *doc = NULL;
	json_t *mappings;
	char path[320];
	const char *id;
	struct stat st;

	(void)snprintf(path, sizeof(path), RESULTS "/%.255s", name);
	if (fstatat(ev->root, path, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode) ||
	    file_read(ev->root, path, FILE_MAX, &text, NULL) < 0 ||
	    json_parse(text.data, text.len, FILE_MAX, path, &doc, NULL) < 0)
		return;
	id = json_get_str(doc, "containerId");
	mappings = json_object_get(json_object_get(doc, "capabilityArgs"), "portMappings");
	/* The same mappings stand with each network of a container. */
	if (id && json_is_array(mappings))
		(void)json_object_set(ev->cni, id, mappings);
}

const json_t *evidence_cni(struct evidence *ev, const char *id)
{
	if (!ev->cni) {
		_cleanup_(closedirp) DIR *d = procs_open(ev->root, RESULTS);
		const struct dirent *e;

		ev->cni = json_object();
		for (int n = 0; ev->cni && d && n < MOST && (e = readdir(d)); n++)
			if (e->d_name[0] != '.')
				take_file(ev, e->d_name);
	}
	return json_object_get(ev->cni, id);
}
