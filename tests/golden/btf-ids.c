/* expect refused data-changed allowed */
#include "pair.h"

/*
 * As BTF_SET_START() writes it: the names of the symbols are all that says which functions are in
 * the set; the linked kernel's build fills in the numbers.
 */
#define BTF_SET(name, id1, id2)                               \
	__asm__(".pushsection .BTF_ids,\"a\"\n"               \
		".local " #name "\n" #name ":\n"              \
		".zero 4\n"                                   \
		".local __BTF_ID__func__" id1 "\n"            \
		".type __BTF_ID__func__" id1 ", STT_OBJECT\n" \
		".size __BTF_ID__func__" id1 ", 4\n"          \
		"__BTF_ID__func__" id1 ": .zero 4\n"          \
		".local __BTF_ID__func__" id2 "\n"            \
		".type __BTF_ID__func__" id2 ", STT_OBJECT\n" \
		".size __BTF_ID__func__" id2 ", 4\n"          \
		"__BTF_ID__func__" id2 ": .zero 4\n"          \
		".popsection")

extern int allowed[], others[];

/* The counter in the names means nothing. */
#ifdef PATCHED
BTF_SET(others, "steady__7", "more__8");
BTF_SET(allowed, "safe__9", "added__10");
#else
BTF_SET(others, "steady__1", "more__2");
BTF_SET(allowed, "safe__3", "taken__4");
#endif

int find(const int *set, int id);

int is_allowed(int id)
{
	return find(allowed, id) + read_value();
}

int is_other(int id)
{
	return find(others, id) - read_value();
}
