// Owns the ends of the roads that lead to an exception in libstdc++'s headers: each says why on standard
// error and aborts.
//
// vector, string and function call these out-of-line functions where they would throw. They live in
// libstdc++.so, which the shipped addon does not link (see memory.cc). Reaching one is a bug in the addon,
// never a state of the kernel or an error of the caller: those are checked before. Must never return.

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace {

[[noreturn]] void die(const char* kind, const char* what) {
  std::fprintf(stderr, "sriov: internal error: %s: %s\n", kind, what);
  std::abort();
}

}  // namespace

namespace std {

// Declared in <bits/functexcept.h>; the set is what containers, string, function and mutex refer to.
[[noreturn]] void __throw_bad_alloc() { die("bad_alloc", "allocation"); }
[[noreturn]] void __throw_bad_array_new_length() { die("bad_array_new_length", "allocation"); }
[[noreturn]] void __throw_bad_function_call() { die("bad_function_call", "empty function"); }
[[noreturn]] void __throw_invalid_argument(const char* what) { die("invalid_argument", what); }
[[noreturn]] void __throw_length_error(const char* what) { die("length_error", what); }
[[noreturn]] void __throw_logic_error(const char* what) { die("logic_error", what); }
[[noreturn]] void __throw_out_of_range(const char* what) { die("out_of_range", what); }
// Format and arguments are dropped but for the format: it names the function, which is what helps.
[[noreturn]] void __throw_out_of_range_fmt(const char* format, ...) { die("out_of_range", format); }
[[noreturn]] void __throw_system_error(int error) {
  (void)error;
  die("system_error", "mutex");
}

}  // namespace std

// What a v-table holds in the place of a pure virtual function (Itanium C++ ABI 3.2.6).
extern "C" [[noreturn]] void __cxa_pure_virtual() { die("pure virtual call", "object not constructed"); }
