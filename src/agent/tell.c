/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/tell.h"

#include <stdbool.h>
#include <string.h>

#include "agent/tell-file.h"
#include "agent/tell-node.h"
#include "agent/tell-prometheus.h"
#include "agent/tell-reboot.h"
#include "agent/tell-text.h"
#include "agent/tell-vex.h"
#include "agent/verdict.h"
#include "base/cleanup.h"
#include "base/file.h"

static int put_version(int root, const struct picture *p, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	int r = tell_effective_version(p, &b, err);

	return r == 0 ? tell_file(root, TELL_EFFECTIVE_VERSION, &b, err) : r;
}

static int put_cvelist(int root, const struct picture *p, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	int r = tell_cvelist(p, &b, err);

	return r == 0 ? tell_file(root, TELL_CVELIST, &b, err) : r;
}

static int put_motd(int root, const struct picture *p, int64_t now_s, struct oak_error *err)
{
	static const struct verdict_limits limits = VERDICT_LIMITS_OTHERWISE;
	_cleanup_(buf_free) struct buf b = { 0 };
	_cleanup_(freep) struct verdict_report *v = calloc(1, sizeof(*v));
	int r;

	if (!v)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	verdict_of(p, &limits, now_s, v);
	r = tell_motd(v, &b, err);
	return r == 0 ? tell_file(root, TELL_MOTD, &b, err) : r;
}

static int put_prometheus(int root, const struct picture *p, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf b = { 0 };
	_cleanup_(freep) char *path = NULL;
	const char *dir = p->settings.textfile;
	int r;

	if (!dir || dir[0] != '/' || !dir[1] || !file_exists(root, dir + 1))
		return 0;
	path = path_join(dir + 1, TELL_PROMETHEUS);
	if (!path)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	r = tell_prometheus(p, &b, err);
	return r == 0 ? tell_file(root, path, &b, err) : r;
}

static void note(const struct progress *notes, int r, const struct oak_error *err)
{
	if (r < 0)
		progress_step(notes, "cannot tell others: %s", err->msg);
}

/* A kernel that no verdict is known of has no statements; that is no news each time. */
static int put_vex(int root, const struct picture *p, int64_t now_s, struct oak_error *err)
{
	/* Settings that cannot be read are no wish to have the documents taken away. */
	int r = p->settings_error[0] ? 0 : tell_vex(root, &p->settings, now_s, NULL, err);

	return r == -OAK_E_UNSUPPORTED || r == -OAK_E_NOTFOUND ? 0 : r;
}

void tell_scanners(int root, const struct picture *p, int64_t now_s, const struct progress *notes)
{
	struct oak_error err = { .code = OAK_OK };
	int r = dir_make(root, TELL_DIR, &err);

	note(notes, r, &err);
	if (r < 0)
		return;
	note(notes, put_version(root, p, &err), &err);
	note(notes, put_cvelist(root, p, &err), &err);
	note(notes, put_vex(root, p, now_s, &err), &err);
}

void tell_all(int root, const struct picture *p, int64_t now_s, const struct progress *notes)
{
	struct oak_error err = { .code = OAK_OK };

	tell_scanners(root, p, now_s, notes);
	if (file_exists(root, TELL_DIR))
		note(notes, put_motd(root, p, now_s, &err), &err);
	if (file_exists(root, TELL_DIR))
		note(notes, tell_node(root, p, now_s, &err), &err);
	note(notes, put_prometheus(root, p, &err), &err);
	note(notes, tell_reboot(root, p, &err), &err);
}
