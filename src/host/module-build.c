/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/module-build.h"

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/sysfs.h"

#define NOTES_MAX  4096
#define DEP_MAX    (16u << 20) /* Debian's has 0.7 MB */
#define MODULE_MAX (64u << 20)

int module_file_build_id(const void *data, size_t len, char ret[BUILD_ID_HEX_MAX],
			 struct oak_error *err)
{
	const uint8_t *bytes = data;
	Elf64_Ehdr eh;

	if (len < sizeof(eh))
		return oak_fail(err, OAK_E_FORMAT, "not an ELF file");
	memcpy(&eh, bytes, sizeof(eh));
	if (memcmp(eh.e_ident, ELFMAG, SELFMAG) != 0 || eh.e_ident[EI_CLASS] != ELFCLASS64 ||
	    eh.e_shentsize != sizeof(Elf64_Shdr) || eh.e_shoff > len ||
	    eh.e_shnum > (len - eh.e_shoff) / sizeof(Elf64_Shdr))
		return oak_fail(err, OAK_E_FORMAT, "not a 64-bit ELF file with sections");
	for (uint16_t i = 0; i < eh.e_shnum; i++) {
		Elf64_Shdr sh;
		int r;

		memcpy(&sh, bytes + eh.e_shoff + i * sizeof(sh), sizeof(sh));
		if (sh.sh_type != SHT_NOTE)
			continue;
		if (sh.sh_offset > len || sh.sh_size > len - sh.sh_offset)
			return oak_fail(err, OAK_E_FORMAT, "notes outside of the file");
		r = notes_find_build_id(bytes + sh.sh_offset, sh.sh_size, ret, err);
		if (r != -OAK_E_NOTFOUND)
			return r;
	}
	return oak_fail(err, OAK_E_NOTFOUND, "no build-id");
}

/* Does the file of this path hold the module? */
static bool is_file_of(const char *path, size_t len, const char *name)
{
	size_t n = strlen(name), start = len;

	while (start > 0 && path[start - 1] != '/')
		start--;
	if (len - start <= n || path[start + n] != '.')
		return false;
	for (size_t i = 0; i < n; i++)
		if ((path[start + i] == '-' ? '_' : path[start + i]) != name[i])
			return false;
	return true;
}

const char *module_dep_find(const char *text, const char *name, size_t *ret_len)
{
	while (*text) {
		size_t line = strcspn(text, "\n"), path = strcspn(text, ":\n");

		if (path < line && is_file_of(text, path, name)) {
			*ret_len = path;
			return text;
		}
		text += line + (text[line] == '\n');
	}
	return NULL;
}

static void unknown(struct module_build *ret, const char *why)
{
	ret->state = MODULE_UNKNOWN;
	(void)snprintf(ret->why, sizeof(ret->why), "%.*s", (int)sizeof(ret->why) - 1, why);
}

static void read_file(int root, const char *path, struct module_build *ret)
{
	_cleanup_(buf_free) struct buf file = { 0 };
	struct oak_error err;

	if (strcmp(path + strlen(path) - 3, ".ko") != 0)
		unknown(ret, "its file is compressed");
	else if (file_read(root, path, MODULE_MAX, &file, &err) < 0 ||
		 module_file_build_id(file.data, file.len, ret->build_id, &err) < 0)
		unknown(ret, err.msg);
	else
		ret->state = MODULE_ON_DISK;
}

static void read_disk(int root, const char *release, const char *name, struct module_build *ret)
{
	_cleanup_(buf_free) struct buf dep = { 0 };
	char path[SYSFS_PATH_MAX];
	struct oak_error err;
	const char *file;
	size_t len = 0;

	(void)snprintf(path, sizeof(path), "lib/modules/%s/modules.dep", release);
	if (file_read(root, path, DEP_MAX, &dep, &err) < 0) {
		unknown(ret, err.msg);
		return;
	}
	file = module_dep_find(buf_str(&dep), name, &len);
	if (!file)
		return;
	if (snprintf(path, sizeof(path), "lib/modules/%s/%.*s", release, (int)len, file) >=
	    (int)sizeof(path))
		unknown(ret, "the path of its file is too long");
	else
		read_file(root, path, ret);
}

void module_build_read(int root, const char *release, const char *name, struct module_build *ret)
{
	_cleanup_(buf_free) struct buf notes = { 0 };
	char path[SYSFS_PATH_MAX];
	struct oak_error err;
	int r;

	*ret = (struct module_build){ .state = MODULE_ABSENT };
	(void)snprintf(path, sizeof(path), "sys/module/%s/initstate", name);
	if (!file_exists(root, path)) {
		read_disk(root, release, name, ret);
		return;
	}
	(void)snprintf(path, sizeof(path), "sys/module/%s/notes/.note.gnu.build-id", name);
	r = file_read(root, path, NOTES_MAX, &notes, &err);
	if (r == 0)
		r = notes_find_build_id(notes.data, notes.len, ret->build_id, &err);
	/* The kernel shows each note that a module has. */
	if (r == -OAK_E_NOTFOUND)
		(void)snprintf(ret->build_id, sizeof(ret->build_id), "none");
	if (r < 0 && r != -OAK_E_NOTFOUND)
		unknown(ret, err.msg);
	else
		ret->state = MODULE_LOADED;
}
