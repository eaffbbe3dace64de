# Names for parts of a build, so that who wants one need not build the tests.
#
#   product   what is installed and what measures it
#   fuzzers   the libFuzzer targets
get_property(all_targets DIRECTORY PROPERTY BUILDSYSTEM_TARGETS)
set(product_targets ${all_targets})
list(FILTER product_targets EXCLUDE REGEX "^(test|fuzz)_|^redress_test_support$")
add_custom_target(product DEPENDS ${product_targets})

if(REDRESS_FUZZ)
  set(fuzz_targets ${all_targets})
  list(FILTER fuzz_targets INCLUDE REGEX "^fuzz_")
  add_custom_target(fuzzers DEPENDS ${fuzz_targets})
endif()
