/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/tell-vex.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/tell-file.h"
#include "agent/tell.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/vex/evidence.h"
#include "host/vex/signing.h"
#include "host/vex/write.h"

static void path_of(enum vex_format f, char ret[64])
{
	(void)snprintf(ret, 64, TELL_DIR "/%s", vex_format_file(f));
}

static void drop(int root, enum vex_format f)
{
	char path[64];

	path_of(f, path);
	(void)unlinkat(root, path, 0);
}

static int put_format(int root, const struct vex *v, enum vex_format f, struct vex_file *ret,
		      struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	char path[64];
	int r = vex_write(v, f, &text, err);

	path_of(f, path);
	if (r == 0)
		r = tell_file(root, path, &text, err);
	ret->name = vex_format_file(f);
	if (r == 0)
		sha256_hex(text.data, text.len, ret->sha256);
	return r;
}

static int put_evidence(int root, const struct vex_taken *t, const struct vex_key *key,
			const struct vex_file *files, size_t n, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 }, envelope = { 0 }, public = { 0 };
	int r = evidence_write(&t->vex, t->manifest, t->level, files, n, &text, err);

	if (r == 0)
		r = envelope_write(key, EVIDENCE_TYPE, text.data, text.len, &envelope, err);
	if (r == 0)
		r = tell_file(root, VEX_ENVELOPE_PATH, &envelope, err);
	if (r == 0)
		r = vex_public_text(&key->public, &public, err);
	return r == 0 ? tell_file(root, VEX_PUBLIC_PATH, &public, err) : r;
}

static int put_all(int root, const struct settings *s, const struct vex_taken *t,
		   const struct vex_key *key, struct oak_error *err)
{
	struct vex_file files[VEX_FORMATS];
	size_t n = 0;

	for (unsigned f = 0; f < VEX_FORMATS; f++) {
		enum vex_format format = (enum vex_format)f;
		int r;

		if (!settings_lists(s->vex, vex_format_name(format))) {
			drop(root, format);
			continue;
		}
		r = put_format(root, &t->vex, format, &files[n], err);
		if (r < 0)
			return r;
		n++;
	}
	return put_evidence(root, t, key, files, n, err);
}

static int drop_all(int root)
{
	for (unsigned f = 0; f < VEX_FORMATS; f++)
		drop(root, (enum vex_format)f);
	(void)unlinkat(root, VEX_ENVELOPE_PATH, 0);
	return 0;
}

static int tell(int root, const struct settings *s, int64_t now_s, struct vex_taken *t,
		struct oak_error *err)
{
	_cleanup_(vex_key_wipe) struct vex_key key = { .secret = { 0 } };
	int r;

	if (!t->vex.n)
		return drop_all(root);
	r = dir_make(root, TELL_DIR, err);
	if (r == 0)
		r = vex_key_need(root, &key, err);
	if (r == 0)
		r = vex_taken_issue(root, t, key.public.id, now_s, err);
	/* The version is taken before anybody sees it: a crash leaves a gap, no version of two contents. */
	if (r == 0 && t->changed)
		r = history_write(root, &t->history, err);
	return r == 0 ? put_all(root, s, t, &key, err) : r;
}

int tell_vex(int root, const struct settings *s, int64_t now_s, struct vex_taken *ret,
	     struct oak_error *err)
{
	_cleanup_(vex_taken_clear) struct vex_taken t = { .changed = false };
	const struct vex_wanted wanted = { .all = false };
	int r;

	if (!s->vex)
		return drop_all(root);
	r = vex_take(root, &wanted, &t, err);
	if (r == 0)
		r = tell(root, s, now_s, &t, err);
	if (r == 0 && ret) {
		*ret = t;
		t = (struct vex_taken){ .changed = false };
	}
	return r;
}
