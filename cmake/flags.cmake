# Compiler and linker flags, as two interface libraries. sriov_flags is for everything; sriov_shipping_flags
# is what makes the addon need libc alone, and is left out under sanitizers, whose runtimes need libstdc++.
# Must stay equal to binding.gyp: test/contract/build-flags.test.ts compares what both really pass.

add_library(sriov_flags INTERFACE)
target_compile_definitions(sriov_flags INTERFACE _FILE_OFFSET_BITS=64)
target_include_directories(sriov_flags INTERFACE ${CMAKE_SOURCE_DIR}/native)
target_compile_options(sriov_flags INTERFACE
  -std=c++17 -fPIC -pthread
  -Wall -Wextra -Werror
  -fno-exceptions -fno-rtti -fno-omit-frame-pointer
  -fvisibility=hidden -fvisibility-inlines-hidden
)
target_link_options(sriov_flags INTERFACE -pthread)

# Optimisation is named here alone, so that CMake's own -O3 of a Release build does not come first.
set(CMAKE_CXX_FLAGS_RELEASE "")
if(SANITIZE)
  # A finding ends the process: a report that scrolls by is no failure. Assertions of libstdc++ come free.
  target_compile_definitions(sriov_flags INTERFACE _GLIBCXX_ASSERTIONS)
  target_compile_options(sriov_flags INTERFACE -O1 -g -fsanitize=${SANITIZE} -fno-sanitize-recover=all)
  target_link_options(sriov_flags INTERFACE -fsanitize=${SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_options(sriov_flags INTERFACE -O0)
else()
  target_compile_definitions(sriov_flags INTERFACE NDEBUG)
  target_compile_options(sriov_flags INTERFACE -O2)
endif()

add_library(sriov_shipping_flags INTERFACE)
target_compile_definitions(sriov_shipping_flags INTERFACE _GLIBCXX_EXTERN_TEMPLATE=0)
target_compile_options(sriov_shipping_flags INTERFACE
  -fno-threadsafe-statics -ffunction-sections -fdata-sections
  -include ${CMAKE_SOURCE_DIR}/native/runtime/glibc_floor.h
  -U_FORTIFY_SOURCE
)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  target_compile_options(sriov_shipping_flags INTERFACE -mno-outline-atomics)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64|AMD64")
  # node-gyp passes it; it is what the compiler does anyway.
  target_compile_options(sriov_shipping_flags INTERFACE -m64)
endif()
target_link_options(sriov_shipping_flags INTERFACE
  -nodefaultlibs
  -Wl,--gc-sections
  -Wl,--no-undefined-version
  -Wl,--version-script=${CMAKE_SOURCE_DIR}/native/runtime/exports.map
  -Wl,-z,relro,-z,now
)
target_link_libraries(sriov_shipping_flags INTERFACE -lc -lgcc)
