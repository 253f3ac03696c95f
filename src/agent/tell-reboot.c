/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/tell-reboot.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/reboot.h"

static bool begins(const char *line, size_t len, const char *with)
{
	return len >= strlen(with) && memcmp(line, with, strlen(with)) == 0;
}

/* One line at least, and none but of kernels and ourselves. */
static bool only_kernels(const char *packages)
{
	bool any = false;

	for (const char *line = packages; *line;) {
		size_t len = strcspn(line, "\n");

		if (len && !begins(line, len, "linux-image-") &&
		    !(len == 10 && begins(line, len, "linux-base")) &&
		    !(len == 5 && begins(line, len, "oakum")))
			return false;
		any = any || len;
		line += len + (line[len] == '\n');
	}
	return any;
}

/* The whole word on a line of its own. */
static bool asks_already(const char *packages)
{
	for (const char *line = packages; *line;) {
		size_t len = strcspn(line, "\n");

		if (len == 5 && begins(line, len, "oakum"))
			return true;
		line += len + (line[len] == '\n');
	}
	return false;
}

bool tell_reboot_as_good(const struct picture *p)
{
	return p->level && p->state == LEVEL_APPLIED && p->manifest && p->complete && p->settled &&
	       !p->manifest->withdrawn && !p->n_withheld && p->checked &&
	       p->newest == p->level->level && !p->switched_off && !p->settings_error[0];
}

enum reboot_deed tell_reboot_decide(const struct picture *p, const struct reboot_seen *seen)
{
	if (p->settings.reboot != REBOOT_CLEAR || p->settings_error[0])
		return REBOOT_LEAVE;
	if (seen->asked && seen->packages && only_kernels(seen->packages) && tell_reboot_as_good(p))
		return REBOOT_WITHDRAW;
	if (p->no_level && !p->level && seen->newer_kernel &&
	    !(seen->asked && seen->packages && asks_already(seen->packages)))
		return REBOOT_ASK;
	return REBOOT_LEAVE;
}

static int drop(int root, const char *path, struct oak_error *err)
{
	if (unlinkat(root, path, 0) < 0 && errno != ENOENT)
		return oak_fail_errno(err, errno, "/%s", path);
	return 0;
}

static int ask(int root, struct buf *packages, const struct reboot_seen *seen, struct oak_error *err)
{
	static const char words[] = "*** System restart required ***\n";
	int r = packages->len && packages->data[packages->len - 1] != '\n'
			? buf_add(packages, "\n", 1)
			: 0;

	if (r < 0 || buf_add_str(packages, "oakum\n") < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = file_write(root, REBOOT_PACKAGES_PATH, packages->data, packages->len, 0644, err);
	if (r == 0 && !seen->asked)
		r = file_write(root, REBOOT_PATH, words, strlen(words), 0644, err);
	return r;
}

int tell_reboot(int root, const struct picture *p, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf packages = { 0 };
	struct reboot_seen seen = { .asked = file_exists(root, REBOOT_PATH) };
	struct reboot reboot;
	int r;

	if (p->settings.reboot != REBOOT_CLEAR)
		return 0;
	r = file_read(root, REBOOT_PACKAGES_PATH, REBOOT_BYTES_MAX, &packages, err);
	if (r < 0 && r != -OAK_E_NOTFOUND)
		return r;
	seen.packages = r == 0 ? buf_str(&packages) : NULL;
	reboot_read(root, p->host.id.release, &reboot);
	seen.newer_kernel = reboot.newer_installed;
	switch (tell_reboot_decide(p, &seen)) {
	case REBOOT_WITHDRAW:
		r = drop(root, REBOOT_PATH, err);
		return r == 0 ? drop(root, REBOOT_PACKAGES_PATH, err) : r;
	case REBOOT_ASK:
		return ask(root, &packages, &seen, err);
	case REBOOT_LEAVE:
		break;
	}
	return 0;
}
