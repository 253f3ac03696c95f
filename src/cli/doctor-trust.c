/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/doctor.h"
#include "trust/metadata.h"

#define TRUST_DIR  "var/lib/oakum/trust"
#define FILES_MAX  64
#define FILE_BYTES TUF_TARGETS_BYTES_MAX

static int add_file(int dirfd, const char *name, struct buf *ret)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	_cleanup_(json_decrefp) json_t *j = NULL;
	struct oak_error err = { .code = OAK_OK };
	const json_t *part;
	const char *type, *expires;

	if (file_read(dirfd, name, FILE_BYTES, &text, &err) < 0 ||
	    json_parse(text.data, text.len, FILE_BYTES, name, &j, &err) < 0)
		return buf_printf(ret, "%s: %s\n", name, err.msg);
	part = json_object_get(j, "signed");
	type = json_get_str(part, "_type");
	expires = json_get_str(part, "expires");
	return buf_printf(ret, "%s: %zu bytes, type %s, version %lld, expires %s\n", name, text.len,
			  type ? type : "?",
			  (long long)json_integer_value(json_object_get(part, "version")),
			  expires ? expires : "?");
}

int doctor_trust(const struct doctor *d, struct buf *ret)
{
	_cleanup_(closep) int fd = openat(d->root, TRUST_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(closedirp) DIR *dir = NULL;
	int r = 0, n = 0, copy = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (copy >= 0)
		dir = fdopendir(copy);
	if (!dir)
		return buf_add_str(ret, "no readable /" TRUST_DIR "\n");
	for (const struct dirent *e; r == 0 && n < FILES_MAX && (e = readdir(dir)); n++)
		if (e->d_type == DT_REG)
			r = add_file(fd, e->d_name, ret);
	return r;
}
