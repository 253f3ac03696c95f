/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host-read: what a judgement needs to know of the host. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/gunzip.h"
#include "host/cve/judge.h"
#include "host/plain.h"
#include "host/reboot.h"
#include "trust/cve/version.h"

#define OS_RELEASE_MAX (64u << 10)
#define HEAD_MAX       256u

/* VERSION_CODENAME of os-release(5), with or without quotes. */
static void read_codename(int root, char ret[CVE_CODENAME_MAX])
{
	static const char key[] = "\nVERSION_CODENAME=";
	_cleanup_(buf_free) struct buf text = { 0 };
	char *at, *end;

	if (buf_add(&text, "\n", 1) < 0)
		return;
	if (file_read(root, "etc/os-release", OS_RELEASE_MAX, &text, NULL) < 0 &&
	    file_read(root, "usr/lib/os-release", OS_RELEASE_MAX, &text, NULL) < 0)
		return;
	at = strstr((char *)text.data, key);
	if (!at)
		return;
	at += sizeof(key) - 1;
	at += *at == '"';
	end = at + strcspn(at, "\"\n");
	*end = '\0';
	plain_copy(ret, CVE_CODENAME_MAX, at);
}

static int add_head(void *ctx, const char *data, size_t len, _unused_ struct oak_error *err)
{
	char *head = ctx;

	if (len >= HEAD_MAX)
		len = HEAD_MAX - 1;
	memcpy(head, data, len);
	head[len] = '\0';
	return -OAK_E_NOTHING; /* enough */
}

/* "linux-signed-amd64 (6.1.179+1) ..." at the head of a changelog: its package version. */
static bool package_of(int root, const char *release, char ret[CVE_KERNEL_TEXT])
{
	static const char *const files[] = { "changelog.Debian.gz", "changelog.gz" };
	char head[HEAD_MAX] = "", path[256], *open, *close, *plus;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && !head[0]; i++) {
		(void)snprintf(path, sizeof(path), "usr/share/doc/linux-image-%s/%s", release,
			       files[i]);
		if (gunzip_read(root, path, CHANGELOG_MAX, add_head, head, NULL) == 0)
			head[0] = '\0';
	}
	open = strstr(head, " (");
	close = open ? strchr(open, ')') : NULL;
	if (!close)
		return false;
	*close = '\0';
	plus = strrchr(open, '+');
	if (plus && strncmp(head, "linux-signed-", 13) == 0)
		*plus = '-';
	plain_copy(ret, CVE_KERNEL_TEXT, open + 2);
	return true;
}

/* When the kernel was put there. */
static int64_t installed_at(int root, const char *release)
{
	char path[256];
	struct stat st;

	(void)snprintf(path, sizeof(path), "boot/vmlinuz-%s", release);
	return fstatat(root, path, &st, 0) < 0 ? 0 : (int64_t)st.st_ctim.tv_sec;
}

/* The newest kernel on the disk, where it is newer than the one that runs. */
static int read_next(int root, struct cve_host *h, struct oak_error *err)
{
	struct reboot reboot;
	struct cve_kernel k = { .distribution = h->kernel.distribution };
	int r;

	reboot_read(root, h->kernel.release, &reboot);
	if (!reboot.newer_installed || h->kernel.distribution != CVE_DISTRIBUTION_DEBIAN)
		return 0;
	plain_copy(k.release, sizeof(k.release), reboot.newest);
	if (!package_of(root, k.release, k.package) ||
	    cve_version_of_release(k.package, &k.upstream) < 0)
		return 0;
	h->next = k;
	h->next_since_s = installed_at(root, k.release);
	r = changelog_read(root, &h->next, &h->next_changelog, err);
	return r == -OAK_E_NOMEM ? r : 0;
}

static int read_all(int root, struct cve_host *h, struct oak_error *err)
{
	struct oak_error why;
	int r = cve_kernel_read(root, &h->kernel, err);

	if (r < 0)
		return r;
	r = changelog_read(root, &h->kernel, &h->changelog, &why);
	if (r == -OAK_E_NOMEM)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (r < 0)
		plain_copy(h->changelog_why, sizeof(h->changelog_why), why.msg);
	else if (h->kernel.distribution == CVE_DISTRIBUTION_DEBIAN && !h->changelog.reached)
		(void)snprintf(h->changelog_why, sizeof(h->changelog_why),
			       "the changelog has no entry of %s", h->kernel.package);
	read_codename(root, h->codename);
	r = built_read(root, h->kernel.release, h->kernel.upstream, &h->built, err);
	return r < 0 ? r : read_next(root, h, err);
}

/* The changelogs borrow a text of the struct that they are in: it is filled where it stays. */
int cve_host_read(int root, struct cve_host *ret, struct oak_error *err)
{
	int r;

	*ret = (struct cve_host){ 0 };
	r = read_all(root, ret, err);
	if (r < 0)
		cve_host_free(ret);
	return r;
}

void cve_host_free(struct cve_host *h)
{
	changelog_free(&h->changelog);
	changelog_free(&h->next_changelog);
	built_free(&h->built);
	claims_free(&h->claims);
	*h = (struct cve_host){ 0 };
}
