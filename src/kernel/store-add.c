/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one writer of the store: kernel_add(). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "kernel/image.h"
#include "kernel/kernel-record.h"
#include "kernel/provider.h"
#include "kernel/store.h"
#include "kernel/tree.h"
#include "kernel/vmlinuz.h"

#define NEW         ".new-" /* and our pid: where a kernel grows before it has its name */
#define VMLINUZ_MAX (256u << 20)
#define CONFIG_MAX  (4u << 20)
#define CC_TEXT     "CONFIG_CC_VERSION_TEXT=\""

struct adding {
	const char *store;
	const struct progress *progress;
	char *kernels, *downloads, *new_dir;
};

static int no_memory(struct oak_error *err)
{
	return oak_fail(err, OAK_E_NOMEM, "out of memory");
}

static void adding_free(struct adding *a)
{
	free(a->kernels);
	free(a->downloads);
	free(a->new_dir);
}

/* Held until the descriptor closes, so a killed run lets go of it too. */
static int take_lock(const struct adding *a, int *ret_fd, struct oak_error *err)
{
	_cleanup_(freep) char *path = path_join(a->store, "lock");
	_cleanup_(closep) int fd = -1;

	if (!path)
		return no_memory(err);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return oak_fail_errno(err, errno, "%s", path);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		progress_step(a->progress, "waiting for another 'kernel add'");
		while (flock(fd, LOCK_EX) < 0)
			if (errno != EINTR)
				return oak_fail_errno(err, errno, "%s", path);
	}
	*ret_fd = take_fd(fd);
	return 0;
}

/*
 * What killed runs left. Their tar may still be writing, so that this fails: the next run gets it.
 * No living run is hit, as the lock is ours.
 */
static void remove_leftovers(const char *kernels)
{
	_cleanup_(closedirp) DIR *d = opendir(kernels);
	const struct dirent *e;

	while (d && (e = readdir(d)))
		if (strncmp(e->d_name, NEW, strlen(NEW)) == 0)
			(void)!tree_remove(dirfd(d), e->d_name, NULL);
}

static int prepare_dirs(struct adding *a, struct oak_error *err)
{
	int r;

	a->kernels = path_join(a->store, "kernels");
	a->downloads = path_join(a->store, "downloads");
	if (!a->kernels || !a->downloads)
		return no_memory(err);
	if (asprintf(&a->new_dir, "%s/" NEW "%ld", a->kernels, (long)getpid()) < 0) {
		a->new_dir = NULL;
		return no_memory(err);
	}
	remove_leftovers(a->kernels);
	r = dir_make(AT_FDCWD, a->downloads, err);
	return r < 0 ? r : dir_make(AT_FDCWD, a->new_dir, err);
}

/* The compiler that the kernel's configuration was made with, and its program name. */
static int read_compiler(int dir, struct kernel *k, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf config = { 0 };
	int r = file_read(dir, "config", CONFIG_MAX, &config, err);
	const char *p;

	if (r < 0)
		return r;
	p = strstr(buf_str(&config), CC_TEXT);
	if (!p)
		return oak_fail(err, OAK_E_FORMAT, "config: names no compiler (%s)", CC_TEXT);
	p += strlen(CC_TEXT);
	k->compiler_banner = strndup(p, strcspn(p, "\"\n"));
	k->compiler = strndup(p, strcspn(p, " \"\n"));
	return k->compiler && k->compiler_banner ? 0 : no_memory(err);
}

static int read_identity(const struct buf *elf, struct kernel *k, struct oak_error *err)
{
	_cleanup_(kimage_freep) struct kimage *img = NULL;
	int r = kimage_parse(elf->data, elf->len, &img, err);

	if (r < 0)
		return r;
	if (strcmp(kimage_release(img), k->release) != 0)
		return oak_fail(err, OAK_E_FORMAT, "it is the kernel %s, not %s",
				kimage_release(img), k->release);
	if (!*kimage_build_id(img))
		return oak_fail(err, OAK_E_FORMAT, "it has no build-id");
	k->build_id = strdup(kimage_build_id(img));
	k->banner = strdup(kimage_banner(img));
	return k->build_id && k->banner ? 0 : no_memory(err);
}

