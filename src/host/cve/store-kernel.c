/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/cve/store-kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/cve/gunzip.h"
#include "host/plain.h"

#define HEAD_MAX 256u

void cve_codename_of_changelog(const char *line, char ret[CVE_CODENAME_MAX])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	const char *at = strstr(line, ") ");
	size_t len = at ? strspn(at + 2, letters) : 0;

	ret[0] = '\0';
	/* "bookworm;", "bookworm-security;", "bookworm-backports;" */
	if (len == 0 || len >= CVE_CODENAME_MAX || !strchr("-;", at[2 + len]) || !at[2 + len])
		return;
	memcpy(ret, at + 2, len);
	ret[len] = '\0';
}

static int add_head(void *ctx, const char *data, size_t len, _unused_ struct oak_error *err)
{
	char *head = ctx;

	len = len < HEAD_MAX - 1 ? len : HEAD_MAX - 1;
	memcpy(head, data, len);
	head[len] = '\0';
	head[strcspn(head, "\n")] = '\0';
	return -OAK_E_NOTHING; /* enough */
}

static int read_changelog(int dir, struct cve_host *h, struct oak_error *err)
{
	char head[HEAD_MAX] = "";
	struct oak_error why;
	int r = changelog_read_file(dir, "changelog.gz", &h->kernel, &h->changelog, &why);

	if (r == -OAK_E_NOMEM)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	if (r < 0) {
		plain_copy(h->changelog_why, sizeof(h->changelog_why), why.msg);
		return 0;
	}
	if (!h->changelog.reached)
		(void)snprintf(h->changelog_why, sizeof(h->changelog_why),
			       "the changelog has no entry of %s", h->kernel.package);
	/* It ends early on purpose. */
	(void)!gunzip_read(dir, "changelog.gz", CHANGELOG_MAX, add_head, head, NULL);
	cve_codename_of_changelog(head, h->codename);
	return 0;
}

static int read_all(const struct kernel *k, struct cve_host *h, struct oak_error *err)
{
	_cleanup_(closep) int dir = open(k->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (dir < 0)
		return oak_fail_errno(err, errno, "%s", k->dir);
	r = cve_kernel_parse(k->release, k->banner, NULL, &h->kernel, err);
	if (r == 0 && h->kernel.distribution == CVE_DISTRIBUTION_DEBIAN)
		r = read_changelog(dir, h, err);
	return r < 0 ? r : built_read_store(dir, h->kernel.upstream, &h->built, err);
}

/* The changelog borrows a text of the struct that it is in: it is filled where it stays. */
int cve_host_of_kernel(const struct kernel *k, struct cve_host *ret, struct oak_error *err)
{
	int r;

	*ret = (struct cve_host){ 0 };
	r = read_all(k, ret, err);
	if (r < 0)
		cve_host_free(ret);
	return r;
}
