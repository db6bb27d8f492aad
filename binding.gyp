# The build that ships: node-gyp here, prebuildify for release. CMakeLists.txt builds the same sources with
# the same flags for development; test/contract/build-flags.test.ts holds the two together.
#
# The result is linked against libc alone, so that one file a processor runs on every distribution that runs
# Node 20 or later; scripts/check-abi.mjs proves it, and native/runtime/ brings what libstdc++ would.
{
  "targets": [
    {
      "target_name": "sriov",
      "sources": ["<!@(cat native/sources.txt)"],
      "include_dirs": ["native", "<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": [
        "NAPI_VERSION=9",
        "NAPI_DISABLE_CPP_EXCEPTIONS",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
        # No library has the standard templates compiled: every object brings what it uses.
        "_GLIBCXX_EXTERN_TEMPLATE=0",
        "_FILE_OFFSET_BITS=64",
        "NDEBUG"
      ],
      # Node's own headers set these by version (C++20 from Node 22); the addon is the same for all.
      "cflags!": ["-O3", "-Wno-unused-parameter"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20"],
      "cflags": ["-O2", "-Wall", "-Wextra", "-fno-omit-frame-pointer"],
      "cflags_cc": [
        "-std=c++17",
        "-fno-exceptions",
        "-fno-rtti",
        "-fno-threadsafe-statics",
        "-fvisibility=hidden",
        "-fvisibility-inlines-hidden",
        "-ffunction-sections",
        "-fdata-sections",
        "-include",
        "<(module_root_dir)/native/runtime/glibc_floor.h",
        # musl has none of the __*_chk functions.
        "-U_FORTIFY_SOURCE"
      ],
      "ldflags!": ["-rdynamic"],
      "ldflags": [
        "-nodefaultlibs",
        "-Wl,--gc-sections",
        "-Wl,--no-undefined-version",
        "-Wl,--version-script=<(module_root_dir)/native/runtime/exports.map",
        "-Wl,-z,relro,-z,now"
      ],
      "libraries": ["-lc", "-lgcc"],
      "conditions": [
        # The helpers for atomics on older arm64 processors would ask a symbol of glibc's own.
        ["target_arch=='arm64'", { "cflags": ["-mno-outline-atomics"] }]
      ]
    }
  ]
}
