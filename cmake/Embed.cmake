# migbench_embed(HEADER ARRAY FILES...): a header with the array `ARRAY` of {name, text} of some JSON files
# ("plan" for plan.schema.json), made again when one of them changes.
function(migbench_embed header array)
  set(entries "")
  foreach(path ${ARGN})
    cmake_path(GET path FILENAME name)
    string(REGEX REPLACE "\\..*$" "" name "${name}")
    file(READ ${path} text)
    string(APPEND entries "    {\"${name}\", R\"embedded(${text})embedded\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  endforeach()
  list(LENGTH ARGN count)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/${header} @ONLY CONTENT
"// Made by cmake/Embed.cmake.
#pragma once
#include <array>
#include <string_view>
#include <utility>
inline constexpr std::array<std::pair<std::string_view, std::string_view>, @count@> @array@{{
@entries@}};
")
endfunction()
