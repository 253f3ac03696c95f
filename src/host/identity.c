/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/identity.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/sysfs.h"

#define NOTES_MAX 65536 /* measured: 164 to 600 bytes */

static const char *const lockdown_names[] = {
	[LOCKDOWN_NONE] = "none",
	[LOCKDOWN_INTEGRITY] = "integrity",
	[LOCKDOWN_CONFIDENTIALITY] = "confidentiality",
};

const char *lockdown_name(enum lockdown l)
{
	return lockdown_names[l];
}

const char *identity_arch(void)
{
#if defined(__x86_64__)
	return "x86_64";
#elif defined(__aarch64__)
	return "aarch64";
#else
#error "name this machine as the kernel does"
#endif
}

/* The file reads "none [integrity] confidentiality": the brackets mark the one in force. */
static enum lockdown read_lockdown(int root)
{
	char text[128];

	if (sysfs_read(root, "sys/kernel/security/lockdown", text, sizeof(text)) < 0)
		return LOCKDOWN_NONE;
	if (strstr(text, "[integrity]"))
		return LOCKDOWN_INTEGRITY;
	if (strstr(text, "[confidentiality]"))
		return LOCKDOWN_CONFIDENTIALITY;
	return LOCKDOWN_NONE;
}

static int read_build_id(int root, char ret[BUILD_ID_HEX_MAX], struct oak_error *err)
{
	static const char path[] = "sys/kernel/notes";
	_cleanup_(buf_free) struct buf notes = { 0 };
	int r = file_read(root, path, NOTES_MAX, &notes, err);

	if (r < 0)
		return r == -OAK_E_NOTFOUND ? 0 : r;
	r = notes_find_build_id(notes.data, notes.len, ret, err);
	if (r == -OAK_E_FORMAT)
		return oak_context(err, "/%s", path);
	return 0;
}

int identity_read(int root, struct identity *ret, struct oak_error *err)
{
	struct identity id = { .lockdown = read_lockdown(root) };
	int r = read_build_id(root, id.build_id, err);

	if (r < 0)
		return r;
	if (sysfs_read(root, "proc/sys/kernel/osrelease", id.release, sizeof(id.release)) < 0)
		id.release[0] = '\0';
	if (sysfs_read(root, "proc/sys/kernel/random/boot_id", id.boot_id, sizeof(id.boot_id)) < 0)
		id.boot_id[0] = '\0';
	id.livepatch = file_exists(root, "sys/kernel/livepatch");
	id.sig_enforce = sysfs_is_true(root, "sys/module/module/parameters/sig_enforce");
	id.modules_disabled = sysfs_is_true(root, "proc/sys/kernel/modules_disabled");
	*ret = id;
	return 0;
}
