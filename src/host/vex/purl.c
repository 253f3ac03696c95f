/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/vex/purl.h"

#include <stdio.h>
#include <string.h>

#include "trust/cve/version.h"

#define NAME_MAX_ENCODED ((size_t)3 * CVE_KERNEL_TEXT)

void purl_encode(const char *text, char *ret, size_t size)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~:";
	static const char hex[] = "0123456789ABCDEF";
	size_t n = 0;

	for (; *text && n + 3 < size; text++) {
		unsigned char c = (unsigned char)*text;

		if (strchr(plain, c)) {
			ret[n++] = (char)c;
			continue;
		}
		ret[n++] = '%';
		ret[n++] = hex[c >> 4];
		ret[n++] = hex[c & 15];
	}
	ret[n] = '\0';
}

/* Debian's word for a machine. */
static const char *debian_arch(const char *arch)
{
	static const struct {
		const char *kernel, *debian;
	} rows[] = { { "x86_64", "amd64" }, { "aarch64", "arm64" } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].kernel, arch) == 0)
			return rows[i].debian;
	return arch;
}

/* Ubuntu writes the flavour behind the version: "5.15.0-91.101-generic". */
static void package_version(const struct cve_kernel *k, char ret[NAME_MAX_ENCODED])
{
	char version[CVE_KERNEL_TEXT];
	char *flavour;

	(void)snprintf(version, sizeof(version), "%s", k->package);
	flavour = strrchr(version, '-');
	if (k->distribution == CVE_DISTRIBUTION_UBUNTU && flavour && flavour != strchr(version, '-'))
		*flavour = '\0';
	purl_encode(version, ret, NAME_MAX_ENCODED);
}

static const char *vendor(const struct cve_kernel *k)
{
	static const char *const names[] = {
		[CVE_DISTRIBUTION_NONE] = NULL,
		[CVE_DISTRIBUTION_DEBIAN] = "debian",
		[CVE_DISTRIBUTION_UBUNTU] = "ubuntu",
	};

	return k->package[0] ? names[k->distribution] : NULL;
}

void purl_of_kernel(const struct cve_kernel *k, const char *arch, char ret[PURL_MAX])
{
	char release[NAME_MAX_ENCODED], version[NAME_MAX_ENCODED], upstream[CVE_VERSION_TEXT];

	if (!vendor(k)) {
		cve_version_format(k->upstream, upstream);
		(void)snprintf(ret, PURL_MAX, "pkg:generic/linux@%s", upstream);
		return;
	}
	purl_encode(k->release, release, sizeof(release));
	package_version(k, version);
	(void)snprintf(ret, PURL_MAX, "pkg:deb/%s/linux-image-%.*s@%.*s?arch=%.16s", vendor(k), 280,
		       release, 280, version, debian_arch(arch));
}

void purl_of_source(const struct cve_kernel *k, char ret[PURL_MAX])
{
	char version[NAME_MAX_ENCODED];

	ret[0] = '\0';
	if (!vendor(k))
		return;
	package_version(k, version);
	(void)snprintf(ret, PURL_MAX, "pkg:deb/%s/linux@%s?arch=source", vendor(k), version);
}
