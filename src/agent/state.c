/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/state.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "host/number.h"
#include "host/plain.h"

#define BYTES_MAX 4096

int state_write(int root, const struct state *s, struct oak_error *err)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	if (buf_printf(&text,
		       "next=%s\nnext_at=%" PRId64 "\nsoak_level=%u\nsoak_until=%" PRId64
		       "\ntried=%" PRId64 "\nerror=%s\n",
		       s->next, s->next_at_s, s->soak_level, s->soak_until_s, s->tried_s,
		       s->error) < 0)
		return oak_fail(err, OAK_E_NOMEM, "out of memory");
	return file_write(root, STATE_PATH, text.data, text.len, 0644, err);
}

/* Seconds until the year 2106: enough for a file that lives for a boot. */
static int64_t seconds(const char *text)
{
	uint32_t n;

	return number_parse_u32(text, &n) < 0 ? 0 : n;
}

static void take(struct state *s, const char *key, const char *value)
{
	if (strcmp(key, "next") == 0 && strlen(value) < sizeof(s->next))
		(void)snprintf(s->next, sizeof(s->next), "%s", value);
	else if (strcmp(key, "next_at") == 0)
		s->next_at_s = seconds(value);
	else if (strcmp(key, "soak_level") == 0)
		s->soak_level = (uint32_t)seconds(value);
	else if (strcmp(key, "soak_until") == 0)
		s->soak_until_s = seconds(value);
	else if (strcmp(key, "tried") == 0)
		s->tried_s = seconds(value);
	else if (strcmp(key, "error") == 0)
		plain_copy(s->error, sizeof(s->error), value);
}

void state_read(int root, struct state *ret)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	char *rest, *line;

	*ret = (struct state){ 0 };
	if (file_read(root, STATE_PATH, BYTES_MAX, &text, NULL) < 0 || !text.len)
		return;
	for (rest = (char *)text.data; (line = strsep(&rest, "\n"));) {
		char *value = strchr(line, '=');

		if (!value)
			continue;
		*value++ = '\0';
		take(ret, line, value);
	}
}
