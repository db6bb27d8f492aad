# sriov-native-tests: every native/test/*.cc but the fuzzers, with the addon's sources that need no Node. Linked
# with libstdc++ as usual: what is tested is the code, not how it is shipped.

file(GLOB SRIOV_TEST_SOURCES CONFIGURE_DEPENDS native/test/*.cc)
list(FILTER SRIOV_TEST_SOURCES EXCLUDE REGEX "/fuzz_[^/]*$")

add_library(sriov-core STATIC ${SRIOV_CORE_SOURCES})
target_link_libraries(sriov-core PUBLIC sriov_flags)

add_executable(sriov-native-tests ${SRIOV_TEST_SOURCES})
target_link_libraries(sriov-native-tests PRIVATE sriov-core)
# Tests find their fixtures beside themselves, wherever they are run from.
target_compile_definitions(sriov-native-tests PRIVATE SRIOV_TEST_DIR="${CMAKE_SOURCE_DIR}/native/test")
# Assertions of the tests must hold in every build.
target_compile_options(sriov-native-tests PRIVATE -UNDEBUG)
