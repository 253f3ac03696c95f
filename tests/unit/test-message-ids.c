/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ids that the agent writes, and the catalog that explains them: each has its entry. */
#include <fcntl.h>

#include "agent/message-ids.h"
#include "base/file.h"
#include "test.h"

#define CATALOG "packaging/catalog/oakum.catalog"

static void read_catalog(struct buf *text)
{
	struct oak_error err = { .code = OAK_OK };

	EXPECT(file_read(AT_FDCWD, CATALOG, 65536, text, &err) == 0);
	EXPECT(buf_add_zero(text, 1) == 0);
}

TEST(every_id_has_an_entry_of_its_name)
{
	_cleanup_(buf_free) struct buf text = { 0 };

	read_catalog(&text);
	for (size_t i = 0; i < MESSAGES; i++) {
		char want[128];

		test_case = message_ids[i].name;
		(void)snprintf(want, sizeof(want), "\n# %s\n-- %s\nSubject: ", message_ids[i].name,
			       message_ids[i].id);
		EXPECT(strstr((const char *)text.data, want) != NULL);
	}
}

TEST(no_entry_is_without_an_id)
{
	_cleanup_(buf_free) struct buf text = { 0 };
	size_t n = 0;

	read_catalog(&text);
	for (const char *p = (const char *)text.data; (p = strstr(p, "\n-- ")); p++)
		n++;
	EXPECT(n == MESSAGES);
}

TEST(ids_are_hex_and_differ)
{
	for (size_t i = 0; i < MESSAGES; i++) {
		test_case = message_ids[i].name;
		EXPECT(strlen(message_ids[i].id) == 32);
		EXPECT(strspn(message_ids[i].id, "0123456789abcdef") == 32);
		for (size_t k = 0; k < i; k++)
			EXPECT(strcmp(message_ids[i].id, message_ids[k].id) != 0);
	}
}
