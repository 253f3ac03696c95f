/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/rpm-sqlite.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#define LIBRARY "libsqlite3.so.0"

#define ROW(name)                                                   \
	{                                                           \
		"sqlite3_" #name, offsetof(struct rpm_sqlite, name) \
	}

static const struct {
	const char *name;
	size_t at;
} functions[] = {
	ROW(bind_int),         ROW(bind_int64),   ROW(bind_text),    ROW(close),
	ROW(column_blob),      ROW(column_bytes), ROW(column_int64), ROW(db_config),
	ROW(finalize),         ROW(limit),        ROW(open_v2),      ROW(prepare_v2),
	ROW(progress_handler), ROW(reset),        ROW(step),         ROW(vfs_register),
	ROW(vfs_unregister),
};

bool rpm_sqlite_load(struct rpm_sqlite *ret)
{
	struct rpm_sqlite s = { .lib = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL) };

	for (size_t i = 0; s.lib && i < sizeof(functions) / sizeof(functions[0]); i++) {
		void *f = dlsym(s.lib, functions[i].name);

		if (f)
			memcpy((char *)&s + functions[i].at, &f, sizeof(f));
		else
			rpm_sqlite_unload(&s);
	}
	*ret = s;
	return s.lib != NULL;
}

void rpm_sqlite_unload(struct rpm_sqlite *s)
{
	if (s->lib)
		(void)dlclose(s->lib);
	*s = (struct rpm_sqlite){ .lib = NULL };
}
