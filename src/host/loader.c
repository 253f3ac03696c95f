/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/loader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/hash.h"

#define UNLOAD_TRIES    100
#define UNLOAD_PAUSE_NS 10000000

#define SEALS (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)

static int write_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* Hashes what lies behind the descriptor, not what we believe to have written there. */
static int check_hash(int fd, size_t len, const char *sha256, struct oak_error *err)
{
	char got[SHA256_HEX_MAX];
	void *p = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);

	if (p == MAP_FAILED)
		return oak_fail_errno(err, errno, "the module cannot be read back");
	sha256_hex(p, len, got);
	(void)munmap(p, len);
	if (strcmp(got, sha256) != 0)
		return oak_fail(err, OAK_E_TRUST, "the module's sha256 is %s, the manifest says %s",
				got, sha256);
	return 0;
}

int module_seal(const void *data, size_t len, const char *sha256, int *ret, struct oak_error *err)
{
	_cleanup_(closep) int fd = memfd_create("oakum-module", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int r;

	if (fd < 0)
		return oak_fail_errno(err, errno, "no memory file for the module");
	if (len == 0)
		return oak_fail(err, OAK_E_FORMAT, "the module is empty");
	r = write_all(fd, data, len);
	if (r == 0 && fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		r = -errno;
	if (r < 0)
		return oak_fail_errno(err, r, "the module cannot be sealed");
	r = check_hash(fd, len, sha256, err);
	if (r < 0)
		return r;
	*ret = take_fd(fd);
	return 0;
}

static int kernel_load(void *ctx, int fd)
{
	(void)ctx;
	return syscall(SYS_finit_module, fd, "", 0) < 0 ? -errno : 0;
}

static int kernel_unload(void *ctx, const char *name)
{
	(void)ctx;
	return syscall(SYS_delete_module, name, O_NONBLOCK) < 0 ? -errno : 0;
}

const struct module_ops module_ops_kernel = { .load = kernel_load, .unload = kernel_unload };

static const struct {
	int sys;
	enum oak_code code;
	const char *text;
} load_errors[] = {
	{ EPERM, OAK_E_PERMISSION,
	  "not permitted: run as root; or the kernel is locked down, or kernel.modules_disabled is 1 "
	  "(see 'oakum check')" },
	{ ENOEXEC, OAK_E_REFUSED,
	  "the kernel does not take it as a module for itself (other version magic or symbol "
	  "versions): see 'dmesg'" },
	{ ENOKEY, OAK_E_REFUSED,
	  "the kernel takes only modules signed with a key it knows: enrol the level's key (mokutil "
	  "--import) or build the level with yours" },
	{ EKEYREJECTED, OAK_E_REFUSED,
	  "the kernel takes only modules signed with a key it knows, and this one's is not: enrol "
	  "the level's key (mokutil --import) or build the level with yours" },
	{ EBADMSG, OAK_E_REFUSED, "the kernel cannot read the module's signature" },
	{ EEXIST, OAK_E_REFUSED, "a module of that name is loaded: 'oakum status' tells its state" },
	{ EBUSY, OAK_E_AGAIN,
	  "another patch is in transition, or another tool (ftrace IPMODIFY) has a function: try "
	  "again later, see 'dmesg'" },
	{ EINVAL, OAK_E_REFUSED,
	  "the kernel refuses the livepatch (a function not found, ambiguous, or not traceable): see "
	  "'dmesg'" },
	{ ENOENT, OAK_E_REFUSED,
	  "a symbol that the module needs is not in this kernel: see 'dmesg'" },
	{ ENOSYS, OAK_E_UNSUPPORTED, "this kernel cannot load modules (CONFIG_MODULES)" },
	{ ENOMEM, OAK_E_NOMEM, "the kernel has no memory for the module" },
	{ ETXTBSY, OAK_E_AGAIN, "the module's file is open for writing" },
};

int module_load(const struct module_ops *ops, int fd, const char *name, struct oak_error *err)
{
	int r = ops->load(ops->ctx, fd);

	if (r == 0)
		return 0;
	for (size_t i = 0; i < sizeof(load_errors) / sizeof(load_errors[0]); i++) {
		if (load_errors[i].sys != -r)
			continue;
		(void)oak_fail(err, load_errors[i].code, "%s cannot be loaded: %s", name,
			       load_errors[i].text);
		if (err)
			err->sys = -r;
		return -(int)load_errors[i].code;
	}
	return oak_fail_errno(err, r, "%s cannot be loaded (see 'dmesg')", name);
}

int module_unload(const struct module_ops *ops, const char *name, struct oak_error *err)
{
	int r = 0;

	for (int i = 0; i < UNLOAD_TRIES; i++) {
		r = ops->unload(ops->ctx, name);
		if (r != -EAGAIN && r != -EBUSY)
			break;
		(void)nanosleep(&(struct timespec){ .tv_nsec = UNLOAD_PAUSE_NS }, NULL);
	}
	switch (r) {
	case 0:
	case -ENOENT:
		return 0;
	case -EPERM:
		return oak_fail(err, OAK_E_PERMISSION,
				"%s cannot be unloaded: not permitted: run as root; or "
				"kernel.modules_disabled is 1",
				name);
	case -EAGAIN:
	case -EBUSY:
		return oak_fail(err, OAK_E_AGAIN,
				"%s cannot be unloaded: still in use; try again later", name);
	default:
		return oak_fail_errno(err, r, "%s cannot be unloaded", name);
	}
}
