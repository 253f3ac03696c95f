/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/reboot.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"

#define REQUIRED_PATH "run/reboot-required"
#define PACKAGES_PATH "run/reboot-required.pkgs"
#define PACKAGES_MAX  65536
#define IMAGE         "vmlinuz-"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Leading zeros aside, the longer number is the greater. */
static int compare_numbers(const char **a, const char **b)
{
	size_t x, y;
	int r;

	*a += strspn(*a, "0");
	*b += strspn(*b, "0");
	x = strspn(*a, "0123456789");
	y = strspn(*b, "0123456789");
	r = x == y ? memcmp(*a, *b, x) : (x > y) - (x < y);
	*a += x;
	*b += y;
	return r;
}

int reboot_compare_releases(const char *a, const char *b)
{
	while (*a && *b) {
		int r;

		if (is_digit(*a) && is_digit(*b))
			r = compare_numbers(&a, &b);
		else
			r = (unsigned char)*a++ - (unsigned char)*b++;
		if (r)
			return r;
	}
	return (unsigned char)*a - (unsigned char)*b;
}

const char *reboot_flavour(const char *release)
{
	const char *p = release;

	while ((p = strchr(p, '-')) && (is_digit(p[1]) || strncmp(p, "-rc", 3) == 0))
		p++;
	return p ? p : "";
}

static void read_newest(int root, const char *release, struct reboot *r)
{
	int fd = openat(root, "boot", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(closedirp) DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d && fd >= 0)
		(void)close(fd);
	for (const struct dirent *e; d && (e = readdir(d));) {
		const char *name = e->d_name + strlen(IMAGE);

		if (strncmp(e->d_name, IMAGE, strlen(IMAGE)) != 0 ||
		    strlen(name) >= sizeof(r->newest) ||
		    strcmp(reboot_flavour(name), reboot_flavour(release)) != 0)
			continue;
		if (!r->newest[0] || reboot_compare_releases(name, r->newest) > 0)
			(void)snprintf(r->newest, sizeof(r->newest), "%s", name);
	}
	r->newer_installed = r->newest[0] && reboot_compare_releases(r->newest, release) > 0;
}

/* Whether "a, b" has it already. */
static bool has(const char *list, const char *name, size_t len)
{
	while (*list) {
		size_t n = strcspn(list, ",");

		if (n == len && memcmp(list, name, len) == 0)
			return true;
		list += n;
		list += strspn(list, ", ");
	}
	return false;
}

/* A package's name has no other bytes; what has is nothing to show to people. */
static bool is_name(const char *p, size_t len)
{
	static const char ok[] = "abcdefghijklmnopqrstuvwxyz0123456789+-.";

	for (size_t i = 0; i < len; i++)
		if (!memchr(ok, p[i], sizeof(ok) - 1))
			return false;
	return len > 0;
}

static bool begins(const char *p, size_t len, const char *with)
{
	return len >= strlen(with) && memcmp(p, with, strlen(with)) == 0;
}

static void add_package(struct reboot *r, const char *name, size_t len)
{
	size_t used = strlen(r->packages);

	if (!is_name(name, len) || (len == 5 && begins(name, len, "oakum")))
		return;
	if (begins(name, len, "linux-image-") || (len == 10 && begins(name, len, "linux-base")))
		r->by_kernel = true;
	else
		r->by_other = true;
	if (has(r->packages, name, len) || used + len + 3 > sizeof(r->packages))
		return;
	(void)snprintf(r->packages + used, sizeof(r->packages) - used, "%s%.*s", used ? ", " : "",
		       (int)len, name);
}

static void read_packages(int root, struct reboot *r)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	if (file_read(root, PACKAGES_PATH, PACKAGES_MAX, &text, NULL) < 0 || !text.len) {
		r->by_other = true;
		return;
	}
	for (const char *p = buf_str(&text); *p;) {
		size_t len = strcspn(p, "\n");

		add_package(r, p, len);
		p += len + (p[len] == '\n');
	}
}

void reboot_read(int root, const char *release, struct reboot *ret)
{
	*ret = (struct reboot){ .required = file_exists(root, REQUIRED_PATH) };
	if (ret->required)
		read_packages(root, ret);
	read_newest(root, release, ret);
}

void reboot_text(const struct reboot *r, char *ret, size_t size)
{
	bool unknown = r->required && r->by_other && !r->packages[0];
	const char *who = unknown ? "wanted, nobody says why" : r->packages;

	if (r->newer_installed)
		(void)snprintf(ret, size, "%s%skernel %s is installed", who, who[0] ? "; " : "",
			       r->newest);
	else
		(void)snprintf(ret, size, "%s", who);
}
