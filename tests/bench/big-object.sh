#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# big-object.sh - assembly of an object with N functions, to measure the differ with
#
# usage: big-object.sh N [EVERY [reverse]] | as -o FILE.o -
#
# Each function has what functions of a kernel have: a call to the tracer, calls of its neighbours
# and of the kernel, strings, a switch table, variables, numbered statics of common names that
# a neighbour uses too, and entries of the special sections. With EVERY, each EVERY-th function is another one, and its
# numbers are shifted as a compiler would: that is the patched object. "reverse": sections and symbols in the other order.
set -euo pipefail

awk -v n="$1" -v every="${2:-0}" -v reverse="${3:-}" '
function word(section, from, to) {
	printf "\t.pushsection %s\n\t.long %s - .\n", section, from
	if (to != "")
		printf "\t.long %s - .\n", to
}
function text(i, changed) {
	printf "\t.section .text.f%d,\"ax\",@progbits\n\t.globl f%d\n\t.type f%d,@function\n", i, i, i
	printf "f%d:\n\tcall __fentry__\n\tpush %%rbx\n", i
	printf "\tmov $.Ls%d,%%rdi\n\tcall _printk\n", i
	printf "\tmov state.%d(%%rip),%%eax\n\tadd v%d(%%rip),%%eax\n", i + shift, i
	printf "\tincl state.%d(%%rip)\n", (i + 1) % n + shift
	printf "\tmov $__func__.%d,%%rsi\n\tcall f%d\n", i + shift, (i * 7) % n
	printf "\tcall f%d\n\tcmp $%d,%%eax\n\tje .Lc%d\n", (i * 31 + 5) % n, changed ? 77 : 7, i
	printf "\tjmp *.Lt%d(,%%rax,8)\n", i
	printf ".La%d:\tmov table%d+16(%%rip),%%rdx\n", i, i % 50
	printf ".Lb%d:\tnopl 0(%%rax,%%rax,1)\n.Lx%d:\tmov (%%rdi),%%rax\n", i, i
	printf "\tmov %%rax,gvar(%%rip)\n\tlock incl gcount(%%rip)\n\tpop %%rbx\n"
	printf ".Lr%d:\tjmp __x86_return_thunk\n.Lc%d:\tjmp f%d.cold\n", i, i, i
	printf "\t.size f%d,.-f%d\n", i, i
}
function parts(i) {
	printf "\t.section .text.unlikely.f%d,\"ax\",@progbits\n\t.type f%d.cold,@function\n", i, i
	printf "f%d.cold:\n\tmov $.Lm%d,%%rdi\n\tcall __warn_printk\n.Lw%d:\tud2\n", i, i, i
	printf "\tjmp .Lx%d\n\t.size f%d.cold,.-f%d.cold\n", i, i, i
	printf "\t.section .rodata.str1.1,\"aMS\",@progbits,1\n"
	printf ".Ls%d:\t.string \"function %d says %%d\\n\"\n.Lm%d:\t.string \"f%d is wrong\"\n", i, i, i, i
	printf "\t.section .rodata.f%d,\"a\",@progbits\n\t.p2align 3\n", i
	printf ".Lt%d:\t.quad .La%d,.Lb%d,.Lx%d,.Lr%d\n", i, i, i, i, i
}
function data(i) {
	printf "\t.section .bss.state.%d,\"aw\",@nobits\n\t.type state.%d,@object\n", i + shift, i + shift
	printf "state.%d:\t.zero 4\n\t.size state.%d,4\n", i + shift, i + shift
	printf "\t.section .rodata.__func__.%d,\"a\",@progbits\n", i + shift
	printf "\t.type __func__.%d,@object\n__func__.%d:\t.string \"f%d\"\n", i + shift, i + shift, i
	printf "\t.size __func__.%d,.-__func__.%d\n", i + shift, i + shift
	printf "\t.section .data.v%d,\"aw\",@progbits\n\t.type v%d,@object\nv%d:\t.long %d\n", i, i, i, i
	printf "\t.size v%d,4\n", i
}
function entries(i) {
	word("__bug_table,\"aw\",@progbits", ".Lw" i, ".Lfile")
	printf "\t.word %d,0x901\n\t.popsection\n", i + (every ? 9 : 0)
	word("__jump_table,\"aw\",@progbits", ".Lb" i, ".Lx" i)
	printf "\t.quad key%d + 1 - .\n\t.popsection\n", i % 50
	word("__ex_table,\"a\",@progbits", ".Lx" i, ".Lr" i)
	printf "\t.long 3\n\t.popsection\n"
	word(".smp_locks,\"a\",@progbits", ".Lx" i)
	printf "\t.popsection\n"
	word(".return_sites,\"a\",@progbits", ".Lr" i)
	printf "\t.popsection\n"
	word(".orc_unwind_ip,\"a\",@progbits", "f" i)
	printf "\t.popsection\n\t.pushsection .orc_unwind,\"a\",@progbits\n"
	printf "\t.word 8,0\n\t.byte 5,0\n\t.popsection\n"
	printf "\t.pushsection __mcount_loc,\"a\",@progbits\n\t.quad f%d\n\t.popsection\n", i
	printf "\t.pushsection .altinstructions,\"a\",@progbits\n"
	printf "\t.long .Lb%d - .,771f - .\n\t.word 123\n\t.byte 5,5\n\t.popsection\n", i
	printf "\t.pushsection .altinstr_replacement,\"ax\",@progbits\n"
	printf "771:\tcall f%d\n\t.popsection\n", (i * 3) % n
}
BEGIN {
	shift = every ? 100 : 0
	printf "\t.section .rodata.str1.1,\"aMS\",@progbits,1\n.Lfile:\t.string \"big.c\"\n"
	for (i = 0; i < 50; i++) {
		printf "\t.section .data.table%d,\"aw\",@progbits\n\t.type table%d,@object\n", i, i
		printf "table%d:\t.quad f%d,f%d,f%d\n\t.size table%d,24\n", i, i % n, (i * 2) % n, (i * 3) % n, i
		printf "\t.section .data.key%d,\"aw\",@progbits\n\t.type key%d,@object\n", i, i
		printf "\t.p2align 3\nkey%d:\t.zero 16\n\t.size key%d,16\n", i, i
	}
	for (k = 0; k < n; k++) {
		i = reverse ? n - 1 - k : k
		text(i, every && i % every == 0)
		parts(i)
		data(i)
		entries(i)
	}
}'
