// A test framework in one header: facts with a name, checks that print what they saw.
// Owns registration and counting; knows nothing of what is tested.
//
// Not GoogleTest: these tests also run under sanitizers and inside a small machine, with no library to
// install there and none built without exceptions and RTTI.
#pragma once

#include <cstdio>
#include <cstring>
#include <sstream>
#include <string>
#include <vector>

namespace testing {

struct Case {
  const char* name;
  void (*run)();
};

inline std::vector<Case>& Cases() {
  static std::vector<Case> cases;
  return cases;
}

inline int& FailuresOfCase() {
  static int failures = 0;
  return failures;
}

struct Registrar {
  Registrar(const char* name, void (*run)()) { Cases().push_back({name, run}); }
};

template <typename T>
std::string Show(const T& value) {
  std::ostringstream out;
  if constexpr (sizeof(T) == 1) {
    out << static_cast<int>(value);
  } else {
    out << value;
  }
  return out.str();
}

template <typename A, typename B>
void ExpectEq(const A& got, const B& want, const char* expression, const char* file, int line) {
  if (got == want) return;
  ++FailuresOfCase();
  std::fprintf(stderr, "%s:%d: %s is %s, want %s\n", file, line, expression, Show(got).c_str(),
               Show(want).c_str());
}

inline void ExpectTrue(bool value, const char* expression, const char* file, int line) {
  if (value) return;
  ++FailuresOfCase();
  std::fprintf(stderr, "%s:%d: false: %s\n", file, line, expression);
}

// Runs every case whose name contains `filter`; prints one line a case and `N passed, N failed` last.
inline int RunAll(const char* filter) {
  int passed = 0;
  int failed = 0;
  for (const Case& test : Cases()) {
    if (filter != nullptr && std::strstr(test.name, filter) == nullptr) continue;
    FailuresOfCase() = 0;
    test.run();
    const bool ok = FailuresOfCase() == 0;
    (ok ? passed : failed) += 1;
    std::printf("%s %s\n", ok ? "ok  " : "FAIL", test.name);
    std::fflush(stdout);
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}

}  // namespace testing

#define TEST(name)                                             \
  static void name();                                          \
  static const testing::Registrar name##_registrar(#name, name); \
  static void name()
#define EXPECT_EQ(got, want) testing::ExpectEq((got), (want), #got, __FILE__, __LINE__)
#define EXPECT_TRUE(value) testing::ExpectTrue((value), #value, __FILE__, __LINE__)
