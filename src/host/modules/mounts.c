/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/modules/mounts.h"

#include <string.h>

static bool read_line(struct word line, struct mount *ret)
{
	struct word id, parent, options, w;
	struct mount m;

	if (!word_next(&line, &id) || !word_next(&line, &parent) || !word_next(&line, &m.device) ||
	    !word_next(&line, &m.root) || !word_next(&line, &m.point) ||
	    !word_next(&line, &options))
		return false;
	do {
		if (!word_next(&line, &w))
			return false;
	} while (!word_is(w, "-"));
	if (!word_next(&line, &w) || !word_split(&w, '.', &m.type) || !m.type.len)
		return false;
	(void)word_next(&line, &m.source);
	*ret = m;
	return true;
}

bool mount_next(const char **text, struct mount *ret)
{
	struct word line;

	while (word_line(text, &line))
		if (read_line(line, ret))
			return true;
	return false;
}
