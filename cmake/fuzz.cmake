# One libFuzzer program for each native/test/fuzz_*.cc, under AddressSanitizer and UBSan. Needs clang.

if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "sriov: -DFUZZ=ON needs clang: add -DCMAKE_CXX_COMPILER=clang++")
endif()

file(GLOB SRIOV_FUZZERS CONFIGURE_DEPENDS native/test/fuzz_*.cc)
foreach(source IN LISTS SRIOV_FUZZERS)
  get_filename_component(name ${source} NAME_WE)
  # The sources are compiled anew: coverage counters are what a fuzzer steers by.
  add_executable(${name} ${source} native/test/fake_link.cc ${SRIOV_CORE_SOURCES})
  target_link_libraries(${name} PRIVATE sriov_flags)
  target_compile_options(${name} PRIVATE
    -g -UNDEBUG -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer,address,undefined)
endforeach()
