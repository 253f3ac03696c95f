/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/cve/kernel.h"

#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "host/plain.h"
#include "trust/cve/version.h"

#define DEBIAN  " Debian "
#define UBUNTU  "Ubuntu "
#define RED_HAT ".el"

/* The word at @at. */
static void word(const char *at, char ret[CVE_KERNEL_TEXT])
{
	char copy[CVE_KERNEL_TEXT];
	size_t len = strcspn(at, " \t\n");

	if (len >= sizeof(copy))
		len = 0;
	memcpy(copy, at, len);
	copy[len] = '\0';
	plain_copy(ret, CVE_KERNEL_TEXT, copy);
}

/* The last " Debian X" of the line; the compiler names itself as of Debian, too, in front. */
static bool debian(const char *version, struct cve_kernel *k)
{
	const char *at = NULL, *next = version;

	while (next && (next = strstr(next, DEBIAN)) != NULL) {
		next += strlen(DEBIAN);
		at = next;
	}
	if (!at || cve_version_of_release(at, &k->upstream) < 0)
		return false;
	word(at, k->package);
	k->distribution = CVE_DISTRIBUTION_DEBIAN;
	k->source = "/proc/version";
	return true;
}

/* "Ubuntu 5.15.0-91.101-generic 5.15.131" */
static bool ubuntu(const char *signature, struct cve_kernel *k)
{
	const char *at = signature, *upstream;

	if (!at || strncmp(at, UBUNTU, strlen(UBUNTU)) != 0)
		return false;
	at += strlen(UBUNTU);
	upstream = strchr(at, ' ');
	if (!upstream || cve_version_of_release(upstream + 1, &k->upstream) < 0)
		return false;
	word(at, k->package);
	k->distribution = CVE_DISTRIBUTION_UBUNTU;
	k->source = "/proc/version_signature";
	return true;
}

static bool red_hat(const char *release)
{
	const char *at = strstr(release, RED_HAT);

	return at && at[3] >= '0' && at[3] <= '9';
}

int cve_kernel_parse(const char *release, const char *version, const char *signature,
		     struct cve_kernel *ret, struct oak_error *err)
{
	struct cve_kernel k = { .source = "/proc/sys/kernel/osrelease" };

	plain_copy(k.release, sizeof(k.release), release);
	if (!debian(version, &k) && !ubuntu(signature, &k)) {
		if (red_hat(release))
			return oak_fail(err, OAK_E_UNSUPPORTED,
					"%s is a kernel with backports of years: no upstream "
					"version says what it has; use its distributor's OVAL data",
					k.release);
		if (cve_version_of_release(release, &k.upstream) < 0)
			return oak_fail(err, OAK_E_UNSUPPORTED,
					"'%s' tells no upstream version: give one with --upstream",
					k.release);
	}
	*ret = k;
	return 0;
}

int cve_kernel_read(int root, struct cve_kernel *ret, struct oak_error *err)
{
	_cleanup_(freep) char *release = NULL, *version = NULL, *signature = NULL;
	int r = file_read_line(root, "proc/sys/kernel/osrelease", &release, err);

	if (r < 0)
		return r;
	if (file_read_line(root, "proc/version", &version, NULL) < 0)
		version = NULL;
	if (file_read_line(root, "proc/version_signature", &signature, NULL) < 0)
		signature = NULL;
	return cve_kernel_parse(release, version, signature, ret, err);
}
