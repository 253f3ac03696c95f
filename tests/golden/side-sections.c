/* expect changed second */
#include "pair.h"

/*
 * What objtool, the compiler and macros say beside the code: sites (6.1, 6.2), hash of the ORC
 * format (6.4), index of messages (5.15), notes for objtool, the namespace of symbols.
 */
#define SITE(section) ".pushsection " section ",\"a\"\n.long 1b - .\n.popsection\n"

#define SITES()                                                                                 \
	__asm__ volatile("1: nop\n" SITE(".return_sites") SITE(".retpoline_sites")              \
				 SITE(".call_sites") SITE(".ibt_endbr_seal") SITE(".cfi_sites") \
					 SITE(".kcfi_traps") SITE(".smp_locks")                 \
						 SITE(".discard.reachable"))

struct entry {
	const char *fmt, *func, *file;
	unsigned line;
};

#define printk_index(format)                                                                   \
	do {                                                                                   \
		static const struct entry _entry = { format, __func__, "golden.c", __LINE__ }; \
		static const struct entry *_entry_ptr                                          \
			__attribute__((section(".printk_index"), used)) = &_entry;             \
		printk(format);                                                                \
	} while (0)

__asm__(".pushsection .orc_header,\"a\"\n"
	".byte 1, 2, 3, 4\n"
	".popsection\n"
#ifdef PATCHED
	".pushsection .modinfo,\"a\"\n"
	".asciz \"import_ns=GOLDEN\"\n"
	".popsection\n"
#endif
);

int first(int a)
{
	SITES();
	printk_index("first\n");
	return read_value() + a;
}

int second(int a)
{
	SITES();
#ifdef PATCHED
	SITES();
	printk_index("second, more\n");
#endif
	printk_index("second\n");
	return read_value() - a;
}

int third(int a)
{
	SITES();
	printk_index("third\n");
	return read_value() ^ a;
}
