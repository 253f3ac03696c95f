#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# oakum-build diff: objects of a real kernel against themselves, and against what the compiler
# makes of the same source with all its lines moved.
set -u
: "${BUILD:?}" "${OAKUM_KERNEL:?}" "${TMPDIR:?}"
build=$BUILD/oakum-build
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh

source=$("$build" kernel show "$OAKUM_KERNEL" --json | jq -r .source)
compiler=$("$build" kernel show "$OAKUM_KERNEL" --json | jq -r .compiler)

# What decides the shape of this kernel's code, of its own command lines.
flags=(
    -nostdinc -I./arch/x86/include -I./arch/x86/include/generated -I./include
    -I./arch/x86/include/uapi -I./arch/x86/include/generated/uapi -I./include/uapi
    -I./include/generated/uapi -include ./include/linux/compiler-version.h
    -include ./include/linux/kconfig.h -include ./include/linux/compiler_types.h -D__KERNEL__
    -w -std=gnu11 -O2 -fno-strict-aliasing -fno-common -fshort-wchar -fno-PIE -m64 -mno-sse
    -mno-mmx -mno-80387 -mno-fp-ret-in-387 -mpreferred-stack-boundary=3 -mskip-rax-setup
    -mno-red-zone -mcmodel=kernel -fcf-protection=none -falign-jumps=1 -falign-loops=1
    -fno-asynchronous-unwind-tables -mindirect-branch=thunk-extern -mindirect-branch-register
    -mfunction-return=thunk-extern -fno-jump-tables -mharden-sls=all
    -fno-delete-null-pointer-checks -fno-allow-store-data-races -fstack-protector-strong
    -ftrivial-auto-var-init=zero -pg -mrecord-mcount -mfentry -DCC_USING_FENTRY
    -fno-strict-overflow -fconserve-stack -ffunction-sections -fdata-sections
)

# compile FILE.c LINE OUT - as if its first line had the number LINE
compile() {
    local name
    name=$(basename "$1" .c)
    {
        printf '# %d "%s"\n' "$2" "$1"
        cat "$source/$1"
    } | (cd "$source" && "$compiler" "${flags[@]}" -iquote "$(dirname "$1")" \
        -DKBUILD_MODFILE="\"$name\"" -DKBUILD_BASENAME="\"$name\"" -DKBUILD_MODNAME="\"$name\"" \
        -D__KBUILD_MODNAME="kmod_$name" -x c -c -o "$3" -) >"$err" 2>&1
}

# Others to try: OAKUM_DIFF_FILES="kernel/sched/core.c mm/memory.c ..."
read -ra files <<<"${OAKUM_DIFF_FILES:-fs/namei.c net/core/dev.c}"
for file in "${files[@]}"; do
    : >"$out"
    compile "$file" 1 "$TMPDIR/orig.o" &
    compile "$file" 8 "$TMPDIR/moved.o"
    wait
    "$build" diff "$TMPDIR/orig.o" "$TMPDIR/orig.o" >"$out" 2>"$err"
    [ $? -eq 3 ]
    result $? "$file is what it is"
    cmp -s "$TMPDIR/orig.o" "$TMPDIR/moved.o"
    [ $? -eq 1 ]
    result $? "$file: its lines are in the object"
    "$build" diff "$TMPDIR/orig.o" "$TMPDIR/moved.o" >"$out" 2>"$err"
    [ $? -eq 3 ]
    result $? "$file is unchanged where only its lines moved"
done
exit $failed