static int unpack_image(int dir, struct kernel *k, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf packed = { 0 }, elf = { 0 };
	int r = file_read(dir, "vmlinuz", VMLINUZ_MAX, &packed, err);

	if (r < 0)
		return r;
	r = vmlinuz_unpack(packed.data, packed.len, &elf, err);
	if (r == 0)
		r = read_identity(&elf, k, err);
	if (r < 0)
		return oak_context(err, "vmlinuz");
	return file_write(dir, "vmlinux", elf.data, elf.len, 0644, err);
}

static int write_record(int dir, const struct kernel *k, struct oak_error *err)
{
	_cleanup_(json_decrefp) json_t *j = kernel_to_json(k);
	_cleanup_(freep) char *text = j ? json_text(j) : NULL;

	if (!text)
		return no_memory(err);
	return file_write(dir, "kernel.json", text, strlen(text), 0644, err);
}

/* The distribution's files lie in @dir: read the kernel's facts off them. */
static int finish(const struct adding *a, struct kernel *k, struct oak_error *err)
{
	_cleanup_(closep) int dir = open(a->new_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(freep) char *source = path_join(a->new_dir, "source");
	uint64_t start = clock_now_ns();
	int r;

	if (!source)
		return no_memory(err);
	if (dir < 0)
		return oak_fail_errno(err, errno, "%s", a->new_dir);
	r = unpack_image(dir, k, err);
	if (r == 0)
		r = read_compiler(dir, k, err);
	if (r == 0)
		r = tree_build_tools(source, k->compiler, err);
	if (r == 0)
		r = write_record(dir, k, err);
	if (r < 0)
		return r;
	progress_step(a->progress, "read the image: build-id %s (%.1f s)", k->build_id,
		      clock_seconds_since(start));
	if (rename(a->new_dir, k->dir) < 0)
		return oak_fail_errno(err, errno, "%s", k->dir);
	return 0;
}

static int add_locked(struct adding *a, struct kernel_reference *ref, struct kernel **ret,
		      struct oak_error *err)
{
	_cleanup_(kernel_freep) struct kernel *k = NULL;
	_cleanup_(freep) char *version = NULL;
	struct provider_job job;
	int r = prepare_dirs(a, err);

	if (r == 0 && !ref->version[0])
		r = ref->provider->resolve(ref->release, a->downloads, &version, err);
	if (r < 0)
		return r;
	if (version && snprintf(ref->version, sizeof(ref->version), "%s", version) >=
			       (int)sizeof(ref->version))
		return oak_fail(err, OAK_E_TOOLARGE, "%s: version too long", version);
	r = kernel_new(ref, a->kernels, &k, err);
	if (r < 0)
		return r;
	progress_step(a->progress, "adding %s", k->reference);
	job = (struct provider_job){
		.release = k->release,
		.version = k->package_version,
		.downloads = a->downloads,
		.dir = a->new_dir,
		.progress = a->progress,
	};
	r = ref->provider->provide(&job, err);
	if (r == 0)
		r = finish(a, k, err);
	if (r < 0) {
		(void)!tree_remove(AT_FDCWD, a->new_dir, NULL);
		return oak_context(err, "%s", k->reference);
	}
	*ret = take_ptr(k);
	return 0;
}

int kernel_add(const char *reference, const struct progress *progress, struct kernel **ret,
	       bool *ret_new, struct oak_error *err)
{
	_cleanup_(adding_free) struct adding a = { .progress = progress };
	_cleanup_(freep) char *store = NULL;
	_cleanup_(closep) int lock = -1;
	struct kernel_reference ref;
	bool known;
	int r = kernel_reference_parse(reference, &ref, err);

	if (r == 0)
		r = store_dir(&store, err);
	if (r < 0)
		return r;
	a.store = store;
	r = take_lock(&a, &lock, err);
	if (r < 0)
		return r;
	/* Under the lock: another run may just have added it. */
	r = kernel_open(reference, ret, err);
	known = r == 0;
	if (r == -OAK_E_NOTFOUND)
		r = add_locked(&a, &ref, ret, err);
	if (r == 0 && ret_new)
		*ret_new = !known;
	return r;
}
