// Owns the choice of symbol version for libc functions that glibc moved to a new one; included first in
// every file by the compiler (-include), in shipping builds only.
//
// glibc 2.34 merged libpthread into libc and gave its functions a second, newer version. Linking on
// such a system takes the newest, and the addon would not load on RHEL 8 and 9, Debian 11 or Ubuntu 20.04.
// The older version is the same function. scripts/check-abi.mjs fails the build when one is
// missing here. musl ignores symbol versions. Must never name a function that has no older version on
// both processors.

#pragma once

// A directive for a function that a file does not use has no effect. The version given is that of x86-64;
// arm64 began with glibc 2.17 and has all of them at that version.
#if defined(__linux__) && defined(__x86_64__)
#define SRIOV_OLD_SYMBOL(name, version) __asm__(".symver " #name "," #name "@GLIBC_" version)
#elif defined(__linux__) && defined(__aarch64__)
#define SRIOV_OLD_SYMBOL(name, version) __asm__(".symver " #name "," #name "@GLIBC_2.17")
#else
#error "the addon is built for Linux on x86-64 and arm64 only"
#endif

SRIOV_OLD_SYMBOL(pthread_attr_setstacksize, "2.2.5");
SRIOV_OLD_SYMBOL(pthread_condattr_setclock, "2.3.3");
SRIOV_OLD_SYMBOL(pthread_create, "2.2.5");
SRIOV_OLD_SYMBOL(pthread_detach, "2.2.5");
SRIOV_OLD_SYMBOL(pthread_getspecific, "2.2.5");
SRIOV_OLD_SYMBOL(pthread_join, "2.2.5");
SRIOV_OLD_SYMBOL(pthread_key_create, "2.2.5");
SRIOV_OLD_SYMBOL(pthread_key_delete, "2.2.5");
SRIOV_OLD_SYMBOL(pthread_kill, "2.2.5");
SRIOV_OLD_SYMBOL(pthread_mutex_trylock, "2.2.5");
SRIOV_OLD_SYMBOL(pthread_once, "2.2.5");
SRIOV_OLD_SYMBOL(pthread_setname_np, "2.12");
SRIOV_OLD_SYMBOL(pthread_setspecific, "2.2.5");
SRIOV_OLD_SYMBOL(pthread_sigmask, "2.2.5");

#undef SRIOV_OLD_SYMBOL
