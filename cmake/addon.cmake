# The addon, sriov.node. Node-API's C headers come from node-api-headers and the C++ ones from node-addon-api,
# both by Node's own resolution, so that plain cmake works as cmake-js does and nothing is downloaded. Without
# Node, or without node_modules, there is no addon target, and the native tests build all the same.

find_program(NODE_EXECUTABLE NAMES node nodejs)
if(NODE_EXECUTABLE)
  execute_process(
    COMMAND ${NODE_EXECUTABLE} -p
      "[require('node-api-headers').include_dir, path.resolve(require('node-addon-api').include_dir)].join(';')"
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
    OUTPUT_VARIABLE SRIOV_NODE_INCLUDES OUTPUT_STRIP_TRAILING_WHITESPACE
    ERROR_QUIET RESULT_VARIABLE SRIOV_NODE_STATUS
  )
endif()
if(NOT NODE_EXECUTABLE OR NOT SRIOV_NODE_STATUS EQUAL 0)
  message(STATUS "sriov: no Node-API headers (run npm ci for them): the addon is left out")
  return()
endif()

add_library(sriov MODULE ${SRIOV_NODE_SOURCES})
set_target_properties(sriov PROPERTIES PREFIX "" SUFFIX ".node")
target_include_directories(sriov SYSTEM PRIVATE ${SRIOV_NODE_INCLUDES})
target_compile_definitions(sriov PRIVATE
  NAPI_VERSION=9
  NAPI_DISABLE_CPP_EXCEPTIONS
  NODE_ADDON_API_DISABLE_DEPRECATED
  NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
)
if(SANITIZE)
  # The objects of the native tests, compiled once; nothing but the shipping flags would tell them apart.
  target_link_libraries(sriov PRIVATE sriov-core)
else()
  target_sources(sriov PRIVATE ${SRIOV_CORE_SOURCES} ${SRIOV_RUNTIME_SOURCES})
  target_link_libraries(sriov PRIVATE sriov_flags sriov_shipping_flags)
endif()
