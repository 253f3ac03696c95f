/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/rpm-file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct file {
	sqlite3_file base;
	int fd; /* of struct rpm_file */
};

static int fd_of(sqlite3_file *f)
{
	const void *file = f;

	return ((const struct file *)file)->fd;
}

static int file_close(sqlite3_file *f)
{
	(void)f;
	return SQLITE_OK;
}

static int file_read(sqlite3_file *f, void *ret, int amount, sqlite3_int64 at)
{
	size_t want = (size_t)amount, got = 0;

	while (got < want) {
		ssize_t n = pread(fd_of(f), (char *)ret + got, want - got, at + (off_t)got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return SQLITE_IOERR_READ;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	memset((char *)ret + got, 0, want - got);
	return got == want ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *f, const void *data, int amount, sqlite3_int64 at)
{
	(void)f;
	(void)data;
	(void)amount;
	(void)at;
	return SQLITE_READONLY;
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	(void)f;
	(void)size;
	return SQLITE_READONLY;
}

static int file_size(sqlite3_file *f, sqlite3_int64 *ret)
{
	struct stat st;

	if (fstat(fd_of(f), &st) < 0)
		return SQLITE_IOERR_FSTAT;
	*ret = st.st_size;
	return SQLITE_OK;
}

static int file_flags(sqlite3_file *f, int flags)
{
	(void)f;
	(void)flags;
	return SQLITE_OK;
}

static int file_is_locked(sqlite3_file *f, int *ret)
{
	(void)f;
	*ret = 0;
	return SQLITE_OK;
}

static int file_control(sqlite3_file *f, int op, void *arg)
{
	(void)f;
	(void)op;
	(void)arg;
	return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *f)
{
	(void)f;
	return 4096;
}

/* Of a file that does not change SQLite asks for no lock, no journal and no WAL. */
static int file_traits(sqlite3_file *f)
{
	(void)f;
	return SQLITE_IOCAP_IMMUTABLE;
}

static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_flags,
	.xFileSize = file_size,
	.xLock = file_flags,
	.xUnlock = file_flags,
	.xCheckReservedLock = file_is_locked,
	.xFileControl = file_control,
	.xSectorSize = file_sector,
	.xDeviceCharacteristics = file_traits,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *ret_flags)
{
	void *file = f;

	(void)name;
	f->pMethods = NULL;
	if (!(flags & SQLITE_OPEN_MAIN_DB))
		return SQLITE_CANTOPEN;
	((struct file *)file)->fd = *(const int *)vfs->pAppData;
	f->pMethods = &methods;
	if (ret_flags)
		*ret_flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	(void)vfs;
	(void)name;
	(void)sync;
	return SQLITE_READONLY;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
	(void)vfs;
	(void)name;
	(void)flags;
	*ret = 0;
	return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *name, int size, char *ret)
{
	(void)vfs;
	(void)snprintf(ret, (size_t)size, "%s", name);
	return SQLITE_OK;
}

/* Nothing that is read depends on it. */
static int vfs_random(sqlite3_vfs *vfs, int size, char *ret)
{
	(void)vfs;
	memset(ret, 0, (size_t)size);
	return size;
}

static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
	(void)vfs;
	return us;
}

static int vfs_time(sqlite3_vfs *vfs, double *ret)
{
	(void)vfs;
	*ret = 0;
	return SQLITE_OK;
}

int rpm_file_open(struct rpm_file *f, int fd)
{
	int r;

	*f = (struct rpm_file){ .fd = fd };
	f->vfs = (sqlite3_vfs){ .iVersion = 1,
				.szOsFile = sizeof(struct file),
				.mxPathname = 64,
				.zName = RPM_VFS_NAME,
				.pAppData = &f->fd,
				.xOpen = vfs_open,
				.xDelete = vfs_delete,
				.xAccess = vfs_access,
				.xFullPathname = vfs_full_path,
				.xRandomness = vfs_random,
				.xSleep = vfs_sleep,
				.xCurrentTime = vfs_time };
	if (!rpm_sqlite_load(&f->sql))
		return SQLITE_NOTFOUND;
	r = f->sql.vfs_register(&f->vfs, 0);
	if (r == SQLITE_OK)
		r = f->sql.open_v2("rpmdb", &f->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
				   RPM_VFS_NAME);
	return r;
}

void rpm_file_close(struct rpm_file *f)
{
	if (f->sql.lib) {
		(void)f->sql.close(f->db);
		(void)f->sql.vfs_unregister(&f->vfs);
	}
	rpm_sqlite_unload(&f->sql);
	(void)close(f->fd);
	*f = (struct rpm_file){ .fd = -1 };
}
