# One static library a stage, so that a stage builds and is tested without its neighbours.
# ARCHITECTURE.md says what each may include; script/check-layers holds them to it.
set(REDRESS_STAGES base verdict kafka text classify decode recurrence route frontline ingest egress config
    runtime workbench)

set(base_LINKS PkgConfig::XXHASH PkgConfig::YAML Threads::Threads)
set(verdict_LINKS redress_base)
set(kafka_LINKS redress_base PkgConfig::RDKAFKA)
set(text_LINKS redress_base)
set(classify_LINKS redress_verdict redress_text redress_base PkgConfig::PCRE2 PkgConfig::HS)
set(decode_LINKS redress_text redress_base PkgConfig::SIMDJSON)
set(recurrence_LINKS redress_base)
set(route_LINKS redress_base)
set(frontline_LINKS redress_base PkgConfig::RDKAFKA)
set(ingest_LINKS redress_kafka redress_base PkgConfig::RDKAFKA PkgConfig::URING)
set(egress_LINKS redress_verdict redress_kafka redress_base PkgConfig::RDKAFKA PkgConfig::SODIUM)
set(config_LINKS redress_base)
set(runtime_LINKS redress_verdict redress_config redress_ingest redress_decode redress_classify redress_recurrence
    redress_route redress_frontline redress_egress redress_text redress_base
    PkgConfig::MICROHTTPD PkgConfig::RDKAFKA)
set(workbench_LINKS redress_decode redress_classify redress_text redress_base m)

set(REDRESS_BUILT_STAGES "")
foreach(stage ${REDRESS_STAGES})
  file(GLOB_RECURSE stage_sources CONFIGURE_DEPENDS engine/${stage}/*.c engine/${stage}/*.cc)
  if(NOT stage_sources)
    add_library(redress_${stage} INTERFACE)
    continue()
  endif()
  add_library(redress_${stage} STATIC ${stage_sources})
  target_include_directories(redress_${stage} PUBLIC include engine)
  target_link_libraries(redress_${stage} PUBLIC ${${stage}_LINKS})
  list(APPEND REDRESS_BUILT_STAGES redress_${stage})
endforeach()

file(GLOB cli_sources CONFIGURE_DEPENDS engine/cli/*.c)
add_executable(redress engine/main.c ${cli_sources})
target_include_directories(redress PRIVATE include engine)
# Stages refer to the names of verdicts, which verdict/ defines: the group resolves both ways.
target_link_libraries(redress PRIVATE -Wl,--start-group ${REDRESS_BUILT_STAGES} -Wl,--end-group)
set_target_properties(redress PROPERTIES LINKER_LANGUAGE CXX)

# The counts that several programs give of one file are added branch by branch: where they are
# checked (script/check-coverage) no compiler may make two branches of one, or one of none.
if(REDRESS_COVERAGE)
  foreach(target redress_verdict redress_kafka redress_ingest redress_egress redress_runtime redress)
    target_compile_options(${target} PRIVATE -O0)
  endforeach()
endif()
