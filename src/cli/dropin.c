/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/dropin.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/settings.h"

const struct dropin dropin_pin = { "pin", SETTINGS_DIR "/50-pin.conf" };
const struct dropin dropin_tags = { "tags", SETTINGS_DIR "/50-tag.conf" };

/* EACCES and EROFS are everybody's first mistake: without root. */
static int denied(const struct dropin *d, int r, struct oak_error *err)
{
	if (r < 0 && err->code == OAK_E_IO && (err->sys == EACCES || err->sys == -EACCES))
		return oak_fail(err, OAK_E_PERMISSION, "/%s: not permitted: run as root", d->path);
	return r;
}

static int drop(int root, const struct dropin *d, struct oak_error *err)
{
	if (unlinkat(root, d->path, 0) < 0 && errno != ENOENT)
		return oak_fail_errno(err, errno, "/%s", d->path);
	return 0;
}

int dropin_set(int root, const struct dropin *d, const char *value, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	int r;

	if (!value || strcmp(value, "none") == 0)
		return denied(d, drop(root, d, err), err);
	r = settings_check(d->key, value, err);
	if (r < 0)
		return r;
	if (strpbrk(value, "\r\n"))
		return oak_fail(err, OAK_E_USAGE, "%s: must be one line", d->key);
	if (buf_printf(&b, "# written by 'oakum %s'\n%s = %s\n",
		       strcmp(d->key, "tags") == 0 ? "tag" : d->key, d->key, value) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = dir_make(root, SETTINGS_DIR, err);
	if (r == 0)
		r = file_write(root, d->path, b.data, b.len, 0644, err);
	return denied(d, r, err);
}
